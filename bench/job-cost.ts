// What a job costs the console besides the call itself: the job engine and the store, given the replies of a fleet as a client would give them.
// `node bench/job-cost.ts [nodes] [turns] [sqlite:/path]`. Not part of `npm run bench`: console.ts measures the whole.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { CallReply, CallSummary, Client } from '#client/api.ts'
import { createJobEngine } from '#console/jobs/job-engine.ts'
import { groupOf, latencySteps } from '#console/jobs/job-view.ts'
import { openPluginShelf } from '#main/plugin-files.ts'
import { openStore } from '#store/open-store.ts'
import { LIBDIR } from '../tests/conformance/mco-in-memory.ts'
import { spreadOf } from './statistics.ts'

const [count = '10000', turns = '10', url] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'troupe-job-cost-'))
const store = await openStore({ url: url || `sqlite:${folder}/console.db`, clock: systemClock, log: silentLog })
const nodes = Array.from({ length: Number(count) }, (_, index) => `node${String(index).padStart(5, '0')}.example.com`)
/** Replies that come in with one turn of the event loop, in no order. */
const AT_ONCE = 200
const order = nodes.map((_, index) => (index * 7919) % nodes.length)

const known = new Set(nodes)
const engine = createJobEngine({
  ...{ store, clock: systemClock, log: silentLog, collective: 'mcollective', discoveryTimeoutSeconds: 2 },
  plugins: openPluginShelf([LIBDIR], '3.0.0'),
  events: { publish: () => {} } as never,
  audit: async () => {},
  isNode: (word) => known.has(word),
  clientOf: async () => client,
})

const answers: Record<string, (index: number) => object> = {
  'rpcutil ping': () => ({ pong: Math.floor(Date.now() / 1000) }),
  'puppet status': (index) => {
    const since = 120 + ((index * 97) % 1700)
    const now = Math.floor(Date.now() / 1000)
    return {
      ...{ applying: false, daemon_present: false, enabled: true, idling: false, status: 'stopped' },
      ...{ disable_message: '', lastrun: now - since, since_lastrun: since },
      message: `Currently stopped; last completed run ${Math.floor(since / 60)} minutes ${since % 60} seconds ago`,
    }
  },
  'rpcutil inventory': (index) => ({
    ...{ agents: ['discovery', 'package', 'puppet', 'rpcutil', 'service'], main_collective: 'mcollective' },
    ...{
      classes: ['base', 'ssh', `role${index % 7}`],
      version: '3.0.0',
      data_plugins: [],
      collectives: ['mcollective'],
    },
    facts: {
      ...{ fqdn: nodes[index], ipaddress: `10.0.${index >> 8}.${index & 255}`, uptime_seconds: String(index * 37) },
      ...Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`fact${at}`, `value ${at % 3 === 0 ? index : at}`])),
    },
  }),
}

/** Gives the replies without a bus. */
const client = {
  agent: (agent: string) => ({
    call(action: string, _inputs: object, options: { onGroup(nodes: readonly string[]): Promise<void> }) {
      const answer = answers[`${agent} ${action}`]!
      const { promise: summary, resolve } = Promise.withResolvers<CallSummary>()
      return {
        summary,
        stop() {},
        async *[Symbol.asyncIterator](): AsyncGenerator<CallReply> {
          await options.onGroup(nodes)
          for (let i = 0; i < nodes.length; i++) {
            if (i % AT_ONCE === 0) await new Promise(setImmediate)
            const common = {
              sender: nodes[i]!,
              outcome: 'ok',
              statusCode: 0,
              statusMessage: 'OK',
              expected: true,
            } as const
            yield { ...common, data: answer(order[i]!), elapsedMs: 100 + i / 10 } as CallReply
          }
          resolve({ noResponse: [], notAddressed: [], interrupted: false, rejected: 0 } as unknown as CallSummary)
        },
      }
    },
  }),
} as unknown as Client

const caller = { account: 'alice', role: 'operator' } as never
for (const call of process.argv[5]?.split(',') ?? Object.keys(answers)) {
  const [agent, action] = call.split(' ') as [string, string]
  const [cpu, wall, reading]: number[][] = [[], [], []]
  for (let turn = -2; turn < Number(turns); turn++) {
    const before = process.cpuUsage()
    const startedAt = performance.now()
    const { id } = await engine.start(caller, { kind: 'call', agent, action, inputs: {}, nodes } as never)
    await engine.ended(id)
    const endedAt = performance.now()
    const [found, elapsed] = await Promise.all([store.jobs.groups(id, { normalised: false }), store.jobs.elapsed(id)])
    JSON.stringify([found.groups.map(groupOf), latencySteps(elapsed)])
    const { user, system } = process.cpuUsage(before)
    if (turn < 0) continue
    cpu!.push((user + system) / 1000)
    wall!.push(performance.now() - startedAt)
    reading!.push(performance.now() - endedAt)
    const { counts } = await engine.get(id)
    if (counts.ok !== nodes.length) throw new Error(`${counts.ok} of ${nodes.length} are ok`)
  }
  const text = (list: number[]): string =>
    `${spreadOf(list).p50.toFixed(0)} (${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)})`
  process.stdout.write(
    `${call.padEnd(18)} CPU ${text(cpu!)} ms, wall ${text(wall!)} ms, of that groups ${text(reading!)} ms\n`,
  )
}
await engine.close()
await store.close()
rmSync(folder, { recursive: true })
