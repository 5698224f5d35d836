// Loads a plugin's code from disk: only files that nobody else can change, within a bound, and anew each time, so that a reload sees what is
// on disk now. What the module exports is checked by its caller. [agents 1, B-027]

import { pathToFileURL } from 'node:url'
import { ActionFailed } from '#rpc/agent.ts'
import { defineAgent } from '#rpc/define-agent.ts'
import type { Host } from '#rpc/host.ts'
import { untrustedBecause } from './agent-files.ts'

/** A module that computes for ever at its top level cannot be stopped, but it must not be waited for. */
const IMPORT_SECONDS_MAX = 10

/** Throws an Error that says why this process may not run the file. */
export function mayBeRun(file: string): void {
  const why = untrustedBecause(file)
  if (why) throw new Error(why)
}

/**
 * What the module exports as default, or under `name`; a function is called with `{ ActionFailed, defineAgent, host }` and gives it. `generation`:
 * another number each time, because the module cache would otherwise give back the old code.
 */
export async function importModule(file: string, name: string, generation: number, host: Host): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const why = new Error(`${file} was not loaded within ${IMPORT_SECONDS_MAX} s`)
    timer = setTimeout(() => reject(why), IMPORT_SECONDS_MAX * 1000)
  })
  try {
    const url = `${pathToFileURL(file).href}?v=${Date.now()}-${generation}`
    const module = (await Promise.race([import(url), late])) as Record<string, unknown>
    const exported = module.default ?? module[name]
    if (typeof exported !== 'function') return exported
    return await Promise.race([exported({ ActionFailed, defineAgent, host }), late])
  } finally {
    clearTimeout(timer)
  }
}
