// What a line of the table of routes is. The table (routes.ts) is the whole HTTP API: the server, the OpenAPI document, the tests of
// authorisation and docs/reference/api are made from it. Handlers get what they need handed in and never see the HTTP library.

import type { Static, TSchema } from 'typebox'
import type { SessionRecord, TokenRecord } from '#store/account-records.ts'
import type { Role } from './api/words.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who asks. */
export interface Caller {
  readonly account: string
  readonly role: Role
  /** `session`: a browser, must send the CSRF token; `token`: a script. */
  readonly by: 'session' | 'token'
  /** For the audit, e.g. `10.0.0.7`. */
  readonly address: string
}

export interface Ask<Params, Query, Body> {
  /** undefined in routes for anonymous callers when nobody is signed in. */
  readonly caller: Caller
  /** Who is at the other end of the line, whether signed in or not. */
  readonly visitor: Visitor
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Aborted when the asking side has gone. */
  readonly signal: AbortSignal
}

/** What signing in and out works on; other handlers leave it alone. */
export interface Visitor {
  /** e.g. `10.0.0.7`. */
  readonly address: string
  /** The session this browser has, signed in or half way there. */
  readonly session?: SessionRecord
  /** The API token this script has sent. */
  readonly token?: Pick<TokenRecord, 'id' | 'expiresAtMs'>
  /** What this browser sends back to prove that a request comes from a page of ours. */
  readonly csrfToken: string
  /** Value of a cookie that came with the request, e.g. `cookie('__Host-troupe')`. */
  cookie(name: string): string | undefined
  /** Has the browser keep a value until it is closed or `seconds` have passed; undefined forgets it. Nobody but the server can read it. */
  keep(name: string, value: string | undefined, seconds?: number): void
}

/** An answer that is no JSON: a download, a redirect, a stream. */
export interface RawAnswer {
  readonly [RAW]: true
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Pieces are asked for as fast as the browser takes them. */
  readonly body: string | AsyncIterable<string>
}
const RAW: unique symbol = Symbol('raw answer')

/** `raw({ headers: { 'content-type': 'text/csv; charset=utf-8' }, body: lines })`. */
export function raw(answer: Omit<RawAnswer, typeof RAW>): RawAnswer {
  return { [RAW]: true, ...answer }
}

export function isRaw(answer: unknown): answer is RawAnswer {
  return typeof answer === 'object' && answer !== null && RAW in answer
}

/**
 * `anonymous`: anybody; otherwise at least that role (viewer < operator < administrator). Throws TroupeError: CONSOLE_* codes are answered with
 * the HTTP status of status-of-error.ts.
 */
export interface Route<
  Params extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
> {
  readonly method: Method
  /** As fastify writes it: `/api/jobs/:id`. */
  readonly path: string
  readonly role: Role | 'anonymous'
  /** One line for the documentation. */
  readonly summary: string
  /** Heading it stands under, e.g. `jobs`. */
  readonly tag: string
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly answer: Answer
  /** Of its answer; default 200. */
  readonly status?: 200 | 202
  /** Bytes; default 1 MiB. */
  readonly bodyBytesMax?: number
  /** false: works even while Live Management is switched off. Default true for everything but session, accounts, tokens, audit, settings. */
  readonly liveManagement?: boolean
  /** Attempts a minute of one address; for what guesses secrets. */
  readonly attemptsMax?: number
  /** true: may be opened from another site, as the way back from an OpenID provider is. Only for GET. Default false. */
  readonly fromElsewhere?: boolean
  handle(ask: Ask<Static<Params>, Static<Query>, Static<Body>>): Promise<Static<Answer> | RawAnswer>
}

/** Keeps the types of one route together: `route({ method: 'GET', ... })`. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema, A extends TSchema>(
  line: Route<P, Q, B, A>,
): Route {
  return line as unknown as Route
}
