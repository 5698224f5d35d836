import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { PUPPET_ROUND_NODES_AT_ONCE_MAX, REPORTS_FETCHED_AT_ONCE_MAX } from '#base/limits.ts'
import { silentLog } from '#base/log.ts'
import type { Values } from '#message/request.ts'
import type { ReportRecord } from '#store/fleet-records.ts'
import type { LastRun } from '../api/puppet.ts'
import { createRunWatch, type RunWatchParts } from './run-watch.ts'

const RUN_AT = 1_795_000_000
const HOUR = 3_600_000

interface Asked {
  readonly action: string
  readonly nodes: readonly string[]
  readonly options: Values
}

/** Nodes that tell these summaries of their last runs; `states` of those that are not online. */
function fleet(summaries: Readonly<Record<string, Values>>, states: Readonly<Record<string, string>> = {}) {
  const clock = new ManualClock()
  const asked: Asked[] = []
  const kept: ReportRecord[][] = []
  const lastRuns = new Map<string, LastRun>()
  let connected = true
  let isWanted = true
  const call = (action: string, _inputs: Values, { nodes, ...options }: Values & { nodes: readonly string[] }) => {
    asked.push({ action, nodes, options })
    return {
      summary: Promise.resolve({}),
      async *[Symbol.asyncIterator]() {
        const answers = nodes.filter((node) => states[node] !== 'silent')
        for (const sender of answers)
          yield { sender, expected: true, statusCode: 0, data: action === 'status' ? {} : summaries[sender] }
      },
    }
  }
  const parts = {
    ...{ clock, log: silentLog, collective: 'mcollective', intervalSeconds: 3600 },
    store: {
      reports: {
        async add(records: readonly ReportRecord[]) {
          kept.push([...records])
        },
      },
    },
    nodes: {
      known: () =>
        Object.keys(summaries).map((name) => ({ row: { name, state: states[name] ?? 'online' }, facts: {} })),
      lastRun: (name: string) => lastRuns.get(name),
      puppet: (name: string, { lastRun }: { lastRun?: LastRun }) => void (lastRun && lastRuns.set(name, lastRun)),
    },
    ownClient: async () => ({ agent: () => ({ call }) }),
    bus: () => ({ connected }),
    wanted: () => isWanted,
  }
  return {
    watch: createRunWatch(parts as unknown as RunWatchParts),
    ...{ clock, asked, kept, summaries },
    connect(is: boolean) {
      connected = is
    },
    want(is: boolean) {
      isWanted = is
    },
  }
}

const run = (changed: number, failed = 0, lastrun = RUN_AT): Values => ({
  ...{ lastrun, total_resources: 9, changed_resources: changed, failed_resources: failed },
})
const many = (count: number, name: string, summary: Values): Record<string, Values> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, summary]))
/** What was begun by a timer comes to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const actions = (asked: readonly Asked[]): string[] => asked.map(({ action }) => action)

describe('createRunWatch', () => {
  test('round: asks in groups, those that were silent last, and not those that are lost', async () => {
    const { watch, asked } = fleet(
      { mute: run(0), a: run(0), gone: run(0), b: run(0) },
      { mute: 'silent', gone: 'lost' },
    )
    await watch.round()
    assert.deepEqual(
      asked.map(({ action, nodes }) => [action, nodes]),
      [
        ['status', ['a', 'b', 'mute']],
        ['last_run_summary', ['a', 'b', 'mute']],
      ],
    )
    const groups = { collective: 'mcollective', batch: PUPPET_ROUND_NODES_AT_ONCE_MAX, batchSleepSeconds: 0 }
    assert.deepEqual(asked[0]?.options, groups)
    await watch.close()
  })

  test('round: fetches reports of runs that are new and changed or failed something, failures first, not of all at once', async () => {
    const summaries = { ...many(REPORTS_FETCHED_AT_ONCE_MAX, 'changed', run(1)), calm: run(0), broken: run(0, 2) }
    const { watch, asked } = fleet(summaries)
    await watch.round()
    const reports = asked.at(-1)
    assert.equal(reports?.action, 'last_run_report')
    assert.equal(reports?.nodes.length, REPORTS_FETCHED_AT_ONCE_MAX)
    assert.deepEqual([reports?.nodes[0], reports?.nodes.includes('calm')], ['broken', false])
    asked.length = 0
    await watch.round()
    assert.deepEqual(actions(asked), ['status', 'last_run_summary'])
    await watch.close()
  })

  test('round: what was heard is written together, and again with its reports', async () => {
    const { watch, kept } = fleet({ a: run(1), b: run(0), never: {} })
    await watch.round()
    assert.deepEqual(
      kept.map((records) => records.map(({ node, report }) => [node, report !== undefined])),
      [
        [
          ['a', false],
          ['b', false],
        ],
        [['a', true]],
      ],
    )
    await watch.close()
  })

  test('round: two at a time are one, and the next begins by itself an interval after the last', async () => {
    const { watch, asked, clock } = fleet({ a: run(0) })
    await Promise.all([watch.round(), watch.round()])
    assert.deepEqual(actions(asked), ['status', 'last_run_summary'])
    clock.advance(HOUR - 1)
    await settled()
    assert.equal(asked.length, 2)
    // With what chance adds, so that many consoles do not ask together.
    clock.advance(HOUR / 4)
    await settled()
    assert.equal(asked.length, 4)
    await watch.close()
    clock.advance(2 * HOUR)
    await settled()
    assert.equal(asked.length, 4)
  })

  test('round: without a broker nobody is asked, and soon it is looked whether it is back', async () => {
    const { watch, asked, clock, connect } = fleet({ a: run(0) })
    connect(false)
    await watch.round()
    assert.deepEqual([asked.length, watch.runs().asOfMs], [0, undefined])
    connect(true)
    clock.advance(15_000)
    await settled()
    assert.deepEqual(actions(asked), ['status', 'last_run_summary'])
    await watch.close()
  })

  test('round: while Live Management is off nobody is asked', async () => {
    const { watch, asked, want } = fleet({ a: run(0) })
    want(false)
    await watch.round()
    assert.equal(asked.length, 0)
    await watch.close()
  })

  test('heard: nodes that were told to run are asked once, together, when the last has had its time', async () => {
    const { watch, asked, clock } = fleet(many(3, 'node', run(0)))
    const runonce = { agent: 'puppet', action: 'runonce' }
    watch.heard({ node: 'node0', outcome: 'ok', data: {} } as never, runonce)
    clock.advance(60_000)
    watch.heard({ node: 'node1', outcome: 'ok', data: {} } as never, runonce)
    watch.heard({ node: 'node2', outcome: 'failed', data: {} } as never, runonce)
    clock.advance(60_000)
    await settled()
    assert.equal(asked.length, 0)
    clock.advance(30_000)
    await settled()
    assert.deepEqual(asked[0]?.nodes, ['node0', 'node1'])
    // One whose end a job has seen is asked at once.
    watch.heard({ node: 'node2', outcome: 'failed', data: { lastrun: RUN_AT } } as never, runonce)
    clock.advance(500)
    await settled()
    assert.deepEqual(asked.at(-1)?.nodes, ['node2'])
    await watch.close()
  })
})
