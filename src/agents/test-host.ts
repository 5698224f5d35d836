// For tests: a machine given as data. Commands are looked up by their words; one that was not recorded fails the test.

import assert from 'node:assert/strict'
import { ManualClock } from '#base/clock.ts'
import type { Values } from '#message/request.ts'
import type { Agent, Call, NodeView } from '#rpc/agent.ts'
import type { Host, HostFiles, RunOptions, RunResult } from '#rpc/host.ts'

export interface Recorded {
  /** Words of the command joined by blanks. */
  readonly command: string
  readonly status?: number
  readonly stdout?: string
  readonly stderr?: string
  readonly error?: string
  readonly truncated?: boolean
}

export interface RecordedHost extends Host {
  /** Every command so far, words joined by blanks. */
  readonly commands: string[]
  readonly runs: { readonly argv: readonly string[]; readonly options: RunOptions }[]
}

/** Runs of the same command are used up in order; the last one stays. */
export function recordedHost(recorded: readonly Recorded[]): RecordedHost {
  const left = [...recorded]
  const commands: string[] = []
  const runs: { argv: readonly string[]; options: RunOptions }[] = []
  return {
    commands,
    runs,
    async run(argv, options = {}): Promise<RunResult> {
      const command = argv.join(' ')
      commands.push(command)
      runs.push({ argv, options })
      const at = left.findIndex((entry) => entry.command === command)
      const found = left[at]
      assert.ok(found, `this command was not recorded: ${command}`)
      if (left.slice(at + 1).some((entry) => entry.command === command)) left.splice(at, 1)
      const { status = 0, stdout = '', stderr = '', truncated = false, error } = found
      return { status, stdout, stderr, truncated, ...(error === undefined ? {} : { error }) }
    },
  }
}

/** Programs that exist, and texts of files. */
export function recordedFiles(programs: readonly string[], texts: Readonly<Record<string, string>> = {}): HostFiles {
  return {
    isProgram: async (path) => programs.includes(path),
    readText: async (path) => (Object.hasOwn(texts, path) ? texts[path] : undefined),
  }
}

/** A clock on which every wait is over at once. */
export class HurriedClock extends ManualClock {
  override after(ms: number, fn: () => void): () => void {
    const cancel = super.after(ms, fn)
    setImmediate(() => this.advance(ms))
    return cancel
  }
}

/** Runs an action as the daemon does; gives outputs, or what was thrown. */
export async function callAction(
  agent: Agent,
  action: string,
  data: Values,
  settings: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
  progress: Call['progress'] = () => {},
): Promise<Values> {
  const node = { setting: (name: string) => settings[name] } as unknown as NodeView
  const handler = agent.actions[action]
  assert.ok(handler, `there is no action ${action}`)
  const call = { action, data, signal, reply: {}, progress } as unknown as Call
  return (await handler(call, node)) ?? {}
}
