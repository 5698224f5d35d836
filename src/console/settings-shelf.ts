// The console's own settings: kept in the store, the last read at hand. Several consoles may share a store, so they are read again by and by, and written only
// over what was read.

import { TroupeError } from '#base/errors.ts'
import type { Store } from '#store/store.ts'
import { ConsoleSettings, type RevisedSettings } from './api/fleet.ts'
import type { SettingsShelf } from './parts.ts'
import { schemaCheck } from './schema-check.ts'
import { createTurns } from './turns.ts'

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
  let current: RevisedSettings = { ...defaults, revision: 0 }
  const read = async (): Promise<void> => {
    const kept = await store.settings.get(KEY)
    const whole = typeof kept?.value === 'object' && kept.value !== null ? { ...defaults, ...kept.value } : defaults
    // Of another version, perhaps.
    current = { ...(check(whole).error ? defaults : (whole as ConsoleSettings)), revision: kept?.revision ?? 0 }
  }
  await read()
  /** One after the other: what is read is never older than what was written. */
  const inTurn = createTurns(1)
  return {
    get: () => current,
    set: ({ revision: after, ...settings }) =>
      inTurn(async () => {
        // Another console may have written what this one has not read yet.
        if (after !== current.revision) await read()
        const before = current
        const revision = after === before.revision ? await store.settings.set(KEY, settings, after) : undefined
        if (revision === undefined) {
          await read()
          throw new TroupeError(
            'CONSOLE_CONFLICT',
            'cannot save the settings: somebody else has changed them since they were read; read them again',
          )
        }
        current = { ...settings, revision }
        return before
      }),
    refresh: () => inTurn(read),
  }
}
