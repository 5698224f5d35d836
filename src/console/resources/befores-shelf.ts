// What was before a clone, per node and resource, written down before anything is changed, with what the clone wanted: from both an undo
// knows what to put back and whether somebody else was there since. Secrets are sealed. [issue: undo from recorded before-state]

import { isMap } from '#base/is-map.ts'
import type { Values } from '#message/request.ts'
import type { BeforeRecord } from '#store/job-records.ts'
import type { Store } from '#store/store.ts'
import type { CloneStep } from './clone-steps.ts'
import type { RawResource } from './read-resource.ts'
import type { Sealer } from './sealer.ts'
import { isMaskedValue } from './type-rules.ts'

/** A resource of a node before the clone, and what the clone wanted of it. */
export interface Before {
  readonly node: string
  readonly step: CloneStep
  /** Order in which it was changed. */
  readonly order: number
  /** As it was; masked secrets are not in it. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** Secrets of the step whose former value is not known. */
  readonly unknown: readonly string[]
}

export interface BeforesShelf {
  /** Rejects with STORE_*: then nothing may be changed. */
  add(job: string, befores: readonly Before[]): Promise<void>
  /** Of some nodes. What makes no sense any more is left out. */
  of(job: string, nodes: readonly string[]): Promise<Map<string, Before[]>>
  /** Goes through all there is, a page at a time. */
  all(job: string): AsyncIterable<Before>
}

/** Of the node's answers: `revealed` is the one with secrets, when the node gives it. */
export function beforeOf(
  node: string,
  step: CloneStep,
  order: number,
  resource: RawResource,
  revealed: RawResource | undefined,
): Before {
  const parameters: Record<string, unknown> = Object.create(null)
  const unknown: string[] = []
  for (const [name, value] of Object.entries(resource.parameters)) {
    const clear = isMaskedValue(value) && step.secrets.includes(name) ? revealed?.parameters[name] : value
    if (clear !== undefined && !isMaskedValue(clear)) parameters[name] = clear
    else if (step.secrets.includes(name)) unknown.push(name)
  }
  return { node, step, order, parameters, unknown }
}

export function createBeforesShelf(store: Pick<Store, 'befores'>, sealer: Sealer): BeforesShelf {
  const { befores } = store
  return {
    add: (job, all) =>
      befores.add(
        job,
        all.map((one) => recordOf(job, one)),
      ),
    async of(job, nodes) {
      const found = new Map<string, Before[]>()
      await Promise.all(
        nodes.map(async (node) => {
          const records = await befores.list(job, { node })
          found.set(
            node,
            records.flatMap((record) => readRecord(job, record) ?? []),
          )
        }),
      )
      return found
    },
    async *all(job) {
      let after: BeforeRecord | undefined
      for (;;) {
        const page = await befores.list(job, after ? { after } : {})
        for (const record of page) {
          const before = readRecord(job, record)
          if (before) yield before
        }
        after = page.at(-1)
        if (!after) return
      }
    },
  }

  function recordOf(job: string, { node, step, order, parameters, unknown }: Before): BeforeRecord {
    const { type, title, secrets } = step
    const [was, hiddenBefore] = apart(parameters, secrets)
    const [wanted, hiddenWanted] = apart(step.parameters, secrets)
    const sealed =
      secrets.length === 0
        ? {}
        : { sealed: sealer.seal({ before: hiddenBefore, wanted: hiddenWanted }, [job, node, type, title]) }
    const { avoidConflict } = step
    return {
      ...{ node, type, title, step: order },
      before: { was, wanted, secrets, unknown, ...(avoidConflict === undefined ? {} : { avoidConflict }), ...sealed },
    }
  }

  function readRecord(job: string, { node, type, title, step: order, before }: BeforeRecord): Before | undefined {
    if (!isMap(before) || !isMap(before.was) || !isMap(before.wanted)) return undefined
    const { was, wanted, avoidConflict } = before
    const [secrets, unknown] = [names(before.secrets), names(before.unknown)]
    const opened = typeof before.sealed === 'string' ? sealer.open(before.sealed, [job, node, type, title]) : undefined
    const hidden = isMap(opened) && isMap(opened.before) && isMap(opened.wanted) ? opened : undefined
    const known = hidden ? (hidden as { before: Values; wanted: Values }) : { before: {}, wanted: {} }
    return {
      ...{ node, order, parameters: { ...was, ...known.before } },
      step: {
        ...{ type, title, secrets },
        parameters: { ...(wanted as Values), ...known.wanted },
        ...(avoidConflict === 'uid' || avoidConflict === 'gid' ? { avoidConflict } : {}),
      },
      // Without the key nobody knows them any more.
      unknown: hidden ? unknown : [...new Set([...unknown, ...secrets])],
    }
  }
}

function apart(
  values: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): [open: Record<string, unknown>, hidden: Record<string, unknown>] {
  const entries = Object.entries(values)
  return [
    Object.fromEntries(entries.filter(([name]) => !secrets.includes(name))),
    Object.fromEntries(entries.filter(([name]) => secrets.includes(name))),
  ]
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}
