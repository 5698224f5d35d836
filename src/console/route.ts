// What a line of the table of routes is. The table (routes.ts) is the whole HTTP API: the server, the OpenAPI document, the tests of
// authorisation and docs/reference/api are made from it. Handlers get what they need handed in and never see the HTTP library.

import type { Static, TSchema } from 'typebox'
import type { Role } from './api/common.ts'

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
  /** Of routes for anonymous callers only when they are signed in. */
  readonly caller: Caller
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Aborted when the asking side has gone. */
  readonly signal: AbortSignal
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
  /** Bytes; default 1 MiB. */
  readonly bodyBytesMax?: number
  /** false: works even while Live Management is switched off. Default true for everything but session, accounts, tokens, audit, settings. */
  readonly liveManagement?: boolean
  handle(ask: Ask<Static<Params>, Static<Query>, Static<Body>>): Promise<Static<Answer>>
}

/** Keeps the types of one route together: `route({ method: 'GET', ... })`. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema, A extends TSchema>(
  line: Route<P, Q, B, A>,
): Route {
  return line as unknown as Route
}
