// The agents as forms, made from whatever DDLs are installed beside the console; read anew, so that an agent installed later appears without a
// restart. [live 6, M-073, M-074]

import type { Clock } from '#base/clock.ts'
import { isSecretName } from '#base/secret-names.ts'
import { isKnownToLook, knowsNoop } from '#rpc/acting.ts'
import type { ActionDdl, AgentDdl, InputDdl } from '#rpc/ddl/ddl.ts'
import { isVolatile } from '#rpc/volatile.ts'
import type { TaskAction, TaskAgent, TaskAgents, TaskInput } from '../api/tasks.ts'
import type { ConsoleParts } from '../parts.ts'

export interface TaskShelfParts {
  readonly plugins: ConsoleParts['plugins']
  readonly clock: Clock
  readonly events: Pick<ConsoleParts['events'], 'publish'>
  /** How many nodes have an agent; undefined: not known. */
  countOf(agent: string): number | undefined
  readonly looking?: ReadonlySet<string>
  readonly volatile?: ReadonlySet<string>
}

export interface TaskShelf {
  list(): TaskAgents
  /** Looks now and then whether agents came or went, and tells browsers. */
  watch(): void
  close(): void
}

/** DDLs are read again after so long, milliseconds: reading them all takes some 20 ms. */
const FRESH_MS = 2_000
const WATCH_MS = 15_000
/** Agents with a tab of their own, or that are none for people. [live 6] */
const NOT_ADVANCED = new Set(['discovery', 'puppet', 'puppetd', 'roster'])
/** What cloning does instead. */
const HIDDEN = new Set(['puppetral create'])

export function createTaskShelf(parts: TaskShelfParts): TaskShelf {
  const { plugins, clock } = parts
  let known: Omit<TaskAgents, 'agents'> & { readonly agents: readonly TaskAgent[] } = {
    agents: [],
    advanced: [],
    broken: [],
  }
  let readAtMs = Number.NEGATIVE_INFINITY
  let text = ''
  let cancel: (() => void) | undefined

  const read = (): void => {
    if (clock.monotonic() - readAtMs < FRESH_MS) return
    readAtMs = clock.monotonic()
    const found = plugins.list().filter(({ kind }) => kind === 'agent')
    const agents = found.flatMap(({ ddl }) => (ddl?.kind === 'agent' ? [agentOf(ddl, parts)] : []))
    known = {
      agents: agents.sort(byName),
      advanced: agents.map(({ name }) => name).filter((name) => !NOT_ADVANCED.has(name)),
      broken: found.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }])),
    }
    const now = JSON.stringify(known)
    if (text !== '' && now !== text) parts.events.publish({ type: 'agents' })
    text = now
  }

  return {
    list() {
      read()
      const counted = known.agents.map((agent) => {
        const nodes = parts.countOf(agent.name)
        return nodes === undefined ? agent : { ...agent, nodes }
      })
      return { ...known, agents: counted }
    },
    watch() {
      read()
      cancel = clock.after(WATCH_MS, () => this.watch())
    },
    close: () => cancel?.(),
  }
}

function agentOf(ddl: AgentDdl, parts: Pick<TaskShelfParts, 'looking' | 'volatile'>): TaskAgent {
  const { name, metadata, actions } = ddl
  return {
    name,
    description: metadata.description,
    version: metadata.version,
    actions: actions
      .filter((action) => !HIDDEN.has(`${name} ${action.name}`))
      .map((action) => actionOf(ddl, action, parts))
      .sort(byName),
  }
}

function actionOf(
  ddl: AgentDdl,
  action: ActionDdl,
  { looking, volatile }: Pick<TaskShelfParts, 'looking' | 'volatile'>,
): TaskAction {
  return {
    name: action.name,
    description: action.description,
    inputs: action.inputs.map(inputOf),
    outputs: action.outputs.map(({ name, displayAs, description }) => ({
      name,
      label: displayAs,
      description,
      volatile: isVolatile(ddl.name, action.name, name, volatile),
    })),
    acts: !isKnownToLook(ddl.name, action, looking),
    noop: knowsNoop(action),
    timeoutSeconds: ddl.metadata.timeoutSeconds,
  }
}

function inputOf(input: InputDdl): TaskInput {
  const { name, prompt, description, type, optional, maxlength, list } = input
  const rule = ruleOf(input)
  return {
    ...{ name, prompt, description, type },
    required: !optional && (input.default === undefined || input.default === null),
    ...(maxlength === undefined || maxlength === 0 ? {} : { maxlength }),
    ...(list ? { choices: [...list] } : {}),
    ...(rule === undefined ? {} : { rule }),
    ...(input.default === undefined || input.default === null ? {} : { default: input.default }),
    secret: isSecretName(name),
  }
}

const VALIDATOR_RULES: Readonly<Record<string, string>> = {
  shellsafe: 'must not hold characters with a meaning for a shell: ` $ ; | & > <',
  ipv4address: 'must be an IPv4 address',
  ipv6address: 'must be an IPv6 address',
  ipaddress: 'must be an IP address',
  puppet_variable: 'must be a name as Puppet takes it: letters, digits and underscores',
  puppet_tags: 'must be tags, with commas between them',
  puppet_server_address: 'must be the name or address of a master, with or without :port',
  service_name: 'must be the name of a service',
}

/** A sentence for people. */
function ruleOf({ validation, type }: InputDdl): string | undefined {
  switch (validation?.kind) {
    case 'regex':
      return validation.source === '.' || validation.source === '.*' ? undefined : `must match ${validation.source}`
    case 'validator':
      return VALIDATOR_RULES[validation.name] ?? `must pass the check '${validation.name}'`
    case 'list':
      return `must be one of ${validation.values.map(String).join(', ')}`
    default:
      return type === 'integer'
        ? 'must be a whole number'
        : type === 'number' || type === 'float'
          ? 'must be a number'
          : undefined
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
