import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { silentLog } from '#base/log.ts'
import { openStore } from '#store/open-store.ts'
import type { Store } from '#store/store.ts'
import { DEFAULT_SETTINGS, openSettingsShelf } from './settings-shelf.ts'

async function withStore(act: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore({ url: 'sqlite::memory:', clock: new ManualClock(), log: silentLog })
  try {
    await act(store)
  } finally {
    await store.close()
  }
}

const isConflict = (error: unknown): boolean => isTroupeError(error, 'CONSOLE_CONFLICT')

describe('openSettingsShelf', () => {
  test('set: of two at the same moment that have read the same one is saved, the other is told and nothing of it is kept', () =>
    withStore(async (store) => {
      const shelf = await openSettingsShelf(store)
      const read = shelf.get()
      const saves = [7, 8].map((jobs) => shelf.set({ ...read, retentionDays: { ...read.retentionDays, jobs } }))
      const [one, two] = await Promise.allSettled(saves)
      assert.deepEqual([one?.status, two?.status], ['fulfilled', 'rejected'])
      assert.ok(two?.status === 'rejected' && isConflict(two.reason))
      assert.deepEqual([shelf.get().retentionDays.jobs, shelf.get().revision], [7, 1])
    }))

  test('set: two consoles of one store do not overwrite each other; who came late can read what the other saved', () =>
    withStore(async (store) => {
      const [here, there] = [await openSettingsShelf(store), await openSettingsShelf(store)]
      const read = there.get()
      assert.equal((await here.set({ ...here.get(), liveManagement: false })).liveManagement, true)
      await assert.rejects(there.set({ ...read, resourceTypes: ['cron'] }), isConflict)
      assert.deepEqual([there.get().liveManagement, there.get().resourceTypes], [false, DEFAULT_SETTINGS.resourceTypes])
      await there.set({ ...there.get(), resourceTypes: ['cron'] })
      // With what it would have read, had it been asked: it has not heard of the other's change by itself.
      const before = await here.set({ ...there.get(), liveManagement: true })
      assert.deepEqual([before.resourceTypes, here.get().resourceTypes], [['cron'], ['cron']])
    }))

  test('what another version kept and this one cannot read gives the defaults, and can be written over', () =>
    withStore(async (store) => {
      await store.settings.set('console', { liveManagement: 'perhaps' })
      const shelf = await openSettingsShelf(store)
      assert.deepEqual(shelf.get(), { ...DEFAULT_SETTINGS, revision: 1 })
      await shelf.set({ ...shelf.get(), liveManagement: false })
      await shelf.refresh()
      assert.deepEqual(shelf.get(), { ...DEFAULT_SETTINGS, liveManagement: false, revision: 2 })
    }))
})
