import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { openStore } from '#store/open-store.ts'
import { lastRunOf, nodeReportOf, reportRecordOf } from './last-run.ts'

const GOOD = { lastrun: 1_700_000_000, changed_resources: 1, total_resources: 9, total_time: 3 }

test('lastRunOf: what a node lies about its run keeps nobody else’s out of the store', async () => {
  const lies = [
    { lastrun: 1_700_000_000.0005 },
    { lastrun: 1e300 },
    { lastrun: -5 },
    { total_resources: 1e300, failed_resources: 0.5 },
    { total_time: Number.POSITIVE_INFINITY },
    { config_version: { __proto__: null, '\0': '\ud800' } },
  ]
  const runs = [lastRunOf('good', GOOD), ...lies.map((lie, i) => lastRunOf(`bad${i}`, { ...GOOD, ...lie } as never))]
  const store = await openStore({ url: 'sqlite::memory:', clock: systemClock, log: silentLog })
  try {
    await store.reports.add(runs.map((run) => reportRecordOf(run)).filter((record) => record !== undefined))
    assert.equal((await store.reports.list('good', {})).length, 1)
    for (const { node } of runs) for (const { atMs } of await store.reports.list(node, {})) new Date(atMs).toISOString()
  } finally {
    await store.close()
  }
})

test('lastRunOf: a time that cannot be is none', () => {
  assert.deepEqual(
    [1e300, -5, 0, 'x'].map((lastrun) => lastRunOf('a', { ...GOOD, lastrun }).outcome),
    Array(4).fill('never'),
  )
  const { logs } = nodeReportOf(lastRunOf('a', GOOD), { logs: [{ level: 'err', msg: 'x', time: 1e300 }] })
  assert.deepEqual(logs, [{ level: 'err', message: 'x' }])
})
