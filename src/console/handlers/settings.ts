// The console's own settings, which administrators change while it runs. [M-081]

import { ConsoleSettings } from '../api/fleet.ts'
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
      answer: ConsoleSettings,
      handle: async () => parts.settings.get(),
    }),
    route({
      ...{ method: 'PUT', path: '/api/settings', role: 'administrator', tag },
      summary: 'Change the console’s settings',
      body: ConsoleSettings,
      answer: ConsoleSettings,
      async handle({ caller, body }) {
        const before = parts.settings.get()
        await parts.settings.set(body)
        await parts.audit(caller, 'setting-changed', { before, after: body })
        // Pages learn from their session whether Live Management is on.
        parts.events.publish({ type: 'session', state: 'changed' })
        return parts.settings.get()
      },
    }),
  ]
}
