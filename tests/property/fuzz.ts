// A seeded mutation fuzzer for everything that reads foreign bytes: `node tests/property/fuzz.ts --frames 1000000 [--seed N]
// [--target NAME] [--hang-ms 2000]`. Files in fuzz-targets/ call `registerTarget`. It fails on any exception that is not an
// allowed TroupeError, and on an input that takes longer than --hang-ms (a worker runs the targets, so that a hang can be
// told). A failure prints target, seed and input as base64; the same --seed repeats the run exactly.

import { readdirSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type ErrorCode, isTroupeError } from '#base/errors.ts'

export type AllowedError = readonly ErrorCode[] | ((error: unknown) => boolean)

export interface FuzzOptions {
  /** Valid inputs to start from; without them inputs are random bytes. */
  readonly seeds?: readonly Uint8Array[]
  /** Pieces of the grammar to insert, e.g. `['content-length:', '\0']`. */
  readonly tokens?: readonly string[]
  /** Share of all inputs this target gets, relative to others. Default 1. */
  readonly weight?: number
}

interface Target extends FuzzOptions {
  readonly name: string
  readonly run: (bytes: Uint8Array) => void
  readonly allowed: AllowedError
}

const targets = new Map<string, Target>()

/** Adds a parser: `run` gets hostile bytes and may throw only what `allowed` names (codes, or a predicate). */
export function registerTarget(
  name: string,
  run: (bytes: Uint8Array) => void,
  allowed: AllowedError,
  options: FuzzOptions = {},
): void {
  if (targets.has(name)) throw new Error(`fuzz target ${name} is registered twice`)
  targets.set(name, { name, run, allowed, ...options })
}

/** Uniform integers from a seed. mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const INTERESTING = [0, 9, 10, 13, 32, 34, 39, 40, 41, 58, 91, 92, 93, 123, 125, 127, 128, 192, 224, 240, 255]
const INPUT_BYTES_MAX = 4096

/** One hostile input: a seed with 1 to 8 mutations. */
function mutate(target: Target, random: (below: number) => number): Buffer {
  const seeds = target.seeds ?? []
  const pick = (): Buffer =>
    seeds.length > 0 && random(20) > 0
      ? Buffer.from(seeds[random(seeds.length)] as Uint8Array)
      : Buffer.from(Array.from({ length: random(64) }, () => random(256)))
  let bytes = pick()
  for (let n = 1 + random(8); n > 0; n--) {
    const at = random(bytes.length + 1)
    const length = random(Math.min(32, bytes.length - at + 1))
    const insert = (piece: Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
    switch (random(8)) {
      case 0:
        if (at < bytes.length) bytes[at] = random(256)
        break
      case 1:
        if (at < bytes.length) bytes[at] = INTERESTING[random(INTERESTING.length)] as number
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
        break
      case 3:
        bytes = insert(bytes.subarray(at, at + length))
        break
      case 4:
        bytes = bytes.subarray(0, at)
        break
      case 5:
        bytes = insert(Buffer.from(target.tokens?.[random(target.tokens.length)] ?? '\0', 'latin1'))
        break
      case 6: {
        const other = pick()
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.length + 1))])
        break
      }
      default: {
        const piece = bytes.subarray(at, at + length)
        bytes = insert(Buffer.concat(Array.from({ length: random(40) }, () => piece)))
      }
    }
  }
  return bytes.length > INPUT_BYTES_MAX ? bytes.subarray(0, INPUT_BYTES_MAX) : bytes
}

function isAllowed(error: unknown, allowed: AllowedError): boolean {
  return typeof allowed === 'function' ? allowed(error) : isTroupeError(error, ...allowed)
}

interface Job {
  readonly seed: number
  readonly frames: number
  readonly only: string | undefined
  /** Bytes the worker leaves for the watching thread: target index, input number, then the input itself. */
  readonly progress: SharedArrayBuffer
}

export interface Failure {
  readonly target: string
  readonly input: string
  readonly error: string
}

export interface Outcome {
  readonly counts: { name: string; inputs: number; accepted: number; refused: number; ms: number }[]
  readonly failures: Failure[]
}

async function loadTargets(only: string | undefined): Promise<Target[]> {
  const folder = new URL('fuzz-targets/', import.meta.url)
  for (const file of readdirSync(folder).sort()) {
    if (file.endsWith('.ts')) await import(new URL(file, folder).href)
  }
  return [...targets.values()].filter((t) => only === undefined || t.name === only)
}

const FAILURES_MAX = 5

/** Runs all inputs in this thread. */
async function fuzz({ seed, frames, only, progress }: Job): Promise<Outcome> {
  const words = new Int32Array(progress, 0, 4)
  const copy = Buffer.from(progress, 16)
  const chosen = await loadTargets(only)
  const weights = chosen.reduce((sum, t) => sum + (t.weight ?? 1), 0)
  const counts: Outcome['counts'] = []
  const failures: Failure[] = []
  for (const [index, target] of chosen.entries()) {
    const random = generator(seed + index)
    const count = { name: target.name, inputs: 0, accepted: 0, refused: 0, ms: 0 }
    const startedAt = performance.now()
    const inputs = Math.ceil((frames * (target.weight ?? 1)) / weights)
    while (count.inputs < inputs && failures.length < FAILURES_MAX) {
      const bytes = mutate(target, random)
      bytes.copy(copy)
      words[1] = bytes.length
      words[2] = index
      Atomics.add(words, 0, 1)
      count.inputs++
      const input = bytes.toString('base64')
      try {
        target.run(bytes)
        count.accepted++
      } catch (error) {
        if (isAllowed(error, target.allowed)) count.refused++
        else failures.push({ target: target.name, input, error: String((error as Error)?.stack ?? error) })
      }
    }
    count.ms = Math.round(performance.now() - startedAt)
    counts.push(count)
  }
  return { counts, failures }
}

function option(name: string, fallback: string | undefined): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? fallback : process.argv[at + 1]
}

export interface FuzzRun {
  readonly seed: number
  /** Inputs of all targets together. */
  readonly frames: number
  /** One target only. */
  readonly only?: string | undefined
  /** An input that takes longer is a failure. */
  readonly hangMs: number
}

/** Starts the worker and watches that its input number moves. */
export async function runFuzz({ seed, frames, only, hangMs }: FuzzRun): Promise<Outcome> {
  const progress = new SharedArrayBuffer(16 + INPUT_BYTES_MAX)
  const words = new Int32Array(progress, 0, 4)
  const job: Job = { seed, frames, only, progress }
  const worker = new Worker(new URL(import.meta.url), { workerData: job })
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  let lastInput = 0
  let lastMovedAt = performance.now()
  const watch = setInterval(() => {
    const input = Atomics.load(words, 0)
    if (input !== lastInput || input === 0) {
      lastInput = input
      lastMovedAt = performance.now()
    } else if (performance.now() - lastMovedAt > hangMs) {
      const bytes = Buffer.from(Buffer.from(progress, 16, words[1])).toString('base64')
      const failure = { target: `number ${words[2]}`, input: bytes, error: `no end within ${hangMs} ms` }
      resolve({ counts: [{ name: 'hang', inputs: input, accepted: 0, refused: 0, ms: 0 }], failures: [failure] })
    }
  }, 100)
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', (code) => reject(new Error(`the fuzzing thread ended with ${code}`)))
  try {
    return await promise
  } finally {
    clearInterval(watch)
    await worker.terminate()
  }
}

async function main(): Promise<void> {
  const seed = Number(option('seed', String(Math.floor(Math.random() * 1e9))))
  const frames = Number(option('frames', '100000'))
  const hangMs = Number(option('hang-ms', '2000'))
  report(seed, await runFuzz({ seed, frames, hangMs, only: option('target', undefined) }))
}

function report(seed: number, { counts, failures }: Outcome): void {
  console.log(`seed ${seed}`)
  for (const c of counts) {
    console.log(`${c.name}: ${c.inputs} inputs, ${c.accepted} accepted, ${c.refused} refused, ${c.ms} ms`)
  }
  for (const f of failures) console.log(`FAIL ${f.target}\n  input (base64) ${f.input}\n  ${f.error}`)
  if (counts.length === 0) console.log('FAIL no such target')
  if (failures.length > 0 || counts.length === 0) process.exitCode = 1
}

if (isMainThread && import.meta.main) await main()
else if (!isMainThread && workerData?.progress instanceof SharedArrayBuffer) {
  // Not awaited here: the targets import this module, which must have been evaluated by then.
  void fuzz(workerData as Job).then((outcome) => parentPort?.postMessage(outcome))
}
