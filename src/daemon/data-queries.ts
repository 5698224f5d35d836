// Asks data plugins: checks the query, keeps the time limit of the DDL, and fills in outputs the plugin left out.
// [agents 5, wire 7.3]

import type { Clock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { Value, Values } from '#message/request.ts'
import type { NodeView } from '#rpc/agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import { convertAndValidateQuery } from '#rpc/validate/check-inputs.ts'

export interface DataQueries {
  /** Active plugins without `_data`, sorted. */
  names(): readonly string[]
  /** Rejects when the plugin fails or takes too long; with RPC_DATA_REFUSED when there is none or the query does not fit. */
  query(source: string, query: string | null): Promise<Values>
  /** Finds out which plugins there are and which of them are active; again at every reload of agents. */
  start(node: NodeView): Promise<void>
  /** Looks again whether plugins that were of no use here are now. Cheap. */
  wake(): Promise<void>
}

/** Whoever asks for a plugin that is not active has it looked at again, but not more often. */
const WAKE_AFTER_MS = 10_000

export interface DataQueriesOptions {
  /** By name without `_data`, e.g. `fstat`. */
  readonly plugins: ReadonlyMap<string, DataPlugin>
  /** Those of the site, read from disk now; one replaces a built-in of the same name. Absent: none. */
  readonly sitePlugins?: () => Promise<ReadonlyMap<string, DataPlugin>>
  readonly clock: Clock
  readonly log: Log
}

export function createDataQueries(options: DataQueriesOptions): DataQueries {
  const { plugins, clock, log } = options
  let active: ReadonlyMap<string, DataPlugin> = new Map()
  let names: readonly string[] = []
  let view: NodeView | undefined
  let all: ReadonlyMap<string, DataPlugin> = new Map()
  let lookedAtMs = Number.NEGATIVE_INFINITY

  const look = async (node: NodeView): Promise<void> => {
    lookedAtMs = clock.monotonic()
    const found = new Map<string, DataPlugin>()
    for (const [name, plugin] of all) {
      try {
        if (active.get(name) === plugin || !plugin.activate || (await plugin.activate(node))) found.set(name, plugin)
      } catch (error) {
        log.error(`cannot activate data plugin ${name}: ${messageOf(error)}`)
      }
    }
    active = found
    names = [...active.keys()].sort()
  }
  const wake = async (): Promise<void> => {
    if (view && active.size < all.size) await look(view)
  }

  return {
    names: () => names,
    async start(node) {
      view = node
      all = new Map([...plugins, ...((await options.sitePlugins?.()) ?? [])])
      active = new Map()
      await look(node)
    },
    wake,
    async query(source, query) {
      const sleeps = all.has(source) && !active.has(source)
      if (sleeps && clock.monotonic() >= lookedAtMs + WAKE_AFTER_MS) await wake()
      const plugin = active.get(source)
      if (!plugin || !view) throw refused(`Can't find DDL for data plugin '${source}_data'`)
      const { ddl } = plugin
      try {
        convertAndValidateQuery(ddl, query)
      } catch (error) {
        throw refused(messageOf(error))
      }
      const found = await withinLimit(plugin, source, query, view)
      const outputs: Record<string, Value> = Object.create(null)
      for (const output of ddl.outputs) outputs[output.name] = output.default ?? null
      return { ...outputs, ...found }
    },
  }

  function refused(why: string): TroupeError {
    return new TroupeError('RPC_DATA_REFUSED', why)
  }

  function withinLimit(plugin: DataPlugin, source: string, query: string | null, node: NodeView): Promise<Values> {
    const cancel = new AbortController()
    return new Promise((resolve, reject) => {
      const cancelTimer = clock.after((plugin.ddl.metadata.timeoutSeconds || 1) * 1000, () => {
        reject(new Error(`Data plugin ${source}_data timed out on query '${query ?? ''}'`))
        cancel.abort()
      })
      const asked = async (): Promise<Values> => plugin.query(query, node, cancel.signal)
      asked().then(resolve, reject).finally(cancelTimer)
    })
  }
}
