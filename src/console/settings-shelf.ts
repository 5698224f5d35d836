// The console's own settings: kept in the store, the last read at hand. Several consoles may share a store, so they are read again by and by.

import type { Store } from '#store/store.ts'
import { ConsoleSettings } from './api/fleet.ts'
import type { SettingsShelf } from './parts.ts'
import { schemaCheck } from './schema-check.ts'

const KEY = 'console'

export const DEFAULT_SETTINGS: ConsoleSettings = {
  liveManagement: true,
  resourceTypes: ['group', 'host', 'package', 'service', 'user'],
  retentionDays: { jobs: 90, audit: 400, reports: 90 },
}

export interface RefreshedSettings extends SettingsShelf {
  /** Reads them again. */
  refresh(): Promise<void>
}

const check = schemaCheck(ConsoleSettings, 'body')

/** `defaults` hold until an administrator changes something. */
export async function openSettingsShelf(
  store: Pick<Store, 'settings'>,
  defaults: ConsoleSettings = DEFAULT_SETTINGS,
): Promise<RefreshedSettings> {
  let current = defaults
  const read = async (): Promise<void> => {
    const kept = await store.settings.get(KEY)
    const whole = typeof kept === 'object' && kept !== null ? { ...defaults, ...kept } : defaults
    // Of another version, perhaps.
    current = check(whole).error ? defaults : whole
  }
  await read()
  return {
    get: () => current,
    async set(settings) {
      await store.settings.set(KEY, settings)
      current = settings
    },
    refresh: read,
  }
}
