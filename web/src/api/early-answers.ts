// Answers that were asked for before the program was there: first-frame/ reads them to show the node list, the program takes them instead of asking
// again. A file without imports, because both have it.

export interface Answered {
  readonly answer: Response
  /** undefined: it is no JSON. An empty answer is an empty object. */
  readonly value: unknown
}

const early = new Map<string, { readonly kept: Promise<Answered>; readonly atMs: number }>()
/** A program that comes later than this asks anew: what nobody has taken is no longer how things are. */
const KEPT_MS = 20_000

/** Asks now; who takes the answer soon gets this one, and not before `until` has come. A refusal is kept for nobody: who comes later may be somebody else. */
export function askEarly(address: string, until?: Promise<void>): Promise<Answered> {
  const asked = fetch(address, getRequest()).then(readAnswer)
  const kept = Promise.all([asked, until]).then(([answered]) => answered)
  const entry = { kept, atMs: performance.now() }
  early.set(address, entry)
  // What went wrong is told to whoever takes it.
  kept.catch(() => undefined)
  return asked.then((answered) => {
    if (!answered.answer.ok && early.get(address) === entry) early.delete(address)
    return answered
  })
}

/** Asked for and not taken: the program has not come so far. */
export function isWaiting(address: string): boolean {
  return early.has(address)
}

/** Once: the next question is a new one. `nowMs` as of performance.now(). */
export function takeEarly(address: string, nowMs = performance.now()): Promise<Answered> | undefined {
  const found = early.get(address)
  early.delete(address)
  return found && nowMs - found.atMs < KEPT_MS ? found.kept : undefined
}

/** As the browser asked when it saw the page's head: only then is that answer taken. */
export function getRequest(): RequestInit & { headers: Headers } {
  const headers = new Headers({ accept: 'application/json' })
  return { method: 'GET', headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error' }
}

export async function readAnswer(answer: Response): Promise<Answered> {
  return { answer, value: parse(await answer.text()) }
}

function parse(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
