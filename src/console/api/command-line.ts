// The command line that does what a screen or a job does, as words to copy into a shell. Imports nothing: the browser uses it as well.
// Which words say which nodes is decided here and nowhere else. [live 7: copy the equivalent mco command line] [cli 2.1, 3, 8.5, 8.11]

/** Which nodes: all there are, by name, or by the options of a filter, e.g. `['-F', 'osfamily=Debian']`. */
export type CommandTarget =
  | { readonly kind: 'all' }
  | { readonly kind: 'nodes'; readonly nodes: readonly string[] }
  | { readonly kind: 'options'; readonly words: readonly string[] }

export interface CommandRollOut {
  readonly batch?: number | string | undefined
  readonly batchSleepSeconds?: number | undefined
  readonly maxFailures?: number | string | undefined
  readonly canary?: number | undefined
  readonly timeoutSeconds?: number | undefined
}

export interface RpcCommand {
  readonly agent: string
  readonly action: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly target: CommandTarget
  readonly rollOut?: CommandRollOut | undefined
}

export interface RunAllCommand {
  readonly concurrency: number
  /** Inputs of `puppet runonce`. */
  readonly inputs: Readonly<Record<string, unknown>>
  readonly target: CommandTarget
  readonly maxFailures?: number | string | undefined
}

/** More names than that are a file: the export of a job gives it. */
export const NAMED_NODES_MAX = 20
/** What the file with the names of the nodes is called. */
export const NODES_FILE = 'nodes.txt'

/** `mco rpc service restart service=sshd -I web1`; with a canary two commands, the second of which runs when the first was all good. */
export function rpcCommand(command: RpcCommand): string {
  return rpcCommandWords(command)
    .map((words) => shellLine(['mco', ...words]))
    .join(' && ')
}

/** The words behind `mco`, one list per command. */
function rpcCommandWords({ agent, action, inputs, target, rollOut = {} }: RpcCommand): string[][] {
  const { batch, batchSleepSeconds, maxFailures, canary, timeoutSeconds } = rollOut
  const head = ['rpc', agent, action, ...inputWords(inputs)]
  const wait = timeoutSeconds === undefined ? [] : ['--timeout', String(Math.ceil(timeoutSeconds))]
  const groups = [
    ...(batch === undefined ? [] : ['--batch', String(batch)]),
    ...(batchSleepSeconds === undefined || batch === undefined ? [] : ['--batch-sleep', seconds(batchSleepSeconds)]),
    ...(maxFailures === undefined || batch === undefined ? [] : ['--max-failures', String(maxFailures)]),
  ]
  const usual = [...head, ...targetWords(target), ...groups, ...wait]
  if (canary === undefined || target.kind !== 'nodes' || canary >= target.nodes.length) return [usual]
  const first = { kind: 'nodes', nodes: target.nodes.slice(0, canary) } as const
  const rest = { kind: 'nodes', nodes: target.nodes.slice(canary) } as const
  return [
    [...head, ...targetWords(first, 'canary.txt'), '--strict', ...wait],
    [...head, ...targetWords(rest), ...groups, ...wait],
  ]
}

/** `mco puppet runall 5 --tags apache -I web1`. */
export function runAllCommand(command: RunAllCommand): string {
  return shellLine(['mco', ...runAllCommandWords(command)])
}

function runAllCommandWords({ concurrency, inputs, target, maxFailures }: RunAllCommand): string[] {
  const options = Object.entries(inputs).flatMap(([name, value]) => {
    if (value === undefined || value === null || name === 'force') return []
    if (value === true) return [`--${name}`]
    if (value === false) return SWITCHES_OFF.has(name) ? [`--no-${name}`] : []
    return [`--${name}`, textOf(value)]
  })
  const most = maxFailures === undefined ? [] : ['--max-failures', String(maxFailures)]
  return ['puppet', 'runall', String(concurrency), ...options, ...targetWords(target), ...most]
}

const SWITCHES_OFF = new Set(['noop', 'splay', 'use_cached_catalog'])

export function targetWords(target: CommandTarget, file = NODES_FILE): string[] {
  if (target.kind === 'all') return []
  if (target.kind === 'options') return [...target.words]
  if (target.nodes.length > NAMED_NODES_MAX) return ['--nodes', file]
  return target.nodes.flatMap((node) => ['-I', node])
}

/** `key=value`; what begins with a dash would be taken for an option. */
function inputWords(inputs: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(inputs).flatMap(([name, value]) => {
    if (value === undefined || value === null) return []
    const pair = `${name}=${textOf(value)}`
    return [pair.startsWith('-') ? `--argument=${pair}` : pair]
  })
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return seconds(value)
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Never `1e-7`, which the command line does not read as a number. */
function seconds(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/\.?0+$/, '')
}

/** Words as a shell reads them back: `shellLine(['mco', "it's"])` is `mco 'it'\''s'`. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/**
 * One word for sh, bash, zsh and ksh. Control characters, and marks that change the direction of text, are written as `$'\x1b'`: what is
 * pasted must be what is seen.
 */
export function shellWord(word: string): string {
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word)) return word
  if (!HIDDEN.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`
  const bytes = (char: string): string =>
    [...new TextEncoder().encode(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  const escaped = word.replace(/[\\']/g, '\\$&').replace(new RegExp(HIDDEN.source, 'gu'), bytes)
  // A hexadecimal digit behind \x1b would be taken as part of it by some shells: it begins a new quotation.
  return `$'${escaped.replace(/(\\x[0-9a-f]{2})(?=[0-9A-Fa-f])/g, (byte) => `${byte}'$'`)}'`
}

const HIDDEN = /[\u0001-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u
