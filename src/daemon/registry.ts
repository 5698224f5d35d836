// The agents of a node: the built-in ones handed in, and those found on disk, loaded again without a restart. Each agent is
// replaced as a whole or not at all: one that fails to load keeps its old version, and the reason is told. [agents 1, 8; B-027, R-097..R-099]

import { readFileSync } from 'node:fs'
import { messageOf, TroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { Agent, NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { parseDdlFile } from '#rpc/ddl/parse.ts'
import type { AgentImplementation } from '#rpc/define-agent.ts'
import type { Host } from '#rpc/host.ts'
import { type AgentFiles, findAgentFiles } from './agent-files.ts'
import { externalActions, findExternals } from './external.ts'
import { importModule, mayBeRun } from './import-module.ts'

export interface LoadedAgent {
  readonly name: string
  readonly agent: Agent
  /** `built-in`, or the file of the implementation. */
  readonly origin: string
}

export type AgentChange = 'added' | 'changed' | 'unchanged' | 'removed'

export interface ReloadReport {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  /** Agent -> why it could not be loaded. */
  readonly failed: { readonly [agent: string]: string }
}

export interface AgentRegistry {
  get(name: string): LoadedAgent | undefined
  /** Active agents, sorted. */
  names(): readonly string[]
  ddls(): readonly AgentDdl[]
  /** Loads everything, and later everything that has changed on disk. */
  load(node: NodeView): Promise<ReloadReport>
  /** Loads one agent again even if its files are as before. Throws RPC_AGENT_LOAD with the reason, the old version stays. */
  reload(name: string, node: NodeView): Promise<AgentChange>
  /** Looks again whether agents that found nothing to act on are of use now; gives the names of those that are. Cheap. */
  wake(node: NodeView): Promise<readonly string[]>
  /** What is wrong now, for the operator: agents that could not be loaded, and why others are not active. */
  problems(): readonly string[]
  stop(): Promise<void>
}

export interface RegistryOptions {
  /** By name, e.g. `{ rpcutil, discovery }`. */
  readonly builtIn: ReadonlyMap<string, Agent>
  readonly libdirs: readonly string[]
  /** Settings `activate_agents` and `plugin.NAME.activate_agent`. */
  readonly activated: (name: string) => boolean
  readonly host: Host
  readonly log: Log
  /** Of the framework, e.g. `3.0.0`: DDLs may require one. */
  readonly version: string
}

interface Entry extends LoadedAgent {
  readonly signature: string
}

export function createRegistry(options: RegistryOptions): AgentRegistry {
  const { builtIn, libdirs, activated, log } = options
  const agents = new Map<string, Entry>()
  const failures = new Map<string, string>()
  /** Agents that are not active by their own choice; the text may be empty. */
  const inactive = new Map<string, string>()
  let scanProblems: readonly string[] = []
  let ddls: readonly AgentDdl[] = []
  let names: readonly string[] = []
  let generation = 0
  /** One reload at a time. */
  let turn: Promise<unknown> = Promise.resolve()

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  const changed = (): void => {
    const entries = [...agents.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    names = entries.map((entry) => entry.name)
    ddls = entries.map((entry) => entry.agent.ddl)
  }

  const replace = async (name: string, entry: Entry | undefined): Promise<AgentChange> => {
    const old = agents.get(name)
    failures.delete(name)
    if (entry) agents.set(name, entry)
    else agents.delete(name)
    changed()
    if (old && old.agent !== entry?.agent) await stopAgent(old, log)
    if (!entry) return old ? 'removed' : 'unchanged'
    return old ? 'changed' : 'added'
  }

  /** The agent as it should be now; undefined: it should not be active. */
  const make = async (name: string, files: AgentFiles | undefined, node: NodeView): Promise<Entry | undefined> => {
    inactive.delete(name)
    if (!activated(name)) return undefined
    const own = builtIn.get(name)
    const runnable = files && (files.implementation.kind === 'module' || files.implementation.kind === 'programs')
    const entry = runnable ? await fromFiles(files, ++generation, options) : own && builtInEntry(name, own)
    if (!entry) {
      if (files?.implementation.kind === 'ruby') {
        throw new Error(
          `${files.implementation.file} is written in Ruby; write it as a program or in JavaScript (docs/guide/writing-agents.md)`,
        )
      }
      return undefined
    }
    const reason = await reasonAgainst(entry.agent, node)
    if (reason === undefined) return entry
    inactive.set(name, reason)
    if (reason !== '') log.info(`agent ${name} is not active: ${reason}`)
    return undefined
  }

  const fail = (name: string, error: unknown): string => {
    const kept = agents.has(name) ? '; its old version stays in use' : ''
    const reason = `${messageOf(error)}${kept}`
    if (failures.get(name) !== reason) log.error(`cannot load agent ${name}: ${reason}`, { agent: name })
    failures.set(name, reason)
    return reason
  }

  return {
    get: (name) => agents.get(name),
    names: () => names,
    ddls: () => ddls,
    problems: () => [
      ...scanProblems,
      ...[...failures].map(([name, reason]) => `agent ${name} could not be loaded: ${reason}`),
      ...reasonsOf(inactive),
    ],
    wake: (node) =>
      inTurn(async () => {
        const woken: string[] = []
        for (const [name, reason] of [...inactive]) {
          const own = builtIn.get(name)
          // What the site has put there is loaded when the operator says so.
          if (!own?.activate || agents.has(name) || findAgentFiles(libdirs).agents.has(name)) continue
          const now = await reasonAgainst(own, node).catch(() => reason)
          if (now === undefined) {
            inactive.delete(name)
            await replace(name, builtInEntry(name, own))
            woken.push(name)
          } else inactive.set(name, now)
        }
        return woken
      }),
    load: (node) =>
      inTurn(async () => {
        const found = findAgentFiles(libdirs)
        scanProblems = found.problems
        const report = { added: [] as string[], changed: [] as string[], removed: [] as string[] }
        const failed: Record<string, string> = {}
        const wanted = new Set([...builtIn.keys(), ...found.agents.keys(), ...agents.keys()])
        for (const known of [failures, inactive]) {
          for (const name of [...known.keys()]) if (!wanted.has(name)) known.delete(name)
        }
        for (const name of [...wanted].sort()) {
          const files = found.agents.get(name)
          if (!failures.has(name) && isSame(agents.get(name), files, activated)) continue
          try {
            const change = await replace(name, await make(name, files, node))
            if (change !== 'unchanged') report[change].push(name)
          } catch (error) {
            const own = builtIn.get(name)
            if (own && !agents.has(name)) await replace(name, builtInEntry(name, own))
            failed[name] = fail(name, error)
          }
        }
        for (const problem of scanProblems) log.warn(problem)
        return { ...report, failed }
      }),
    reload: (name, node) =>
      inTurn(async () => {
        const files = findAgentFiles(libdirs).agents.get(name)
        if (!files && !builtIn.has(name) && !agents.has(name)) {
          const where = libdirs.length > 0 ? libdirs.join(', ') : 'no libdir is set'
          throw new TroupeError('RPC_AGENT_LOAD', `cannot load agent ${name}: no ${name}.ddl is found (${where})`)
        }
        try {
          return await replace(name, await make(name, files, node))
        } catch (error) {
          throw new TroupeError('RPC_AGENT_LOAD', `cannot load agent ${name}: ${fail(name, error)}`, { cause: error })
        }
      }),
    stop: () =>
      inTurn(async () => {
        for (const entry of agents.values()) await stopAgent(entry, log)
      }),
  }
}

/** undefined: the agent is of use here. Else why not, empty when it does not say. */
async function reasonAgainst(agent: Agent, node: NodeView): Promise<string | undefined> {
  const active = agent.activate ? await agent.activate(node) : true
  if (typeof active === 'string') return active
  return active ? undefined : ''
}

/** A line per reason: an operator need not read three times that there is no Puppet. */
function reasonsOf(inactive: ReadonlyMap<string, string>): string[] {
  const byReason = new Map<string, string[]>()
  for (const [name, reason] of inactive)
    if (reason !== '') byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  return [...byReason].map(([reason, names]) => {
    const which = names.length > 1 ? `agents ${names.join(', ')} are` : `agent ${names[0]} is`
    return `${which} not active: ${reason}`
  })
}

/** True when what is loaded is what is on disk. */
function isSame(
  entry: Entry | undefined,
  files: AgentFiles | undefined,
  activated: (name: string) => boolean,
): boolean {
  if (!entry) return false
  if (!activated(entry.name)) return false
  if (entry.origin === 'built-in')
    return !files || (files.implementation.kind !== 'module' && files.implementation.kind !== 'programs')
  return files?.signature === entry.signature
}

function builtInEntry(name: string, agent: Agent): Entry {
  return { name, agent, origin: 'built-in', signature: '' }
}

async function fromFiles(files: AgentFiles, generation: number, options: RegistryOptions): Promise<Entry> {
  const { implementation, name } = files
  mayBeRun(files.ddlFile)
  const ddl = parseDdlFile(readFileSync(files.ddlFile, 'utf8'), {
    kind: 'agent',
    name,
    file: files.ddlFile,
    version: options.version,
  })
  if (implementation.kind === 'programs') {
    const programs = findExternals(implementation.directory, ddl)
    if (programs.size === 0) {
      throw new Error(
        `${implementation.directory} has no program for any action (${ddl.actions.map((action) => action.name).join(', ')})`,
      )
    }
    for (const file of [implementation.directory, ...programs.values()]) mayBeRun(file)
    const actions = externalActions(name, programs, options)
    return { name, agent: { ddl, actions }, origin: implementation.directory, signature: files.signature }
  }
  if (implementation.kind !== 'module') throw new Error(`${name} has no implementation`)
  mayBeRun(implementation.file)
  const agent = checkedAgent(
    await importModule(implementation.file, 'agent', generation, options.host),
    ddl,
    implementation.file,
  )
  return { name, agent, origin: implementation.file, signature: files.signature }
}

function checkedAgent(exported: unknown, ddl: AgentDdl, file: string): Agent {
  const implementation = exported as Partial<AgentImplementation> | undefined
  const actions = implementation?.actions
  if (actions === null || typeof actions !== 'object') {
    throw new Error(
      `${file} must export, as default or as 'agent', an object with 'actions' (or a function that returns one)`,
    )
  }
  for (const [name, handler] of Object.entries(actions)) {
    if (typeof handler !== 'function') throw new Error(`${file}: action ${name} is not a function`)
    if (!ddl.actions.some((action) => action.name === name))
      throw new Error(`${file} has an action ${name} that its DDL does not declare`)
  }
  return { ...(implementation as AgentImplementation), ddl }
}

async function stopAgent(entry: Entry, log: Log): Promise<void> {
  try {
    await entry.agent.stop?.()
  } catch (error) {
    log.warn(`agent ${entry.name} failed to stop: ${messageOf(error)}`, { agent: entry.name })
  }
}
