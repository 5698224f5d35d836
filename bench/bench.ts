// `npm run bench [-- NAME...] [--quick] [--profile]`: runs the measurements, prints their tables, keeps them in
// bench/results/latest.json and writes them into docs/performance.md. A measurement that is not named keeps its last result.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure as agents } from './agents.ts'
import { measure as brokerMemory } from './broker-memory.ts'
import { measure as brokerRestart } from './broker-restart.ts'
import { measure as console } from './console.ts'
import { measure as consolePages } from './console-pages.ts'
import { measure as fleet50 } from './fleet-50.ts'
import { measure as fleet2000 } from './fleet-2000.ts'
import type { Measurement } from './measurement.ts'
import { type KeptResult, readResults, tableOf, writePage, writeResults } from './performance-page.ts'
import { root } from './program.ts'

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  agents,
  'fleet-50': fleet50,
  'fleet-2000': fleet2000,
  'broker-memory': brokerMemory,
  'broker-restart': brokerRestart,
  console,
  'console-pages': consolePages,
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, profile: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  const unknown = positionals.filter((name) => !(name in MEASUREMENTS))
  if (values.help || unknown.length > 0) {
    const names = Object.keys(MEASUREMENTS).join(', ')
    process.stderr.write(`Usage: npm run bench -- [NAME...] [--quick] [--profile]; the names are ${names}\n`)
    return unknown.length > 0 ? 2 : 0
  }
  const names = positionals.length > 0 ? positionals : Object.keys(MEASUREMENTS)
  const quick = values.quick === true
  const profiles = values.profile ? mkdtempSync(join(tmpdir(), 'troupe-profile-')) : undefined
  const results = readResults()
  let failed = 0
  for (const name of names) {
    const startedAt = performance.now()
    const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`
    const say = (text: string): void => void process.stderr.write(`${seconds()}  ${name}: ${text}\n`)
    const profileDirectory = profiles === undefined ? undefined : join(profiles, name)
    if (profileDirectory !== undefined) mkdirSync(profileDirectory, { recursive: true })
    try {
      const result = await MEASUREMENTS[name]!({ say, quick, profileDirectory })
      const earlier = results[name]?.profiles
      const kept: KeptResult = {
        ...{ measuredAt: new Date().toISOString().slice(0, 10), machine: machine(), ...result },
        // The last recorded profile stands until there is another.
        ...(earlier && !result.profiles ? { profiles: earlier } : {}),
      }
      results[name] = kept
      process.stdout.write(`\n${name}\n\n${tableOf(kept)}\n`)
    } catch (error) {
      failed++
      process.stderr.write(`${seconds()}  ${name}: failed: ${error instanceof Error ? error.stack : String(error)}\n`)
    }
  }
  if (profiles !== undefined && failed === 0 && process.env.KEEP_PROFILES === undefined) {
    rmSync(profiles, { recursive: true, force: true })
  } else if (profiles !== undefined) process.stderr.write(`profiles: ${profiles}\n`)
  if (quick) process.stderr.write('A quick run is not kept.\n')
  else {
    writeResults(results)
    writePage(join(root, 'docs', 'performance.md'), results)
  }
  return failed > 0 ? 1 : 0
}

/** In general words: nobody needs to know whose machine it was. */
function machine(): string {
  const model = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB of memory`
  return `${cpus().length} cores (${model}), ${memory}, Linux, Node ${process.versions.node}, loopback`
}

process.exitCode = await main()
