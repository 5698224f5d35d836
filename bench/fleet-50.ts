// 50 daemon processes on the embedded broker with TLS and a pre-shared key, beside 50 stock Ruby daemons on ActiveMQ without TLS: the
// same commands in turns, and the memory of both kinds of daemon. Then a fleet of five, and how fast `mco` starts.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CollectiveDirectory, makeCollectiveDirectory } from './collective-directory.ts'
import { type BenchContext, type Result, type Row, row } from './measurement.ts'
import { memoryOf, type ProcessMemory } from './process-memory.ts'
import { type Program, root, startService } from './program.ts'
import { missingRubyFiles, type RubyFleet, startRubyFleet } from './ruby-fleet.ts'
import { medianRatio } from './statistics.ts'

const SMALL_FLEET = 5
const STARTED_AT_ONCE = 4
const ROSTER_WITHIN_MS = 60_000
const START_RUNS = 15

interface Fleet {
  readonly nodes: readonly Program[]
  run(args: readonly string[]): Promise<Run>
  stop(): Promise<void>
}
interface Run {
  readonly ms: number
  readonly code: number
  readonly stdout: string
}

export async function measure(context: BenchContext): Promise<Result> {
  const { say, quick } = context
  const nodes = quick ? 10 : 50
  const pairs = quick ? 2 : 7
  const rows: Row[] = []
  let ruby: RubyFleet | undefined
  const missing = missingRubyFiles()
  if (missing.length > 0)
    say(`without the Ruby fleet: ${missing.join(', ')} missing (bench/ruby-fleet.ts installs them)`)
  else {
    say(`starting ${nodes} Ruby daemons and ActiveMQ`)
    ruby = await startRubyFleet({ nodes })
  }
  let fleet: Fleet | undefined
  try {
    say(`starting ${nodes} daemons and the broker`)
    fleet = await startFleet(nodes)
    rows.push(...(await compare(fleet, ruby, nodes, pairs, say)))
    rows.push(...memoryRows(fleet, ruby))
  } finally {
    await fleet?.stop()
    await ruby?.stop()
  }
  rows.push(...(await smallFleet(quick, say)))
  return { rows }
}

async function compare(
  fleet: Fleet,
  ruby: RubyFleet | undefined,
  nodes: number,
  pairs: number,
  say: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const { args, targetRatio } of [
    { args: ['ping'], targetRatio: 1 / 10 },
    { args: ['rpc', 'rpcutil', 'ping'], targetRatio: 1 / 8 },
    { args: ['--version'], targetRatio: undefined },
  ]) {
    const isComplete = ({ stdout }: Pick<Run, 'stdout'>): boolean =>
      args[0] === '--version' || new RegExp(`\\b${nodes}\\b[^\\n]*(replies|/)`).test(withoutColors(stdout))
    const [ours, theirs]: [Run[], { ms: number; stdout: string }[]] = [[], []]
    await fleet.run(args)
    for (let i = 0; i < pairs; i++) {
      ours.push(await fleet.run(args))
      if (ruby) {
        const { wallMs, stdout } = await ruby.run(args)
        theirs.push({ ms: wallMs, stdout })
      }
      say(`mco ${args.join(' ')}: ${ours.at(-1)!.ms.toFixed(0)} ms, Ruby ${theirs.at(-1)?.ms.toFixed(0) ?? '-'} ms`)
    }
    const name = `mco ${args.join(' ')}, ${nodes} nodes`
    const ms = ours.map((run) => run.ms)
    const complete = (runs: readonly Pick<Run, 'stdout'>[]): string =>
      `${runs.filter(isComplete).length} of ${runs.length}`
    const theirMs = theirs.map((run) => run.ms)
    const ratio = ruby && medianRatio(ms, theirMs)
    rows.push({
      ...row(name, 'ms', ms, { complete: complete(ours), ...(ratio === undefined ? {} : { ratio }) }),
      ...(ratio === undefined || targetRatio === undefined
        ? {}
        : { target: `ratio <= ${targetRatio}`, met: ratio <= targetRatio }),
    })
    if (ruby) rows.push(row(`Ruby: ${name}`, 'ms', theirMs, { complete: complete(theirs) }))
  }
  return rows
}

const KINDS = [
  { key: 'rssKb', name: 'RSS', atMost: undefined },
  { key: 'pssKb', name: 'PSS', atMost: undefined },
  { key: 'privateKb', name: 'private memory', atMost: 25 },
] as const

function memoryRows(fleet: Fleet, ruby: RubyFleet | undefined): Row[] {
  const ours = fleet.nodes.map(({ pid }) => memoryOf(pid))
  const theirs: readonly ProcessMemory[] = ruby?.memory() ?? []
  return KINDS.flatMap(({ key, name, atMost }) => {
    const mb = (of: readonly ProcessMemory[]): number[] => of.map((memory) => memory[key] / 1024)
    const ourRow = row(
      `${name} of a daemon after these calls`,
      'MB',
      mb(ours),
      atMost === undefined ? {} : { atMost, at: 'max' },
    )
    if (theirs.length === 0) return [ourRow]
    const theirRow = row(`Ruby: ${name} of a daemon`, 'MB', mb(theirs))
    const ratio = ourRow.spread.p50 / theirRow.spread.p50
    const verdict = key === 'rssKb' ? { target: 'ratio <= 1', met: ratio <= 1 } : {}
    return [{ ...ourRow, ratio, ...verdict }, theirRow]
  })
}

async function smallFleet(quick: boolean, say: (text: string) => void): Promise<Row[]> {
  const fleet = await startFleet(SMALL_FLEET)
  const runs = quick ? 3 : START_RUNS
  try {
    const rows: Row[] = []
    for (const { args, atMost } of [
      { args: ['ping'], atMost: 300 },
      { args: ['rpc', 'rpcutil', 'ping'], atMost: undefined },
      { args: ['--version'], atMost: 100 },
    ]) {
      const done: Run[] = []
      for (let i = 0; i <= runs; i++) done.push(await fleet.run(args))
      const ms = done.slice(1).map((run) => run.ms)
      rows.push(row(`mco ${args.join(' ')}, ${SMALL_FLEET} nodes`, 'ms', ms, atMost === undefined ? {} : { atMost }))
      say(`mco ${args.join(' ')} with ${SMALL_FLEET} nodes: ${rows.at(-1)!.spread.p50.toFixed(0)} ms`)
    }
    return rows
  } finally {
    await fleet.stop()
  }
}

/** The broker and `count` daemons as `npm start` runs them, the first of them keeping a roster that knows all. */
async function startFleet(count: number): Promise<Fleet> {
  const state = await makeCollectiveDirectory(count - 1)
  const programs: Program[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(programs.slice(1).map((program) => program.stop()))
    await programs[0]?.stop()
    state.remove()
  }
  try {
    programs.push(await startService('troupe-broker', ['--config', state.brokerConfig], state.brokerLogFile))
    const [keeper, ...others] = state.nodes
    const start = async ({ config, logFile }: NonNullable<typeof keeper>): Promise<void> => {
      programs.push(await startService('mcollectived', ['--no-daemonize', '--config', config], logFile))
    }
    await start(keeper!)
    const waiting = others.values()
    const startSome = async (): Promise<void> => {
      for (const node of waiting) await start(node)
    }
    await Promise.all(Array.from({ length: STARTED_AT_ONCE }, startSome))
    await untilOnRoster(state, count)
    return { nodes: programs.slice(1), stop, run: (args) => runMco(state, args) }
  } catch (error) {
    await stop()
    throw error
  }
}

async function untilOnRoster(state: CollectiveDirectory, count: number): Promise<void> {
  const until = performance.now() + ROSTER_WITHIN_MS
  for (;;) {
    const { stdout } = await runMco(state, ['rpc', 'roster', 'expected', 'agent=rpcutil', '--json'])
    const answer = /"data":\s*(\{.*"nodes".*\})/s.exec(stdout)
    const names = new Set(stdout.match(/[\w-]+\.example\.com/g))
    if (answer && names.size >= count && !stdout.includes('"*"')) return
    if (performance.now() > until)
      throw new Error(`fleet-50: the roster does not get complete: ${stdout.slice(0, 500)}`)
    await sleep(500)
  }
}

function runMco(state: CollectiveDirectory, args: readonly string[]): Promise<Run> {
  const { promise, resolve, reject } = Promise.withResolvers<Run>()
  const startedAt = performance.now()
  const child = spawn(join(root, 'bin', 'mco'), args, {
    env: { PATH: process.env.PATH, HOME: state.directory, MCOLLECTIVE_EXTRA_OPTS: `-c ${state.clientConfig}` },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.once('error', reject)
  child.once('close', (code) => resolve({ ms: performance.now() - startedAt, code: code ?? -1, stdout }))
  return promise
}

function withoutColors(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '')
}
