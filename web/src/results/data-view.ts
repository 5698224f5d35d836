// Which part of an answer is the same on every node of its group, and which is each node's own (seconds, pids): the DDL's outputs say it.

import type { TaskAction, TaskAgents } from '#console/api/tasks.ts'
import { timeText } from '../components/format.ts'

export function actionOf(agents: TaskAgents | undefined, agent: string, action: string): TaskAction | undefined {
  return agents?.agents.find((one) => one.name === agent)?.actions.find((one) => one.name === action)
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * What a group shows: without what differs anyway, and a lone value bare. `sharedOf({ status: 'running', pid: 12 }, action)` is
 * `{ value: 'running', own: ['pid'] }`.
 */
export function sharedOf(
  data: unknown,
  action: TaskAction | undefined,
): { readonly value: unknown; readonly own: readonly string[] } {
  if (!isMap(data)) return { value: data, own: [] }
  const volatile = new Set(action?.outputs.filter((output) => output.volatile).map((output) => output.name))
  const entries = Object.entries(data)
  const shared = entries.filter(([name]) => !volatile.has(name))
  // An answer of such outputs alone still has something to show.
  const shown = shared.length === 0 ? entries : shared
  const own = shared.length === 0 ? [] : entries.map(([name]) => name).filter((name) => volatile.has(name))
  const lone = shown.length === 1 ? shown[0]?.[1] : undefined
  if (lone !== undefined && !isMap(lone)) return { value: lone, own }
  return { value: Object.fromEntries(shown), own }
}

/** What people call an output. */
export function labelsOf(action: TaskAction | undefined): (name: string) => string {
  const labels = new Map(action?.outputs.map(({ name, label }) => [name, label]))
  return (name) => labels.get(name) || name
}

/** The outputs that differ between nodes, of one answer, e.g. `12 s since the last run`. */
export function ownText(data: unknown, own: readonly string[], label: (name: string) => string): string {
  if (!isMap(data)) return ''
  // A sentence says what the figures beside it say.
  if (own.includes('message') && typeof data.message === 'string' && data.message !== '')
    return data.message.slice(0, 300)
  return own
    .filter((name) => data[name] !== undefined && typeof data[name] !== 'object')
    .map((name) => `${label(name)}: ${plainText(name, data[name])}`)
    .join(', ')
    .slice(0, 300)
}

/** Seconds since 1970, as their name says, as a time. */
function plainText(name: string, value: unknown): string {
  const seconds =
    typeof value === 'number' && !name.startsWith('since') && /(?:_at|run|time|timestamp|epoch|now|pong)$/.test(name)
      ? value
      : 0
  return seconds > 1e9 && seconds < 4e9 ? timeText(seconds * 1000) : String(value)
}

/** What Puppet does on a node, in words that many nodes share: `Enabled, idle`. undefined: not an answer of `puppet status`. */
export function puppetStateOf(data: unknown): { readonly text: string; readonly enabled: boolean } | undefined {
  if (!isMap(data) || typeof data.enabled !== 'boolean') return undefined
  if (!data.enabled) {
    const why = typeof data.disable_message === 'string' ? data.disable_message : ''
    return { enabled: false, text: why === '' ? 'Disabled, no reason given' : `Disabled: ${why}` }
  }
  const doing =
    data.applying === true
      ? 'applying a catalogue'
      : data.starting === true
        ? 'starting a run'
        : data.idling === true
          ? 'idle'
          : 'not running'
  return { enabled: true, text: `Enabled, ${doing}` }
}
