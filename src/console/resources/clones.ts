// Previews, and the jobs that come of them: cloning and undoing. Who may begin what, and that two people do not change the same resource of the
// same node at once, is decided here; how previews live is preview-shelf.ts, what is done on nodes clone-work.ts and undo-work.ts. [live 4]

import { TroupeError } from '#base/errors.ts'
import { CLONE_PREVIEW_MS, CLONE_PREVIEW_RUN_MS, JOB_EVENT_INTERVAL_MS } from '#base/limits.ts'
import type { Client } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import type { JobRecord } from '#store/job-records.ts'
import type { Store } from '#store/store.ts'
import { rpcCommand } from '../api/command-line.ts'
import type { Job } from '../api/jobs.ts'
import type { ClonePreview, ClonePreviewState, CloneRequest, StartClone, Undoable, UndoJob } from '../api/resources.ts'
import type { JobEngine, JobHands, JobPlan } from '../jobs/job-engine.ts'
import type { ConsoleParts } from '../parts.ts'
import type { Caller } from '../route.ts'
import { PUPPETRAL } from './ask-nodes.ts'
import { type Before, createBeforesShelf } from './befores-shelf.ts'
import {
  cloneCommand,
  groupedEffects,
  type Previewed,
  previewOn,
  readSource,
  type SourceFound,
} from './clone-preview.ts'
import { shownParameters, shownStep } from './clone-steps.ts'
import { cloneOnNodes } from './clone-work.ts'
import type { Inspector } from './inspector.ts'
import { sampleOf } from './node-sample.ts'
import { createPreviewShelf, type PreviewRun } from './preview-shelf.ts'
import { isAbsent } from './read-resource.ts'
import { checkRollOut } from './roll-out.ts'
import type { Sealer } from './sealer.ts'
import { rulesOf } from './type-rules.ts'
import { restorationOf, sameCalls, undoOnNodes, wasSatisfied } from './undo-work.ts'
import { keyOf } from './value-key.ts'

export interface Clones {
  /** Begins one. `stillAllowed`: whether whoever asked may go on. Throws CONSOLE_INVALID: it cannot be cloned; CONSOLE_TOO_MANY, CONSOLE_NO_BUS. */
  preview(caller: Caller, request: CloneRequest, stillAllowed?: () => Promise<boolean>): Promise<ClonePreviewState>
  /** Waits at most so long. Throws CONSOLE_NOT_FOUND, CONSOLE_NOT_ALLOWED; CONSOLE_CONFLICT: too old, it took too long, or the source is not as it was. */
  previewed(caller: Caller, id: string, waitSeconds: number, signal?: AbortSignal): Promise<ClonePreviewState>
  /** Throws CONSOLE_NOT_FOUND, CONSOLE_NOT_ALLOWED. */
  endPreview(caller: Caller, id: string): void
  /** All nodes of an effect, sorted. Throws CONSOLE_NOT_FOUND. */
  nodesOf(caller: Caller, preview: string, key: string): readonly string[]
  /** Throws CONSOLE_NOT_FOUND, CONSOLE_NOT_ALLOWED, CONSOLE_CONFLICT: too old, used, another selection, being changed; CONSOLE_INVALID: not confirmed. */
  start(caller: Caller, ask: StartClone): Promise<Job>
  /** Throws CONSOLE_NOT_FOUND, CONSOLE_CONFLICT: nothing to undo, or it is being changed. */
  undo(caller: Caller, job: string, ask: UndoJob): Promise<Job>
  /** The nodes it would go to. Throws as `undo` does. */
  undoable(job: string): Promise<Undoable>
  /** Ends previews that are on their way. */
  close(): Promise<void>
}

export interface ClonesParts extends Pick<ConsoleParts, 'clock' | 'clientOf' | 'collective' | 'audit' | 'events'> {
  readonly store: Pick<Store, 'befores' | 'jobs' | 'newId'>
  readonly jobs: JobEngine
  readonly inspector: Inspector
  readonly sealer: Sealer
}

interface Kept {
  readonly answer: ClonePreview
  readonly request: CloneRequest
  readonly nodes: readonly string[]
  readonly source: SourceFound
  readonly previewed: Previewed
  readonly byKey: ReadonlyMap<string, readonly string[]>
  /** Being begun, or the job it became. */
  used?: string
}

export function createClones(parts: ClonesParts): Clones {
  const { clock, collective, inspector, jobs, store } = parts
  const befores = createBeforesShelf(store, parts.sealer)
  const previews = createPreviewShelf<Kept>({ clock, newId: store.newId })
  const locks = createLocks()
  parts.events.onRecheck((account) => void previews.recheck(account))

  return { preview, previewed, endPreview, nodesOf, start, undo, undoable, close: previews.close }

  async function preview(
    caller: Caller,
    request: CloneRequest,
    stillAllowed?: () => Promise<boolean>,
  ): Promise<ClonePreviewState> {
    const { type, title } = request
    const nodes = [...new Set(request.nodes)]
    if (nodes.length === 0) throw invalid('nodes', 'no node is selected')
    const { notCloneable } = rulesOf(type)
    if (notCloneable !== undefined) throw invalid('type', `${type} cannot be cloned: ${notCloneable}`)
    if (request.variant === undefined && request.sourceNode === undefined)
      throw invalid('variant', 'say what to clone: a variant, or a node to take it from')
    checkRollOut(request.rollOut)
    const client = await parts.clientOf(caller)
    await parts.audit(caller, 'clone-preview', { type, title: title.slice(0, 200), nodes: nodes.length })
    const owner = {
      ...{ account: caller.account, tooLate: () => tooLate(nodes.length) },
      ...(stillAllowed ? { stillAllowed } : {}),
    }
    const id = previews.begin(owner, (run) => makePreview(caller, client, { ...request, nodes }, run))
    return { id, state: 'running' }
  }

  async function makePreview(caller: Caller, client: Client, request: CloneRequest, run: PreviewRun): Promise<Kept> {
    const { type, title, nodes } = request
    const asking = { client, collective, inspector, signal: run.signal, progress: progressTo(caller, run) }
    const source = await sourceOf(asking, request)
    const previewed = await previewOn(asking, request, source, nodes)
    // Who was not waited for would look silent.
    run.signal.throwIfAborted()
    const { shown, counts, nodes: byKey } = groupedEffects(previewed.effects)
    const acting = nodesWith(previewed, 'create', 'change')
    const { properties, managed } = inspector.shown(type, source.node, source.seen)
    const answer: ClonePreview = {
      ...{ id: run.id, type, title, sourceNode: source.node, madeAtMs: clock.now() },
      expiresAtMs: clock.now() + CLONE_PREVIEW_MS,
      source: {
        ...{ key: keyOf(properties), properties, managed: Number(managed === true) },
        nodes: sampleOf(holdersOf(request, source)),
      },
      steps: previewed.steps.map(shownStep),
      ...{ effects: shown, counts, warnings: [...previewed.warnings, ...managedWarning(request)] },
      ...(previewed.confirm === undefined ? {} : { confirm: previewed.confirm }),
      command: cloneCommand(previewed.steps, acting.length > 0 ? acting : nodes),
    }
    return { ...{ answer, nodes, source, previewed, byKey }, request: { ...request, nodes: [] } }
  }

  /** At most five times a second, and the beginning of every question. */
  function progressTo({ account }: Caller, { id, tell }: PreviewRun): Progress {
    let toldAtMs = Number.NEGATIVE_INFINITY
    return (question, questions, answered, asked) => {
      const progress = { question, questions, answered, asked }
      tell(progress)
      if (answered > 0 && answered < asked && clock.monotonic() - toldAtMs < JOB_EVENT_INTERVAL_MS) return
      toldAtMs = clock.monotonic()
      parts.events.publish({ type: 'preview', id, ...progress }, { account })
    }
  }

  async function previewed(
    caller: Caller,
    id: string,
    waitSeconds: number,
    signal?: AbortSignal,
  ): Promise<ClonePreviewState> {
    const told = await previews.ask(caller.account, id, waitSeconds * 1000, signal)
    return 'made' in told ? { id, state: 'done', preview: told.made.answer } : { id, state: 'running', ...told }
  }

  function endPreview(caller: Caller, id: string): void {
    previews.cancel(caller.account, id)
  }

  async function sourceOf(
    asking: { readonly client: Client; readonly collective: string; readonly inspector: Inspector },
    request: CloneRequest,
  ): Promise<SourceFound> {
    const { type, title, variant, sourceNode } = request
    const candidates = sourceNode === undefined ? inspector.book.holders(type, title, variant ?? '', 3) : [sourceNode]
    let changed = false
    for (const node of candidates) {
      const found = await readSource(asking, type, title, node)
      if (!found) continue
      const { properties } = inspector.shown(type, node, found.seen)
      if (variant === undefined || keyOf(properties) === variant) return found
      changed = true
    }
    const what = `${type} ${title.slice(0, 200)}`
    const why =
      candidates.length === 0
        ? 'no node is known to have this variant any more'
        : changed
          ? `it is no longer as it was on ${candidates.join(', ')}`
          : `${candidates.join(', ')} ${candidates.length === 1 ? 'does' : 'do'} not answer, or ${candidates.length === 1 ? 'has' : 'have'} none`
    throw new TroupeError('CONSOLE_CONFLICT', `cannot clone ${what}: ${why}; find it again`)
  }

  function holdersOf({ type, title, variant }: CloneRequest, source: SourceFound): string[] {
    const known = variant === undefined ? [] : inspector.book.holders(type, title, variant, Number.MAX_SAFE_INTEGER)
    return known.includes(source.node) ? known : [source.node, ...known]
  }

  /** A node whose Puppet manages it will undo the clone at its next run. */
  function managedWarning({ type, title, nodes }: CloneRequest): string[] {
    const managed = inspector.book.variants(type, title, nodes).variants.reduce((sum, one) => sum + one.managed, 0)
    if (managed === 0) return []
    return [`Puppet manages it on ${managed} of the nodes: its next run there makes it as the catalogue says`]
  }

  function nodesOf(caller: Caller, id: string, key: string): readonly string[] {
    const nodes = previews.made(caller.account, id).byKey.get(key)
    if (nodes) return nodes
    throw new TroupeError('CONSOLE_NOT_FOUND', 'this preview has no such state')
  }

  async function start(caller: Caller, ask: StartClone): Promise<Job> {
    const kept = previews.made(caller.account, ask.preview)
    const { request, previewed, source, nodes } = kept
    const { type, title, rollOut } = request
    if (kept.used !== undefined)
      throw new TroupeError(
        'CONSOLE_CONFLICT',
        `this preview was used already${kept.used === '' ? '' : `, by job ${kept.used}`}: make a new one`,
      )
    if (ask.nodes && keyOfNames(ask.nodes) !== keyOfNames(nodes))
      throw new TroupeError('CONSOLE_CONFLICT', 'other nodes are selected than were previewed: make a new preview')
    if (previewed.confirm !== undefined && ask.confirm !== previewed.confirm)
      throw invalid('confirm', `type ${previewed.confirm.slice(0, 200)} to go on`)
    const states = new Map<string, string>()
    const left = new Map<string, string>()
    for (const { node, effect, stateKey, reason } of previewed.effects) {
      if (stateKey !== undefined && (effect === 'create' || effect === 'change' || effect === 'nothing'))
        states.set(node, stateKey)
      else
        left.set(
          node,
          `not cloned: ${LEFT[effect] ?? effect} in the preview${reason === undefined ? '' : `: ${reason}`}`,
        )
    }
    if (nodesWith(previewed, 'create', 'change').length === 0)
      throw new TroupeError('CONSOLE_CONFLICT', 'there is nothing to do: no node would be changed')
    const plan: JobPlan = {
      ...{
        kind: 'clone',
        title: `Clone ${type} ${title}`.slice(0, TITLE_MAX),
        agent: PUPPETRAL,
        action: 'create',
        nodes,
      },
      inputs: { type, title, source: source.node, steps: previewed.steps.map(shownStep) },
      command: cloneCommand(previewed.steps, [...states.keys()]),
      rollOut,
      detail: { clone: { type, title, sourceNode: source.node, options: optionWords(request) } },
    }
    kept.used = ''
    try {
      const job = await locked(caller, plan, previewed.steps, [...states.keys()], (hands) =>
        cloneOnNodes(hands, {
          ...{ steps: previewed.steps, states, left, rollOut, befores, clock },
          shown: (node, resource) => inspector.shown(type, node, resource).properties,
          done(node, resource) {
            const seen = isAbsent(resource) ? undefined : inspector.shown(type, node, resource)
            inspector.book.putOne(type, node, clock.now(), title, seen && { ...seen, managed: undefined })
          },
        }),
      )
      kept.used = job.id
      return job
    } catch (error) {
      delete kept.used
      throw error
    }
  }

  /** Throws CONSOLE_NOT_FOUND, CONSOLE_CONFLICT. */
  async function recordToUndo(id: string): Promise<JobRecord> {
    const record = await store.jobs.get(id)
    if (!record)
      throw new TroupeError('CONSOLE_NOT_FOUND', `there is no job ${id}: it may have been deleted by its age`)
    if (record.state === 'running') throw new TroupeError('CONSOLE_CONFLICT', `cannot undo job ${id}: it still runs`)
    if (!record.canUndo || (record.kind !== 'clone' && record.kind !== 'undo'))
      throw new TroupeError('CONSOLE_CONFLICT', `cannot undo job ${id}: it recorded nothing of what was before`)
    return record
  }

  async function undoable(id: string): Promise<Undoable> {
    await recordToUndo(id)
    return { nodes: sampleOf(await store.befores.nodesOf(id)) }
  }

  async function undo(caller: Caller, id: string, ask: UndoJob): Promise<Job> {
    const record = await recordToUndo(id)
    const wanted = ask.nodes && new Set(ask.nodes)
    const nodes = new Set<string>()
    const resources = new Map<string, { readonly type: string; readonly title: string }>()
    const commands = createCommands()
    for await (const before of befores.all(id)) {
      if (wanted && !wanted.has(before.node)) continue
      nodes.add(before.node)
      const { type, title } = before.step
      resources.set(lockKey({ type, title }), { type, title })
      commands.add(before)
    }
    if (nodes.size === 0)
      throw new TroupeError('CONSOLE_CONFLICT', `cannot undo job ${id}: it touched none of these nodes`)
    const { type, title } = record.inputs as { type: string; title: string }
    const plan: JobPlan = {
      ...{ kind: 'undo', title: undoTitle(record.title).slice(0, TITLE_MAX), agent: PUPPETRAL, action: 'create' },
      ...{ nodes: [...nodes], inputs: { type, title, job: id }, of: id, command: commands.text() },
    }
    return locked(caller, plan, [...resources.values()], [...nodes], (hands) =>
      undoOnNodes(hands, { of: id, befores, clock }),
    )
  }

  /** Begins a job that changes these resources on these nodes, alone. */
  async function locked(
    caller: Caller,
    plan: JobPlan,
    resources: readonly { readonly type: string; readonly title: string }[],
    nodes: readonly string[],
    work: (hands: JobHands) => Promise<void>,
  ): Promise<Job> {
    const release = locks.take(caller.account, resources, nodes)
    let begun = false
    try {
      const job = await jobs.begin(caller, plan, (hands) => work(hands).finally(release))
      begun = true
      return job
    } finally {
      if (!begun) release()
    }
  }
}

type Progress = (question: number, questions: number, answered: number, asked: number) => void

function tooLate(nodes: number): TroupeError {
  const message = `the preview was ended after ${CLONE_PREVIEW_RUN_MS / 60_000} minutes, before all of ${nodes} nodes had told what would happen: preview it for fewer nodes`
  return new TroupeError('CONSOLE_CONFLICT', message)
}

const TITLE_MAX = 200

/** `Undo: Clone user gopher`; the undo of that is `Redo: Clone user gopher`. */
function undoTitle(title: string): string {
  const [, word, rest] = /^(Undo|Redo): (.*)$/s.exec(title) ?? []
  return word === undefined ? `Undo: ${title}` : `${word === 'Undo' ? 'Redo' : 'Undo'}: ${rest}`
}

const LEFT: Partial<Record<string, string>> = { noResponse: 'no answer', failed: 'it failed', excluded: 'left out' }

function nodesWith({ effects }: Previewed, ...wanted: readonly string[]): string[] {
  return effects.filter(({ effect }) => wanted.includes(effect)).map(({ node }) => node)
}

function keyOfNames(nodes: readonly string[]): string {
  return [...new Set(nodes)].sort().join('\n')
}

/** `keepIds`, `createHome` ...: those that are on. */
function optionWords({ options }: CloneRequest): string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === true ? [name] : []))
}

function lockKey({ type, title }: { readonly type: string; readonly title: string }): string {
  return `${type} ${title}`
}

interface Lock {
  readonly account: string
  readonly nodes: ReadonlySet<string>
}

/** Who is changing what where. */
function createLocks() {
  const held = new Map<string, Set<Lock>>()
  return {
    /** Answers how to let go of them. Throws CONSOLE_CONFLICT. */
    take(account: string, resources: readonly { type: string; title: string }[], nodes: readonly string[]): () => void {
      const keys = resources.map(lockKey)
      for (const key of keys)
        for (const other of held.get(key) ?? []) {
          const shared = nodes.find((node) => other.nodes.has(node))
          if (shared === undefined) continue
          const message = `${other.account} is changing ${key.slice(0, 200)} on ${shared} just now: wait until that job has ended, then look at a new preview`
          throw new TroupeError('CONSOLE_CONFLICT', message)
        }
      const lock: Lock = { account, nodes: new Set(nodes) }
      for (const key of keys) held.set(key, (held.get(key) ?? new Set()).add(lock))
      return () => {
        for (const key of keys) {
          const locks = held.get(key)
          locks?.delete(lock)
          if (locks?.size === 0) held.delete(key)
        }
      }
    },
  }
}

/** What an undo comes to on the command line: a command for each resource and former state, the last change first. */
function createCommands(): { add(before: Before): void; text(): string } {
  const calls = new Map<string, { readonly order: number; readonly inputs: Values; readonly nodes: string[] }>()
  let more = 0
  return {
    add(before) {
      if (wasSatisfied(before)) return
      const [call] = sameCalls([restorationOf(before)])
      if (!call) return
      const { step, order } = before
      const inputs = { ...call.inputs, parameters: shownParameters(call.inputs.parameters as Values, step.secrets) }
      const key = JSON.stringify(inputs)
      const known = calls.get(key)
      if (known) known.nodes.push(before.node)
      else if (calls.size < COMMANDS_SHOWN_MAX)
        calls.set(key, { order, inputs: inputs as Values, nodes: [before.node] })
      else more += 1
    },
    text() {
      const ordered = [...calls.values()].sort((a, b) => b.order - a.order)
      const lines = ordered.map(({ inputs, nodes }) =>
        rpcCommand({ agent: PUPPETRAL, action: 'create', inputs, target: { kind: 'nodes', nodes } }),
      )
      return `${lines.join(' && ')}${more > 0 ? ` # and ${more} more` : ''}`
    },
  }
}

const COMMANDS_SHOWN_MAX = 10

function invalid(field: string, why: string): TroupeError {
  return new TroupeError('CONSOLE_INVALID', `${field}: ${why}`, { details: { fields: { [field]: why } } })
}
