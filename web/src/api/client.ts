// Asks the console over HTTP: JSON both ways, the CSRF token with everything that changes something, one kind of error. Knows the session only as
// far as it must: the token, and whom to tell when it has ended.

import type { Session } from '#console/api/session.ts'
import { type Answered, getRequest, readAnswer, takeEarly } from './early-answers.ts'
import { ApiError, isErrorBody } from './error.ts'
import type { AnswerOf, AskOf, RouteName } from './routes.ts'

let csrfToken = ''
const signedOutListeners = new Set<() => void>()

/** Every Session that arrives brings the token for what follows. */
export function rememberCsrfToken(session: Session): Session {
  csrfToken = session.csrfToken
  return session
}

/** Calls back when an answer says that nobody is signed in. Returns how to stop that. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener)
  return () => signedOutListeners.delete(listener)
}

/** `addressOf('/api/jobs/:id', { id: 'a b' }, { normalised: true })` is `/api/jobs/a%20b?normalised=true`. */
export function addressOf(
  path: string,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const words = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(words.map(([name, value]): [string, string] => [name, String(value)]))
  return words.length === 0 ? filled : `${filled}?${search}`
}

/**
 * One request, e.g. `call('GET /api/jobs/:id', { params: { id } })`.
 * Throws ApiError; an aborted request throws the AbortError of fetch.
 */
export async function call<Name extends RouteName>(
  ...[name, ask]: Record<never, never> extends AskOf<Name> ? [Name, AskOf<Name>?] : [Name, AskOf<Name>]
): Promise<AnswerOf<Name>> {
  const [method, path] = name.split(' ') as [string, string]
  const { params, query, body, signal } = (ask ?? {}) as {
    params?: Record<string, string>
    query?: Record<string, unknown>
    body?: unknown
    signal?: AbortSignal
  }
  const address = addressOf(path, params, query)
  // What is sent says that it is JSON, even when there is nothing to say.
  const sent = body ?? (method === 'POST' ? {} : undefined)
  try {
    return (await askFor(method, address, sent, signal)) as AnswerOf<Name>
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // The token changes when somebody signs in in another tab: once more with the new one.
    if (error.code === 'CONSOLE_BAD_CSRF') {
      rememberCsrfToken((await askFor('GET', '/api/session', undefined, signal)) as Session)
      return (await askFor(method, address, sent, signal)) as AnswerOf<Name>
    }
    if (error.status === 401 && !path.startsWith('/api/session')) for (const listener of signedOutListeners) listener()
    throw error
  }
}

async function askFor(method: string, address: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const early = method === 'GET' ? takeEarly(address) : undefined
  const { answer, value } = await (early ?? send(method, address, body, signal)).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, {
      code: 'UNREACHABLE',
      message: 'The console does not answer. Is it running, and is this machine online?',
    })
  })
  if (answer.ok && value !== undefined) return value
  const wait = Number(answer.headers.get('retry-after'))
  throw new ApiError(
    answer.status,
    isErrorBody(value)
      ? value
      : { code: 'UNREADABLE', message: `The console answered ${answer.status} in words this page does not know.` },
    Number.isFinite(wait) && wait > 0 ? wait : undefined,
  )
}

async function send(method: string, address: string, body: unknown, signal?: AbortSignal): Promise<Answered> {
  const request = getRequest()
  if (body !== undefined) request.headers.set('content-type', 'application/json')
  if (method !== 'GET') request.headers.set('x-csrf-token', csrfToken)
  const answer = await fetch(address, {
    ...request,
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  return readAnswer(answer)
}
