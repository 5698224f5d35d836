// Clones on the nodes of a job: what is there is read and written down, then changed step by step, groups before their user. Nodes on which
// something is not as it was previewed are left alone. [live 4] [issue: clone, canary, stop on failures]

import type { Clock } from '#base/clock.ts'
import { isMap } from '#base/is-map.ts'
import { STORE_JSON_CHARACTERS_MAX } from '#base/limits.ts'
import type { CallReply } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import type { RollOut } from '../api/jobs.ts'
import type { JobHands } from '../jobs/job-engine.ts'
import { answerOf, type NodeAnswer, PUPPETRAL } from './ask-nodes.ts'
import { type Before, type BeforesShelf, beforeOf } from './befores-shelf.ts'
import { stateKeyOf } from './clone-preview.ts'
import { type CloneStep, concealed, createInputs } from './clone-steps.ts'
import { type RawResource, readResource, readWholeResource } from './read-resource.ts'
import { inGroups } from './roll-out.ts'

export interface CloneWork {
  readonly steps: readonly CloneStep[]
  /** Where it is to be done, and the state each had in the preview. */
  readonly states: ReadonlyMap<string, string>
  /** Where it is not to be done, and why. */
  readonly left: ReadonlyMap<string, string>
  readonly rollOut?: RollOut | undefined
  readonly befores: BeforesShelf
  readonly clock: Clock
  /** How a resource is shown, secrets masked. */
  shown(node: string, resource: RawResource): Readonly<Record<string, unknown>>
  /** Hears what became of it. */
  done?(node: string, resource: RawResource): void
}

export async function cloneOnNodes(hands: JobHands, work: CloneWork): Promise<void> {
  for (const [node, message] of work.left) await hands.result({ node, outcome: 'notAddressed', message })
  const nodes = hands.nodes.filter((node) => work.states.has(node))
  await inGroups(hands, work.clock, { nodes, rollOut: work.rollOut }, (some) => cloneGroup(hands, work, some))
}

/** Nodes of a group that are still at it. */
interface Alive {
  readonly nodes: Set<string>
  /** Ends the work on a node with this line. */
  lose(node: string, outcome: 'failed' | 'refused' | 'noResponse' | 'notAddressed', message: string): Promise<void>
  readonly lost: number
}

export function aliveOf(hands: JobHands, nodes: readonly string[]): Alive {
  const alive = new Set(nodes)
  let lost = 0
  return {
    nodes: alive,
    async lose(node, outcome, message) {
      if (!alive.delete(node)) return
      if (outcome !== 'notAddressed') lost += 1
      await hands.result({ node, outcome, message, ...(outcome === 'failed' ? { statusCode: 1 } : {}) })
    },
    get lost() {
      return lost
    },
  }
}

async function cloneGroup(hands: JobHands, work: CloneWork, nodes: readonly string[]): Promise<number> {
  const { steps, rollOut } = work
  const alive = aliveOf(hands, nodes)
  const befores = await readBefores(hands, work, alive)
  if (hands.stopping.aborted) {
    for (const node of alive.nodes) await alive.lose(node, 'notAddressed', 'stopped before anything was changed')
    return alive.lost
  }
  await work.befores.add(hands.id, befores)
  const begun: string[] = []
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1
    const what = `${step.type} ${step.title}`
    const after = begun.length > 0 ? `; done before it: ${begun.join(', ')}` : ''
    const asked = [...alive.nodes]
    const { answers, notSent } = await askInJob(hands, 'create', createInputs(step), asked, rollOut?.timeoutSeconds)
    for (const node of asked) {
      const answer = answers.get(node)
      if (!answer) {
        if (notSent.has(node) && begun.length === 0) await alive.lose(node, 'notAddressed', 'stopped before it')
        else if (notSent.has(node)) await alive.lose(node, 'failed', `stopped before ${what}${after}`)
        else await alive.lose(node, 'noResponse', `no answer to ${what}; what it did is not known${after}`)
      } else if (answer.outcome !== 'ok') {
        await alive.lose(node, answer.outcome, `${what}: ${concealed(answer.message, steps)}${after}`)
      } else if (isLast) {
        await entered(hands, work, node, answer)
      }
    }
    begun.push(what)
  }
  return alive.lost
}

async function entered(hands: JobHands, work: CloneWork, node: string, { data }: NodeAnswer): Promise<void> {
  const read = isMap(data) ? readResource(data.resource) : undefined
  if (!read) return hands.result({ node, outcome: 'ok', message: 'done; it did not tell what is there now' })
  // Of a user with a group by name the node tells the number: others have another for the same.
  const { gid } = work.steps.at(-1)?.parameters ?? {}
  const named = typeof gid === 'string' ? { ...read, parameters: { ...read.parameters, gid } } : read
  work.done?.(node, named)
  await hands.result({ node, outcome: 'ok', data: { resource: work.shown(node, named) } })
}

/** How everything to be changed is now. Nodes that do not tell, or tell other than in the preview, are left alone. */
async function readBefores(hands: JobHands, work: CloneWork, alive: Alive): Promise<Before[]> {
  const { steps, states, rollOut } = work
  const found = new Map<string, Before[]>()
  for (const [order, step] of steps.entries()) {
    const { type, title, secrets } = step
    const asked = [...alive.nodes]
    const { answers } = await askInJob(hands, 'find', { type, title }, asked, rollOut?.timeoutSeconds)
    const masked = secrets.length > 0 ? asked : []
    const revealed = await askInJob(hands, 'find', { type, title, reveal: true }, masked, rollOut?.timeoutSeconds)
    for (const node of asked) {
      const answer = answers.get(node)
      if (!answer) {
        await alive.lose(node, 'noResponse', 'no answer; nothing was changed')
        continue
      }
      const resource = answer.outcome === 'ok' ? readWholeResource(answer.data) : undefined
      if (!resource) {
        const why = answer.outcome === 'ok' ? 'it answered something that is no resource' : answer.message
        const outcome = answer.outcome === 'refused' ? 'refused' : 'failed'
        await alive.lose(node, outcome, `${type} ${title} cannot be looked at: ${why}; nothing was changed`)
        continue
      }
      if (order === steps.length - 1 && stateKeyOf(resource) !== states.get(node)) {
        await alive.lose(node, 'failed', `${type} ${title} is not as it was in the preview; nothing was changed`)
        continue
      }
      const full = revealed.answers.get(node)
      const clear = full?.outcome === 'ok' ? readWholeResource(full.data) : undefined
      const before = beforeOf(node, step, order, resource, clear)
      if (JSON.stringify(before.parameters).length > BEFORE_CHARACTERS_MAX) {
        // Kept by the store in one piece with those of the others, or not at all.
        const why = 'it tells more than can be kept to put it back'
        await alive.lose(node, 'failed', `${type} ${title}: ${why}; nothing was changed`)
        continue
      }
      const own = found.get(node) ?? []
      own.push(before)
      found.set(node, own)
    }
  }
  return [...alive.nodes].flatMap((node) => found.get(node) ?? [])
}

/** Sealed and with what the clone wants, it has room in the store. */
const BEFORE_CHARACTERS_MAX = STORE_JSON_CHARACTERS_MAX / 4

export interface AskedInJob {
  readonly answers: ReadonlyMap<string, NodeAnswer>
  /** Certainly not reached. */
  readonly notSent: ReadonlySet<string>
}

/** A question in a job whose answers are not the nodes' lines. */
export async function askInJob(
  hands: JobHands,
  action: string,
  inputs: Values,
  nodes: readonly string[],
  timeoutSeconds?: number | undefined,
): Promise<AskedInJob> {
  const answers = new Map<string, NodeAnswer>()
  if (nodes.length === 0) return { answers, notSent: new Set() }
  const end = await hands.call({
    ...{ agent: PUPPETRAL, action, inputs, nodes, record: false },
    ...(timeoutSeconds === undefined ? {} : { rollOut: { timeoutSeconds } }),
    onReply: (reply: CallReply) => void answers.set(reply.sender, answerOf(reply)),
  })
  return { answers, notSent: new Set(end.notAddressed) }
}
