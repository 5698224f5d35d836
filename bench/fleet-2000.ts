// 2,000 nodes, the embedded broker and a client on this machine: full round trips of rpcutil.ping to all of them. [issue: speed]

import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TimedCall } from './calling-client.ts'
import { makeCollectiveDirectory } from './collective-directory.ts'
import type { StartNodes } from './emulated-nodes.ts'
import { type BenchContext, type Profiled, type Result, row } from './measurement.ts'
import { cpuMsOf, memoryOf } from './process-memory.ts'
import { topOfProfile } from './profile-summary.ts'
import { type Program, profilesOf, startBenchProgram, startService } from './program.ts'

const PROCESSES = 2
const CONNECT_AT_ONCE = 40
const PROFILE_ENTRIES = 12

export interface LargeFleet {
  readonly broker: Program
  readonly nodes: readonly Program[]
  readonly client: Program
  /** How long it took until all nodes had subscribed, milliseconds. */
  readonly startMs: number
  /** Kills the broker and starts another in its place. */
  restartBroker(): Promise<void>
  stop(): Promise<void>
}

/** Broker, nodes and a connected client; every node is on the roster. */
export async function startLargeFleet(count: number, context: BenchContext): Promise<LargeFleet> {
  const { say, profileDirectory } = context
  const state = await makeCollectiveDirectory(0)
  const programs: Program[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(programs.slice(1).map((program) => program.kill()))
    await programs[0]?.stop()
    state.remove()
  }
  const startBroker = (): Promise<Program> =>
    startService('troupe-broker', ['--config', state.brokerConfig], state.brokerLogFile, { profileDirectory })
  try {
    const broker = await startBroker()
    programs.push(broker)
    const nodes = Array.from({ length: PROCESSES }, () => startBenchProgram('emulated-nodes', { profileDirectory }))
    programs.push(...nodes)
    // The keeper is a daemon as operators run it; it comes first, because it learns of nodes when they register.
    const keeper = state.nodes[0]!
    programs.push(await startService('mcollectived', ['--no-daemonize', '--config', keeper.config], keeper.logFile))
    const startedAt = performance.now()
    const each = count / PROCESSES
    await Promise.all(
      nodes.map((program, i) => {
        const [first, last] = [Math.max(2, i * each + 1), (i + 1) * each]
        return program.ask('start', {
          ...{ config: keeper.config, first, count: last - first + 1, atOnce: CONNECT_AT_ONCE },
        } satisfies StartNodes)
      }),
    )
    const startMs = performance.now() - startedAt
    say(`${count} nodes are connected after ${Math.round(startMs)} ms`)
    const client = startBenchProgram('calling-client', { profileDirectory })
    programs.push(client)
    await client.ask('connect', { config: state.clientConfig })
    for (let i = 0; ; i++) {
      const { size, complete } = await client.ask<{ size: number; complete: boolean }>('roster')
      if (size === count && complete) break
      if (i > 60) throw new Error(`bench: the roster has ${size} of ${count} nodes`)
      await sleep(1000)
    }
    say('all are on the roster')
    return {
      ...{ broker, nodes, client, startMs, stop },
      async restartBroker() {
        await programs[0]!.kill()
        programs[0] = await startBroker()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

export async function measure(context: BenchContext): Promise<Result> {
  const count = context.quick ? 200 : 2000
  const runs = context.quick ? 10 : 100
  const fleet = await startLargeFleet(count, context)
  const { broker, nodes, client } = fleet
  const programs = [broker, ...nodes, client]
  try {
    await client.ask('call', { runs: 5 })
    context.say('warmed up')
    const cpuBefore = programs.map(({ pid }) => cpuMsOf(pid))
    const startedAt = performance.now()
    const calls: TimedCall[] = []
    for (let done = 0; done < runs; done += 10) {
      calls.push(...(await client.ask<TimedCall[]>('call', { runs: 10 })))
      for (const incomplete of calls.slice(done).filter((call) => !isComplete(call, count)))
        context.say(describe(incomplete))
      context.say(`${calls.length} calls, the last took ${calls.at(-1)!.ms.toFixed(0)} ms`)
    }
    const wallMs = performance.now() - startedAt
    const cpuMs = programs.map(({ pid }, i) => (cpuMsOf(pid) - cpuBefore[i]!) / runs)
    const complete = calls.filter((call) => isComplete(call, count)).length
    const profiles = await profile(fleet, context)
    const names = ['broker', ...nodes.map((_, i) => `nodes ${i + 1}`), 'client']
    return {
      rows: [
        row(
          `rpcutil ping, all ${count} nodes, round trip`,
          'ms',
          calls.map(({ ms }) => ms),
          {
            ...{ atMost: 750, at: 'p99', complete: `${complete} of ${runs}` },
          },
        ),
        ...names.map((name, i) => row(`CPU time of ${name} per call`, 'ms', [cpuMs[i]!])),
        row('CPU time of all per call', 'ms', [cpuMs.reduce((sum, ms) => sum + ms, 0)], {
          note: `${((cpuMs.reduce((sum, ms) => sum + ms, 0) * runs) / wallMs).toFixed(2)} cores busy`,
        }),
        row(`${count} nodes connect and subscribe`, 'ms', [fleet.startMs]),
        row('broker RSS after all calls', 'MB', [memoryOf(broker.pid).rssKb / 1024]),
      ],
      ...(profiles ? { profiles } : {}),
    }
  } finally {
    await fleet.stop()
  }
}

function isComplete({ replies, summary }: TimedCall, count: number): boolean {
  return replies === count && summary.ok === count && summary.targeted === count
}

function describe({ ms, summary }: TimedCall): string {
  const { discovery, targeted, ok, noResponse, discoveryMs } = summary
  const silent = `${noResponse.length} did not respond`
  return `incomplete after ${Math.round(ms)} ms: ${ok} of ${targeted} by ${discovery} (${Math.round(discoveryMs)} ms), ${silent}`
}

/** Further calls, with every program recording. */
async function profile(fleet: LargeFleet, context: BenchContext): Promise<Profiled[] | undefined> {
  const { profileDirectory } = context
  if (profileDirectory === undefined) return undefined
  mkdirSync(profileDirectory, { recursive: true })
  const programs = [fleet.broker, ...fleet.nodes, fleet.client]
  for (const program of programs) program.toggleProfile()
  await fleet.client.ask('call', { runs: 20 })
  for (const program of programs) program.toggleProfile()
  const files = await profilesOf(profileDirectory, programs)
  return programs.map((program, i) => ({ program: program.name, ...topOfProfile(files[i]!, PROFILE_ENTRIES) }))
}
