import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { PUPPET_WAIT_SILENT_ROUNDS_MAX } from '#base/limits.ts'
import type { Values } from '#message/request.ts'
import type { HostStatus } from './run-slots.ts'
import { NOT_WAITED, type RunWaitParts, waitForRuns } from './run-wait.ts'

const IDLE: HostStatus = { running: false, starting: false, lastRunAt: 0 }
const BUSY: HostStatus = { running: true, starting: false, lastRunAt: 0 }

/** One host, `web`, that was started at 100; `round` tells how it is each time it is asked. */
function one(
  round: (n: number) => HostStatus | string | undefined,
  report: Values | string | undefined,
  over: Partial<RunWaitParts> = {},
) {
  const clock = new ManualClock()
  let rounds = 0
  const asked: string[] = []
  const mapOf = <T>(value: T | undefined): Map<string, T> => new Map(value === undefined ? [] : [['web', value]])
  const parts: RunWaitParts = {
    runs: new Map([['web', 100]]),
    status: async () => mapOf(round(++rounds)),
    async reports(hosts) {
      asked.push(...hosts)
      return mapOf(report)
    },
    pause: async (ms) => clock.advance(ms),
    now: () => clock.now(),
    limitMs: 60_000,
    stopped: () => false,
    says: { ended: () => {} },
    ...over,
  }
  return { parts, asked, rounds: () => rounds }
}

test('waitForRuns: asks for the report once the run is over, and takes it', async () => {
  const { parts, asked } = one((n) => (n < 4 ? BUSY : IDLE), { time: 100 })
  assert.deepEqual(await waitForRuns(parts), [{ host: 'web', report: { time: 100 } }])
  assert.deepEqual(asked, ['web'])
})

test('waitForRuns: a report of an earlier run does not count, one that does not say when it began does', async () => {
  assert.deepEqual(await waitForRuns(one(() => IDLE, { time: 99 }).parts), [
    { host: 'web', why: 'no report of this run' },
  ])
  const refused = await waitForRuns(one(() => IDLE, 'There is no report').parts)
  assert.deepEqual(refused, [{ host: 'web', why: 'no report of this run: There is no report' }])
  assert.deepEqual(await waitForRuns(one(() => IDLE, { time: 0 }).parts), [{ host: 'web', report: { time: 0 } }])
})

test('waitForRuns: a node that was silent for a while is waited for, one that stays silent is given up', async () => {
  const back = one((n) => (n < PUPPET_WAIT_SILENT_ROUNDS_MAX ? undefined : IDLE), { time: 101 })
  assert.ok('report' in (await waitForRuns(back.parts))[0]!)
  const gone = one(() => undefined, undefined)
  assert.deepEqual(await waitForRuns(gone.parts), [{ host: 'web', why: 'does not answer any more' }])
  assert.equal(gone.rounds(), PUPPET_WAIT_SILENT_ROUNDS_MAX)
  assert.deepEqual(await waitForRuns(one(() => 'You may not', undefined).parts), [{ host: 'web', why: 'You may not' }])
})

test('waitForRuns: ends at the limit, and when nobody waits any longer', async () => {
  assert.deepEqual(await waitForRuns(one(() => BUSY, undefined).parts), [
    { host: 'web', why: 'still running after 60 s' },
  ])
  const left = one(() => BUSY, undefined, { stopped: () => true })
  assert.deepEqual(await waitForRuns(left.parts), [{ host: 'web', why: NOT_WAITED }])
  assert.equal(left.rounds(), 0)
})
