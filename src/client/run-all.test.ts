import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallReply } from './api.ts'
import { type RunAllParts, type RunAllResult, runAll } from './run-all.ts'
import type { HostStatus } from './run-slots.ts'

const TAKEN = { statusCode: 0 } as CallReply

/** Hosts whose runs last so many seconds of a clock that only pauses move; Infinity: for ever. */
function fleet(seconds: Readonly<Record<string, number>>, failing: readonly string[] = []) {
  let nowMs = 1_000_000
  let running = 0
  let most = 0
  let abandonedAtMs = Number.POSITIVE_INFINITY
  const endsAtMs = new Map<string, number>()
  const isOver = (host: string): boolean => (endsAtMs.get(host) ?? Number.POSITIVE_INFINITY) <= nowMs
  const statusOf = (host: string): HostStatus => {
    const isRunning = endsAtMs.has(host) && !isOver(host)
    return { running: isRunning, starting: false, lastRunAt: isOver(host) ? (endsAtMs.get(host) ?? 0) / 1000 : 1 }
  }
  const said: string[] = []
  const hosts = Object.keys(seconds)
  const statuses = (of: readonly string[]) => new Map(of.map((host) => [host, statusOf(host)]))
  const parts: RunAllParts = {
    ...{ hosts, concurrency: 2, known: statuses(hosts), failuresMax: Number.POSITIVE_INFINITY },
    rhythm: { afterStartMs: 0, whileFullMs: 1_000 },
    status: async (of) => statuses(of),
    async start(host) {
      endsAtMs.set(host, nowMs + (seconds[host] ?? 0) * 1000)
      running = [...endsAtMs.keys()].filter((one) => !isOver(one)).length
      most = Math.max(most, running)
      return TAKEN
    },
    async pause(ms) {
      nowMs += ms
    },
    stopped: () => nowMs >= abandonedAtMs,
    says: { started() {}, givenUp: ({ host, why }) => void said.push(`${host} ${why}`) },
    ends: {
      ended: async (of) => {
        said.push(`ended ${of.join(' ')}`)
        return of.filter((host) => failing.includes(host))
      },
      ...{ limitMs: 60_000, now: () => nowMs, abandoned: () => nowMs >= abandonedAtMs },
    },
  }
  const stopAfter = (ms: number): void => {
    abandonedAtMs = nowMs + ms
  }
  return { parts, said, stopAfter, most: () => most, run: (): Promise<RunAllResult> => runAll(parts) }
}

test('runAll with ends: tells each end once, the last ones too, and never runs more than so many', async () => {
  const { run, said, most } = fleet({ a: 5, b: 9, c: 3, d: 20 })
  const { failed, left, unseen, initiated } = await run()
  assert.deepEqual(said, ['ended a', 'ended c', 'ended b', 'ended d'])
  assert.deepEqual([failed, left, unseen, initiated], [[], [], [], ['a', 'b', 'c', 'd']])
  assert.equal(most(), 2)
})

test('runAll with ends: runs that failed count as failures', async () => {
  const { parts, said } = fleet({ a: 5, b: 5, c: 5, d: 5 }, ['a', 'b'])
  const { failed, left } = await runAll({ ...parts, concurrency: 1, failuresMax: 2 })
  assert.deepEqual(
    [failed, left],
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  )
  assert.deepEqual(said, ['ended a', 'ended b'])
})

test('runAll with ends: a run that lasts too long is given up, keeps its place, and blocks the rest no longer than that', async () => {
  const { run, said } = fleet({ a: Number.POSITIVE_INFINITY, b: Number.POSITIVE_INFINITY, c: 5 })
  const { failed, left } = await run()
  assert.deepEqual(said, ['a long', 'b long'])
  assert.deepEqual([failed, left], [['a', 'b'], ['c']])
})

test('runAll with ends: who is no longer waited for is named', async () => {
  const { run, said, stopAfter } = fleet({ a: 5, b: 50, c: 50 })
  stopAfter(10_000)
  const { unseen, left } = await run()
  assert.deepEqual(said, ['ended a'])
  assert.deepEqual([unseen, left], [['b', 'c'], []])
})

test('runAll of many hosts asks all of them now and then; those that run and the next one always', async () => {
  const { parts, most } = fleet(Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`host${i}`, 2])))
  const { ends: _ends, ...rest } = parts
  const asked: number[] = []
  const status: RunAllParts['status'] = (of) => {
    asked.push(of.length)
    return parts.status(of)
  }
  const { initiated } = await runAll({ ...rest, status })
  assert.deepEqual([initiated.length, most()], [250, 2])
  // Two run and a third is next; after a round in which both have ended, one runs.
  assert.deepEqual(asked.slice(0, 7), [2, 3, 250, 3, 2, 250, 3])
})

test('runAll: a hundred hosts are all asked in every round, one more in every other', async () => {
  for (const [count, whole] of [
    [100, 1],
    [101, 2],
    [1000, 10],
  ] as const) {
    const { parts } = fleet(Object.fromEntries(Array.from({ length: count }, (_, i) => [`host${i}`, 2])))
    const { ends: _ends, ...rest } = parts
    const rounds: boolean[] = []
    const status: RunAllParts['status'] = (of) => {
      rounds.push(of.length === count)
      return parts.status(of)
    }
    await runAll({ ...rest, status, stopped: () => rounds.length >= 40 })
    assert.deepEqual(
      rounds,
      rounds.map((_, index) => (index + 1) % whole === 0),
    )
  }
})

test('runAll of many hosts: a host that runs by itself is counted from the round that asks all', async () => {
  const { parts } = fleet(
    Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`host${i}`, Number.POSITIVE_INFINITY])),
  )
  const { ends: _ends, ...rest } = parts
  const itself = { running: true, starting: false, lastRunAt: 1 }
  let rounds = 0
  const status: RunAllParts['status'] = async (of) => {
    rounds += 1
    const found = new Map(await parts.status(of))
    for (const host of ['host148', 'host149']) if (of.includes(host)) found.set(host, itself)
    return found
  }
  const { initiated } = await runAll({ ...rest, concurrency: 4, status, stopped: () => rounds >= 20 })
  // The first round asks those that run and the next, the second all: two have begun by then, and two run by themselves.
  assert.deepEqual(initiated, ['host0', 'host1'])
})

test('runAll without ends: ends with the last start', async () => {
  const { parts, said } = fleet({ a: 5, b: 5 })
  const { ends: _ends, ...rest } = parts
  const { unseen, initiated } = await runAll(rest)
  assert.deepEqual([unseen, initiated, said], [[], ['a', 'b'], []])
})
