// The console's own settings, which administrators change while it runs. [M-081]

import { RevisedSettings } from '../api/fleet.ts'
import type { ConsoleParts, SettingsShelf } from '../parts.ts'
import { type Route, route } from '../route.ts'

export function settingsRoutes(parts: {
  readonly settings: SettingsShelf
  readonly events: ConsoleParts['events']
  readonly audit: ConsoleParts['audit']
}): readonly Route[] {
  const tag = 'settings'
  return [
    route({
      ...{ method: 'GET', path: '/api/settings', role: 'viewer', tag },
      summary: 'The console’s settings',
      answer: RevisedSettings,
      handle: async () => parts.settings.get(),
    }),
    route({
      ...{ method: 'PUT', path: '/api/settings', role: 'administrator', tag },
      summary: 'Change the console’s settings, unless somebody else has since they were read',
      body: RevisedSettings,
      answer: RevisedSettings,
      async handle({ caller, body }) {
        const before = await parts.settings.set(body)
        const after = parts.settings.get()
        await parts.audit(caller, 'setting-changed', { before, after })
        // Pages learn from their session whether Live Management is on.
        parts.events.publish({ type: 'session', state: 'changed' })
        return after
      },
    }),
  ]
}
