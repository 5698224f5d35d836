// A broker, 10,000 emulated nodes, the web console and a client of the library, each in a process of its own.

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeList } from '#console/api/nodes.ts'
import type { LastRuns } from '#console/api/puppet.ts'
import { makeCollectiveDirectory } from './collective-directory.ts'
import { type ConsoleAccess, openAccess } from './console-access.ts'
import type { StartCrowd } from './crowd.ts'
import type { BenchContext } from './measurement.ts'
import { type Program, startBenchProgram, startService } from './program.ts'

const CROWDS = 2
const LISTED_WITHIN_SECONDS = 180

export interface ConsoleFleet {
  readonly console: Program
  readonly broker: Program
  readonly client: Program
  readonly access: ConsoleAccess
  /** Every node, as the console lists them. */
  readonly names: readonly string[]
  /** When the last reply left a node, milliseconds since 1970. */
  lastReplyAtMs(): Promise<number>
  stop(): Promise<void>
}

export async function startConsoleFleet(count: number, { say, profileDirectory }: BenchContext): Promise<ConsoleFleet> {
  const state = await makeCollectiveDirectory(0)
  const programs: Program[] = []
  const closing: (() => void)[] = []
  const stop = async (): Promise<void> => {
    for (const close of closing) close()
    await Promise.all(programs.slice(1).map((program) => program.kill()))
    await programs[0]?.stop()
    state.remove()
  }
  try {
    const broker = await startService('troupe-broker', ['--config', state.brokerConfig], state.brokerLogFile, {
      profileDirectory,
    })
    programs.push(broker)
    const crowds = Array.from({ length: CROWDS }, () => startBenchProgram('crowd'))
    programs.push(...crowds)
    const each = count / CROWDS
    const config = state.nodes[0]!.config
    const start = (crowd: Program, part: Omit<StartCrowd, 'config'>): Promise<unknown> =>
      crowd.ask('start', { config, ...part } satisfies StartCrowd)
    // Who registers before the keeper is there does so again in five minutes.
    await start(crowds[0]!, { first: 0, end: 1, keepsRoster: true })
    await Promise.all(
      crowds.map((crowd, i) => start(crowd, { first: Math.max(i * each, 1), end: (i + 1) * each, keepsRoster: false })),
    )
    say(`${count} nodes are there`)
    const port = 20_000 + (process.pid % 20_000)
    const directory = join(state.directory, 'console')
    appendFileSync(state.clientConfig, `console.listen = 127.0.0.1:${port}\nconsole.directory = ${directory}\n`)
    const console = await startService(
      'mco',
      ['console', '-c', state.clientConfig],
      join(state.directory, 'log', 'console.log'),
      { profileDirectory },
    )
    programs.push(console)
    const access = await openAccess(port, state.clientConfig, join(state.directory, 'ca', 'ca.pem'))
    closing.push(access.close)
    const client = startBenchProgram('calling-client', { profileDirectory })
    programs.push(client)
    await client.ask('connect', { config: state.clientConfig })
    const names = await untilListed(access, count)
    say('the console lists them all')
    await untilRunsKnown(access)
    say('the console knows their last Puppet runs')
    return {
      ...{ console, broker, client, access, names, stop },
      async lastReplyAtMs() {
        return Math.max(...(await Promise.all(crowds.map((crowd) => crowd.ask<number>('lastReplyAtMs')))))
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** It asks for them once soon after its start, and again after a quarter of an hour. */
async function untilRunsKnown(access: ConsoleAccess): Promise<void> {
  for (let i = 0; i < LISTED_WITHIN_SECONDS; i++) {
    if ((await access.ask<LastRuns>('GET', '/api/puppet/runs')).asOfMs !== undefined) return
    await sleep(1000)
  }
  throw new Error('bench: the console does not get to know the last Puppet runs')
}

async function untilListed(access: ConsoleAccess, count: number): Promise<string[]> {
  for (let i = 0; ; i++) {
    const { nodes, problem } = await access.ask<NodeList>('POST', '/api/nodes/refresh', {})
    if (nodes.length === count && problem === undefined) return nodes.map(({ name }) => name)
    if (i > LISTED_WITHIN_SECONDS) throw new Error(`bench: the console lists ${nodes.length} nodes: ${problem}`)
    await sleep(1000)
  }
}
