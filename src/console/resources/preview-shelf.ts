// Previews on their way and those that can be quoted. One is begun, asked for until it is done, and then kept for ten minutes; it ends when it takes too
// long, when nobody asks for it any more, when it is cancelled, and with the session that began it. Whose it is, how many there are and how
// long they live is decided here; what a preview is, is clones.ts's.

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import {
  CLONE_PREVIEW_MS,
  CLONE_PREVIEW_RUN_MS,
  CLONE_PREVIEW_UNASKED_MS,
  CLONE_PREVIEWS_MAX,
  CLONE_PREVIEWS_PER_ACCOUNT_MAX,
  CLONE_PREVIEWS_RUNNING_MAX,
  CLONE_PREVIEWS_RUNNING_PER_ACCOUNT_MAX,
} from '#base/limits.ts'
import type { PreviewProgress } from '../api/resources.ts'

export interface PreviewShelf<Made> {
  /** Answers the id at once. Throws CONSOLE_TOO_MANY. */
  begin(owner: PreviewOwner, work: (run: PreviewRun) => Promise<Made>): string
  /**
   * Waits at most so long for it to be done. Throws what the work has thrown; CONSOLE_NOT_FOUND, also when it was cancelled; CONSOLE_NOT_ALLOWED: it is
   * somebody else's; CONSOLE_CONFLICT: it took too long, or was done ten minutes ago.
   */
  ask(account: string, id: string, waitMs?: number, signal?: AbortSignal): Promise<PreviewTold<Made>>
  /** Throws as `ask`, and CONSOLE_CONFLICT while it is not done. */
  made(account: string, id: string): Made
  /** Throws CONSOLE_NOT_FOUND, CONSOLE_NOT_ALLOWED. */
  cancel(account: string, id: string): void
  /** Ends those of the account whose owner may not ask any more. */
  recheck(account: string): Promise<void>
  /** Ends all. */
  close(): Promise<void>
}

export interface PreviewOwner {
  readonly account: string
  /** Asked at `recheck`: false ends it, e.g. because the session was signed out. Default: yes. */
  stillAllowed?(): Promise<boolean>
  /** What is thrown when it took too long. */
  tooLate(): TroupeError
}

export interface PreviewRun {
  readonly id: string
  /** Aborted when the result is not wanted any more. */
  readonly signal: AbortSignal
  tell(progress: PreviewProgress): void
}

export type PreviewTold<Made> = { readonly progress?: PreviewProgress } | { readonly made: Made }

interface Entry<Made> {
  readonly id: string
  readonly owner: PreviewOwner
  readonly stop: AbortController
  progress?: PreviewProgress
  /** Absent while it runs. */
  end?: { readonly atMs: number; readonly made: Made } | { readonly atMs: number; readonly error: unknown }
  /** The work itself has settled: what was ended may take a moment. */
  settled: Promise<void>
  isSettled: boolean
  /** Requests that wait for it. */
  readonly waiting: Set<() => void>
  cancelUnasked?: () => void
}

export function createPreviewShelf<Made>(parts: { readonly clock: Clock; newId(): string }): PreviewShelf<Made> {
  const { clock } = parts
  const entries = new Map<string, Entry<Made>>()
  /** Those that were ended but work on. */
  const ending = new Set<Entry<Made>>()
  let closed = false

  return {
    begin,
    async ask(account, id, waitMs = 0, signal) {
      const entry = owned(account, id)
      if (!entry.end && waitMs > 0) await waited(entry, waitMs, signal)
      else if (!entry.end) expectAsking(entry)
      if (entry.end) return { made: madeBy(entry) }
      return entry.progress === undefined ? {} : { progress: entry.progress }
    },
    made(account, id) {
      const entry = owned(account, id)
      if (entry.end) return madeBy(entry)
      throw new TroupeError('CONSOLE_CONFLICT', 'this preview is not done yet: wait for it')
    },
    cancel(account, id) {
      const entry = owned(account, id)
      entries.delete(id)
      finish(entry, { error: gone() })
    },
    async recheck(account) {
      const own = [...entries.values()].filter(({ owner, end }) => owner.account === account && !end)
      for (const entry of own) {
        // Who cannot be asked for is left to the next time, or to nobody asking.
        const isAllowed = await entry.owner.stillAllowed?.().catch(() => true)
        if (isAllowed === false) drop(entry)
      }
    },
    async close() {
      closed = true
      for (const entry of entries.values()) finish(entry, { error: gone() })
      await Promise.all([...ending].map(({ settled }) => settled))
    },
  }

  function begin(owner: PreviewOwner, work: (run: PreviewRun) => Promise<Made>): string {
    if (closed) throw new TroupeError('CONSOLE_NO_BUS', 'cannot begin a preview: the console is being stopped')
    makeRoom(owner.account)
    const entry: Entry<Made> = {
      ...{ id: parts.newId(), owner, stop: new AbortController(), waiting: new Set() },
      ...{ settled: Promise.resolve(), isSettled: false },
    }
    const { id, stop } = entry
    entries.set(id, entry)
    const cancelLate = clock.after(CLONE_PREVIEW_RUN_MS, () => finish(entry, { error: owner.tooLate() }))
    const tell = (progress: PreviewProgress): void => {
      entry.progress = progress
    }
    entry.settled = Promise.resolve()
      .then(() => work({ id, signal: stop.signal, tell }))
      .then(
        (made) => finish(entry, { made }),
        (error: unknown) => finish(entry, { error }),
      )
      .finally(() => {
        cancelLate()
        entry.isSettled = true
        ending.delete(entry)
      })
    expectAsking(entry)
    return id
  }

  /** The oldest that are done go. Throws CONSOLE_TOO_MANY. */
  function makeRoom(account: string): void {
    for (const one of entries.values()) if (isOld(one)) entries.delete(one.id)
    const running = [...entries.values(), ...ending].filter(({ isSettled }) => !isSettled)
    const own = new Set(running.filter(({ owner }) => owner.account === account)).size
    if (own >= CLONE_PREVIEWS_RUNNING_PER_ACCOUNT_MAX) throw tooMany(`${account} has ${own} on their way`)
    const all = new Set(running).size
    if (all >= CLONE_PREVIEWS_RUNNING_MAX) throw tooMany(`${all} are on their way`)
    const done = [...entries.values()].filter(({ end }) => end)
    const ownDone = done.filter(({ owner }) => owner.account === account)
    const oldest = ownDone.length + own >= CLONE_PREVIEWS_PER_ACCOUNT_MAX ? ownDone[0] : undefined
    if (oldest) entries.delete(oldest.id)
    else if (entries.size >= CLONE_PREVIEWS_MAX && done[0]) entries.delete(done[0].id)
  }

  function owned(account: string, id: string): Entry<Made> {
    const entry = entries.get(id)
    if (!entry) throw gone()
    const { owner } = entry
    if (owner.account !== account)
      throw new TroupeError('CONSOLE_NOT_ALLOWED', `this preview was made by ${owner.account}: make your own`)
    if (isOld(entry))
      throw new TroupeError('CONSOLE_CONFLICT', 'this preview is older than ten minutes: make a new one')
    return entry
  }

  function isOld({ end }: Entry<Made>): boolean {
    return end !== undefined && end.atMs + CLONE_PREVIEW_MS <= clock.now()
  }

  function madeBy({ end }: Entry<Made>): Made {
    if (end && 'made' in end) return end.made
    throw end?.error
  }

  /** The first end counts. */
  function finish(entry: Entry<Made>, how: { readonly made: Made } | { readonly error: unknown }): void {
    if (entry.end) return
    entry.end = { ...how, atMs: clock.now() }
    entry.cancelUnasked?.()
    if (!entry.isSettled) ending.add(entry)
    entry.stop.abort()
    for (const wake of entry.waiting) wake()
  }

  function drop(entry: Entry<Made>): void {
    entries.delete(entry.id)
    finish(entry, { error: gone() })
  }

  /** Whoever began it, or was told about it, comes back. */
  function expectAsking(entry: Entry<Made>): void {
    entry.cancelUnasked?.()
    if (entry.end || entry.waiting.size > 0) return
    entry.cancelUnasked = clock.after(CLONE_PREVIEW_UNASKED_MS, () => drop(entry))
  }

  async function waited(entry: Entry<Made>, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    entry.cancelUnasked?.()
    let wake = (): void => {}
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    entry.waiting.add(wake)
    const cancel = clock.after(waitMs, wake)
    signal?.addEventListener('abort', wake, { once: true })
    if (signal?.aborted) wake()
    await woken
    cancel()
    signal?.removeEventListener('abort', wake)
    entry.waiting.delete(wake)
    expectAsking(entry)
  }
}

function gone(): TroupeError {
  return new TroupeError('CONSOLE_NOT_FOUND', 'this preview is not known any more: make a new one')
}

function tooMany(why: string): TroupeError {
  return new TroupeError('CONSOLE_TOO_MANY', `cannot begin a preview: ${why}; wait for one to end, or cancel one`)
}
