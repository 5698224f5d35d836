// Asks nodes for their resources and keeps what they say: all of a type as a job whose answers go to the book as they arrive, one by its
// title while somebody waits. Users are shown with the names of their groups, so the nodes' groups are asked for first. [live 3, 10]

import { TroupeError } from '#base/errors.ts'
import { isMap } from '#base/is-map.ts'
import {
  INSPECTION_KEPT_MS,
  INSPECTION_NODES_AT_ONCE_MAX,
  INSPECTIONS_AT_ONCE_MAX,
  INSPECTIONS_WAITING_MAX,
  JOBS_RUNNING_PER_ACCOUNT_MAX,
} from '#base/limits.ts'
import type { CallReply, Client } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import { type CommandTarget, rpcCommand } from '../api/command-line.ts'
import type { InspectStarted, ResourceSummary, ResourceVariants, TypeFigures } from '../api/resources.ts'
import type { JobEngine, JobHands } from '../jobs/job-engine.ts'
import type { ConsoleParts } from '../parts.ts'
import type { Caller } from '../route.ts'
import { createTurns } from '../turns.ts'
import { askNodes, NO_ANSWER, type NodesAnswered, PUPPETRAL } from './ask-nodes.ts'
import { createGroupNames, type GroupNames } from './group-names.ts'
import { createInspectionBook, type InspectedResource, type InspectionBook } from './inspection-book.ts'
import { createMasker, isAbsent, type RawResource, readResource, readResources } from './read-resource.ts'
import { isMaskedValue, isSecretProperty, rulesOf, shownProperties } from './type-rules.ts'

export interface Inspector {
  readonly book: InspectionBook
  readonly groupNames: GroupNames
  /** One job per type. A type of which these nodes are being inspected already is not begun again. Throws CONSOLE_INVALID, CONSOLE_TOO_MANY, CONSOLE_NO_BUS. */
  inspect(caller: Caller, types: readonly string[], nodes: readonly string[], how?: InspectHow): Promise<InspectStarted>
  summary(nodes: readonly string[]): ResourceSummary
  figures(type: string, nodes: readonly string[]): TypeFigures
  /** Asks the nodes for this one. Rejects as Client calls do, and with CONSOLE_TOO_MANY. */
  find(caller: Caller, type: string, title: string, nodes: readonly string[], signal?: AbortSignal): Promise<void>
  variants(type: string, title: string, nodes: readonly string[]): Promise<ResourceVariants>
  /** Rejects with CONSOLE_NOT_FOUND: no such node, resource or property; CONSOLE_NOT_ALLOWED: the node does not show it to the account. */
  reveal(caller: Caller, type: string, ask: RevealAsk, signal?: AbortSignal): Promise<unknown>
  /** As it is shown and compared: secrets masked, groups by name. */
  shown(type: string, node: string, resource: RawResource): InspectedResource
  /** Asks these nodes for their groups: they may have others than before. */
  knowGroups(client: Client, nodes: readonly string[], signal?: AbortSignal): Promise<void>
}

interface InspectHow {
  /** Only nodes of which nothing is known yet. */
  readonly onlyMissing?: boolean
}

interface RevealAsk {
  readonly title: string
  readonly node: string
  readonly property: string
}

export interface InspectorParts extends Pick<ConsoleParts, 'clock' | 'clientOf' | 'collective' | 'audit' | 'settings'> {
  readonly jobs: JobEngine
  targetOf(nodes: readonly string[], filter: undefined): Promise<CommandTarget>
}

interface Inspection {
  readonly job: string
  readonly nodes: ReadonlySet<string>
}

export function createInspector(parts: InspectorParts): Inspector {
  const { clock, clientOf, collective, jobs } = parts
  const book = createInspectionBook()
  const groupNames = createGroupNames()
  const masker = createMasker()
  const running = new Map<string, Inspection[]>()
  /** Searches that wait for nodes, by account: each is a question to the whole selection. */
  const finding = new Map<string, number>()
  const turns = createTurns(INSPECTIONS_AT_ONCE_MAX)
  let starting = 0

  const shown: Inspector['shown'] = (type, node, { title, parameters, managed }) => ({
    ...{ title, managed },
    properties: masker.masked(shownProperties(type, parameters, (gid) => groupNames.nameOf(node, gid))),
  })

  const figures: Inspector['figures'] = (type, nodes) => {
    const job = running.get(type)?.at(-1)?.job
    return { ...book.figures(type, nodes), ...(job === undefined ? {} : { job }) }
  }

  return {
    ...{ book, groupNames, shown, figures, inspect, find, variants, reveal, knowGroups },
    summary(nodes) {
      const types = [...new Set([...parts.settings.get().resourceTypes, ...book.types()])].sort()
      return { types: types.map((type) => figures(type, nodes)), asOfMs: clock.now() }
    },
  }

  async function inspect(
    caller: Caller,
    asked: readonly string[],
    given: readonly string[],
    { onlyMissing = false }: InspectHow = {},
  ): Promise<InspectStarted> {
    const all = [...new Set(given)]
    if (all.length === 0) throw invalid('nodes', 'no node is selected')
    book.forget(clock.now() - INSPECTION_KEPT_MS)
    // Groups first: users are shown with their names.
    const types = [...new Set(asked)].sort((a, b) => Number(b === 'group') - Number(a === 'group'))
    const started: { type: string; id: string }[] = []
    let groups: Promise<void> | undefined
    for (const type of types) {
      const nodes = onlyMissing ? book.missing(type, all) : all
      if (nodes.length === 0) continue
      const same = running.get(type)?.find((one) => nodes.every((node) => one.nodes.has(node)))
      const id = same?.job ?? (await begin(caller, type, nodes, type === 'user' ? groups : undefined))
      started.push({ type, id })
      if (type === 'group') groups = jobs.ended(id)
    }
    return { jobs: started }
  }

  async function begin(
    caller: Caller,
    type: string,
    nodes: readonly string[],
    groups: Promise<void> | undefined,
  ): Promise<string> {
    const already = starting + [...running.values()].reduce((sum, some) => sum + some.length, 0)
    if (already >= INSPECTIONS_WAITING_MAX) {
      const message = `cannot inspect ${type}: ${already} inspections are running or wait for their turn; try again when some have ended`
      throw new TroupeError('CONSOLE_TOO_MANY', message)
    }
    starting += 1
    try {
      const inputs = { type }
      const target = await parts.targetOf(nodes, undefined)
      const plan = {
        ...{ kind: 'inspect' as const, title: `Inspect ${type}`, agent: PUPPETRAL, action: 'search', inputs, nodes },
        ...{ command: rpcCommand({ agent: PUPPETRAL, action: 'search', inputs, target }), uncounted: true },
      }
      const { id } = await jobs.begin(caller, plan, async (hands) => {
        await groups
        await turns(() => inspectAll(hands, type, groups !== undefined))
      })
      running.set(type, [...(running.get(type) ?? []), { job: id, nodes: new Set(nodes) }])
      void jobs.ended(id).then(() => {
        const left = (running.get(type) ?? []).filter((one) => one.job !== id)
        if (left.length > 0) running.set(type, left)
        else running.delete(type)
      })
      return id
    } finally {
      starting -= 1
    }
  }

  async function inspectAll(hands: JobHands, type: string, knowsGroups: boolean): Promise<void> {
    if (hands.stopping.aborted) return
    const size = rulesOf(type).slow ? INSPECTION_NODES_AT_ONCE_MAX : undefined
    const some = size === undefined ? {} : { rollOut: { batch: size, batchSleepSeconds: 0 } }
    if (type === 'user' && !knowsGroups)
      await hands.call({
        ...{ agent: PUPPETRAL, action: 'search', inputs: { type: 'group' }, record: false },
        onReply: (reply) => void took('group', reply),
      })
    const end = await hands.call({
      ...{ agent: PUPPETRAL, action: 'search', inputs: { type }, record: false, ...some },
      onReply(reply) {
        const { sender: node, outcome, statusCode, elapsedMs } = reply
        const { message, count } = took(type, reply)
        const isBad = outcome === 'ok' && count === undefined
        void hands.result({
          ...{ node, elapsedMs, message, outcome: isBad ? 'failed' : outcome },
          ...(isBad ? {} : { statusCode }),
          ...(count === undefined ? {} : { data: { resources: count } }),
        })
      },
    })
    for (const node of end.noResponse) {
      book.fail(type, node, clock.now(), NO_ANSWER)
      await hands.result({ node, outcome: 'noResponse' })
    }
    for (const node of end.notAddressed) await hands.result({ node, outcome: 'notAddressed' })
    if (end.rejected > 0)
      hands.fail(`${end.rejected} messages could not be trusted or understood: ${end.rejectedReason}`)
  }

  /** Enters an answer to `search` in the book. */
  function took(type: string, reply: CallReply): { readonly message?: string; readonly count?: number } {
    const { sender: node, outcome, statusMessage, data } = reply
    const found = outcome === 'ok' ? readResources(data) : undefined
    if (!found) {
      const message = outcome === 'ok' ? 'it answered something that is no list of resources' : statusMessage
      book.fail(type, node, clock.now(), message.slice(0, REASON_CHARACTERS_MAX))
      return { message }
    }
    const { resources, left } = found
    if (type === 'group') groupNames.put(node, resources)
    book.put(
      type,
      node,
      clock.now(),
      resources.filter((one) => !isAbsent(one)).map((one) => shown(type, node, one)),
    )
    return { count: resources.length, ...(left > 0 ? { message: `${left} of its resources make no sense` } : {}) }
  }

  async function knowGroups(client: Client, nodes: readonly string[], signal?: AbortSignal): Promise<void> {
    const question = { action: 'search', inputs: { type: 'group' }, nodes, collective }
    const { answers } = await askNodes(client, { ...question, ...(signal ? { signal } : {}) })
    for (const [node, { outcome, data }] of answers) {
      const found = outcome === 'ok' ? readResources(data) : undefined
      if (found) groupNames.put(node, found.resources)
    }
  }

  async function find(
    caller: Caller,
    type: string,
    title: string,
    given: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    const nodes = [...new Set(given)]
    if (nodes.length === 0) throw invalid('nodes', 'no node is selected')
    const own = finding.get(caller.account) ?? 0
    if (own >= JOBS_RUNNING_PER_ACCOUNT_MAX) {
      const message = `cannot look for ${type} ${title.slice(0, 200)}: ${own} searches of ${caller.account} wait for nodes; wait for one of them`
      throw new TroupeError('CONSOLE_TOO_MANY', message)
    }
    finding.set(caller.account, own + 1)
    try {
      const client = await clientOf(caller)
      const inputs = { type, title }
      const asked = askNodes(client, { action: 'find', inputs, nodes, collective, ...(signal ? { signal } : {}) })
      const [found] = await Promise.all([asked, type === 'user' ? knowGroups(client, nodes, signal) : undefined])
      if (!signal?.aborted) enterFound(type, title, found)
    } finally {
      const left = (finding.get(caller.account) ?? 1) - 1
      if (left > 0) finding.set(caller.account, left)
      else finding.delete(caller.account)
    }
  }

  function enterFound(type: string, title: string, { answers, silent }: NodesAnswered): void {
    const now = clock.now()
    for (const [node, { outcome, message, data }] of answers) {
      const resource = outcome === 'ok' ? readResource(data) : undefined
      if (resource) {
        book.putOne(type, node, now, title, isAbsent(resource) ? undefined : shown(type, node, resource))
      } else {
        const reason = outcome === 'ok' ? 'it answered something that is no resource' : message
        book.fail(type, node, now, reason.slice(0, REASON_CHARACTERS_MAX))
      }
    }
    for (const node of silent) book.fail(type, node, now, NO_ANSWER)
  }

  async function variants(type: string, title: string, nodes: readonly string[]): Promise<ResourceVariants> {
    const { asked, found, asOfMs, failed, ...known } = book.variants(type, title, nodes)
    const { hidden, notCloneable } = rulesOf(type)
    const names = [...known.differing, ...known.equal]
    const masks = (name: string): boolean =>
      isSecretProperty(name) || known.variants.some(({ properties }) => isMaskedValue(properties[name]))
    const target = await parts.targetOf(nodes, undefined)
    return {
      ...{
        type,
        title,
        asked,
        found,
        failed: [...failed],
        absent: { ...known.absent, first: [...known.absent.first] },
      },
      ...{ variants: [...known.variants], differing: [...known.differing], equal: [...known.equal] },
      ...{ hidden: [...hidden], secret: names.filter(masks).sort(), cloneable: notCloneable === undefined },
      ...(notCloneable === undefined ? {} : { notCloneableReason: notCloneable }),
      asOfMs: asOfMs ?? 0,
      command: rpcCommand({ agent: PUPPETRAL, action: 'find', inputs: { type, title }, target }),
    }
  }

  async function reveal(caller: Caller, type: string, ask: RevealAsk, signal?: AbortSignal): Promise<unknown> {
    const { title, node, property } = ask
    const client = await clientOf(caller)
    await parts.audit(caller, 'reveal', { type, title: title.slice(0, 200), node, property })
    const inputs: Values = { type, title, reveal: true }
    const { answers } = await askNodes(client, {
      ...{ action: 'find', inputs, nodes: [node], collective },
      ...(signal ? { signal } : {}),
    })
    const answer = answers.get(node)
    if (!answer) throw new TroupeError('CONSOLE_NOT_FOUND', `cannot show ${property}: ${node} does not answer`)
    if (answer.outcome !== 'ok') {
      const message = `cannot show ${property} of ${type} on ${node}: ${answer.message}`
      throw new TroupeError('CONSOLE_NOT_ALLOWED', message)
    }
    const parameters = isMap(answer.data) && isMap(answer.data.parameters) ? answer.data.parameters : {}
    if (Object.hasOwn(parameters, property)) return parameters[property]
    throw new TroupeError('CONSOLE_NOT_FOUND', `${type} ${title.slice(0, 200)} has no ${property} on ${node}`)
  }
}

const REASON_CHARACTERS_MAX = 500

function invalid(field: string, why: string): TroupeError {
  return new TroupeError('CONSOLE_INVALID', `${field}: ${why}`, { details: { fields: { [field]: why } } })
}
