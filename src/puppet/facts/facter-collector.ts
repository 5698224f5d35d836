// Facts from Facter: custom and external facts, Puppet's own and the old flat names included. Facter 4 ends with status 1
// when a single fact failed, so what it printed decides, not its status. [agents 16]

import { access, constants } from 'node:fs/promises'
import { FACT_SOURCE_BYTES_MAX } from '#base/limits.ts'
import type { FactCollector } from './fact-source.ts'
import { normaliseFacts } from './normalise-facts.ts'

/** Runs a program without a shell and never rejects. daemon/host.ts is the real one. */
export type RunCommand = (
  argv: readonly [string, ...string[]],
  options: {
    readonly timeoutSeconds: number
    readonly signal: AbortSignal
    readonly env?: Readonly<Record<string, string>>
  },
) => Promise<{
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
  readonly error?: string
}>

export interface FacterOptions {
  readonly run: RunCommand
  /** Path of the program; absent: searched. */
  readonly command?: string
  readonly timeoutSeconds: number
  /** Facts for the names Facter does not give (Facter 5 and trimmed ones): its own come first. */
  readonly underlay?: FactCollector
}

export interface FacterCollector extends FactCollector {
  /** Whether the program is there. */
  present(): Promise<boolean>
}

const PLACES = [
  '/opt/puppetlabs/bin',
  '/opt/puppet/bin',
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/opt/puppetlabs/puppet/bin',
]

/** `--show-legacy` gives names such as `osfamily`, which Facter 2 gives anyway and does not know as an option. */
const ARGUMENTS: readonly (readonly string[])[] = [['--show-legacy', '--json'], ['--json']]

export function createFacterCollector(options: FacterOptions): FacterCollector {
  const { run, command, timeoutSeconds, underlay } = options
  /** The first argument list this Facter understood. */
  let known: readonly string[] | undefined

  async function runFacter(program: string, signal: AbortSignal): Promise<{ facts: unknown; problem?: string }> {
    let complaint = ''
    for (const args of known ? [known] : await argumentLists()) {
      const result = await run([program, ...args], { timeoutSeconds, signal, env: { LC_ALL: 'C' } })
      if (result.error !== undefined) throw new Error(`${program}: ${result.error}`)
      if (result.truncated) throw new Error(`${program} printed more than ${FACT_SOURCE_BYTES_MAX} bytes`)
      const facts = parseFacterJson(result.stdout)
      if (facts !== undefined) {
        known = args
        return result.status === 0 ? { facts } : { facts, problem: firstLine(result.stderr) }
      }
      complaint = `it ended with status ${result.status} and no facts: ${firstLine(result.stderr || result.stdout)}`
    }
    known = undefined
    throw new Error(`${program}: ${complaint}`)
  }

  return {
    name: 'facter',
    async collect(signal) {
      const program = await findProgram('facter', command)
      if (program === undefined)
        throw new Error(command ? `${command} cannot be run` : `facter is in none of ${PLACES.join(', ')}`)
      const below = await underlay?.collect(signal)
      const { facts, problem } = await runFacter(program, signal)
      const merged = Object.assign(Object.create(null), below?.facts, normaliseFacts(facts))
      return {
        source: 'facter',
        facts: merged,
        notes: problem ? [`facter left out what it could not find: ${problem}`] : [],
      }
    },
    present: async () => (await findProgram('facter', command)) !== undefined,
  }
}

/** A JSON object, with numbers as they were written; undefined for anything else. */
export function parseFacterJson(text: string): object | undefined {
  const start = text.indexOf('{')
  if (start < 0) return undefined
  try {
    const value: unknown = JSON.parse(text.slice(start), ((_key, item: unknown, context?: { source?: string }) =>
      typeof item === 'number' ? (context?.source ?? item) : item) as (key: string, value: unknown) => unknown)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** From most to least. `--puppet` adds facts that Puppet distributed; where there is no Puppet it is an error. */
async function argumentLists(): Promise<readonly (readonly string[])[]> {
  if ((await findProgram('puppet')) === undefined) return ARGUMENTS
  return [...ARGUMENTS.map((args) => ['--puppet', ...args]), ...ARGUMENTS]
}

async function findProgram(name: string, command?: string): Promise<string | undefined> {
  for (const path of command ? [command] : PLACES.map((place) => `${place}/${name}`)) {
    try {
      await access(path, constants.X_OK)
      return path
    } catch {
      // The next place.
    }
  }
  return undefined
}

/** For a message: bounded, without colours and the time in front. */
function firstLine(text: string): string {
  const line = text
    .replace(/\u001b\[[\d;]*m/g, '')
    .split('\n')
    .map((l) =>
      l
        .replace(/[\u0000-\u001f\u007f]/g, ' ')
        .replace(/^\[[^\]]*\]\s*[A-Z]+\s*/, '')
        .trim(),
    )
    .find((l) => l !== '')
  return (line ?? 'it said nothing').slice(0, 200)
}
