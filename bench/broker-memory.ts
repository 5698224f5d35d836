// What an idle TLS connection of a node costs the broker: its resident memory before and after thousands of them.

import { setTimeout as sleep } from 'node:timers/promises'
import { makeCollectiveDirectory } from './collective-directory.ts'
import type { OpenConnections } from './idle-connections.ts'
import { type BenchContext, type Result, type Row, row } from './measurement.ts'
import { memoryOf } from './process-memory.ts'
import { openFilesMax, type Program, startBenchProgram, startService } from './program.ts'

/** These come first, so that the broker's code is loaded and compiled before anything is compared. */
const WARM_UP = 200
const SETTLE_MS = 4_000
const KB_MAX = 30

export async function measure(context: BenchContext): Promise<Result> {
  const steps = (context.quick ? [300] : [2000, 5000]).filter((count) => count + WARM_UP + 100 < openFilesMax())
  const state = await makeCollectiveDirectory(0)
  const programs: Program[] = []
  const rows: Row[] = []
  try {
    const broker = await startService('troupe-broker', ['--config', state.brokerConfig], state.brokerLogFile)
    programs.push(broker)
    let opened = 0
    const open = async (count: number): Promise<void> => {
      const program = startBenchProgram('idle-connections')
      programs.push(program)
      const question: OpenConnections = { config: state.nodes[0]!.config, first: opened, count }
      await program.ask('open', question)
      opened += count
      await sleep(SETTLE_MS)
    }
    await open(WARM_UP)
    const before = memoryOf(broker.pid)
    context.say(`${WARM_UP} connections: ${(before.rssKb / 1024).toFixed(1)} MB`)
    for (const count of steps) {
      await open(count + WARM_UP - opened)
      const now = memoryOf(broker.pid)
      const kb = (now.rssKb - before.rssKb) / count
      context.say(`${count} more: ${(now.rssKb / 1024).toFixed(1)} MB, ${kb.toFixed(1)} kB each`)
      rows.push(row(`broker RSS per idle TLS connection, ${count} of them`, 'kB', [kb], { atMost: KB_MAX }))
      rows.push(row(`broker RSS with ${opened} connections`, 'MB', [now.rssKb / 1024]))
    }
    return { rows }
  } finally {
    await Promise.all(programs.slice(1).map((program) => program.kill()))
    await programs[0]?.stop()
    state.remove()
  }
}
