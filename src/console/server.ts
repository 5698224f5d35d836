// HTTPS in front of the table of routes: who asks, whether they may, whether what they sent fits, and the answer. Bounds on connections,
// headers, bodies, times and rates hold before a handler sees anything. What is done is the handlers'; who is who is auth/'s.
// [live 10] docs/security.md

import type { Server } from 'node:http'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import { jsonDepthWithin } from '#base/json-depth.ts'
import {
  CONSOLE_ACCOUNT_REQUESTS_MAX,
  CONSOLE_ADDRESS_REQUESTS_MAX,
  CONSOLE_BODY_BYTES_MAX,
  CONSOLE_COUNTED_MAX,
  CONSOLE_HANDSHAKE_MS_MAX,
  CONSOLE_HEADER_BYTES_MAX,
  CONSOLE_HEADERS_MS_MAX,
  CONSOLE_JSON_DEPTH_MAX,
  CONSOLE_KEEP_ALIVE_MS,
  CONSOLE_REQUEST_MS_MAX,
  CONSOLE_STALL_MS_MAX,
} from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { parseJson } from '#base/parse-json.ts'
import type { Authenticator, Visit } from './auth/authenticate.ts'
import { checkOrigin } from './check-origin.ts'
import { boundConnections } from './connection-bounds.ts'
import { errorAnswer } from './error-answer.ts'
import { networkOf } from './network-of.ts'
import { atLeast } from './roles.ts'
import { isRaw, type Route } from './route.ts'
import { schemaCheck } from './schema-check.ts'
import { registerSecurityHeaders } from './security-headers.ts'
import { endWhenStalled, sendRaw } from './send-raw.ts'
import { registerWebFiles } from './web-files.ts'

export interface ConsoleServerOptions {
  readonly routes: readonly Route[]
  readonly authenticator: Authenticator
  readonly log: Log
  /** Whether Live Management is on. */
  readonly liveManagement: () => boolean
  /** PEM. Absent: plain HTTP, for a reverse proxy on this machine. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Addresses or networks of reverse proxies whose `X-Forwarded-*` are believed, e.g. `['127.0.0.1']`. */
  readonly trustedProxies: readonly string[]
  /** Where browsers know the console, e.g. `https://console.example.com`; requests from its pages are ours, whatever a proxy calls us. */
  readonly origins: readonly string[]
  /** Absolute path of the browser's files; absent: the API alone. */
  readonly webDirectory?: string
  /** For tests: answers that do not fit their schema are failures. */
  readonly checkAnswers?: boolean
  readonly limits?: Partial<ConsoleServerLimits>
}

/** Bounds that tests set lower. */
export interface ConsoleServerLimits {
  readonly addressRequestsMax: number
  readonly accountRequestsMax: number
  /** In place of what routes say themselves. */
  readonly attemptsMax: number
  readonly headersMs: number
  readonly requestMs: number
  readonly connectionsMax: number
  readonly addressConnectionsMax: number
}

export interface ConsoleServer {
  /** Resolves to the port. Rejects with node's error when the address cannot be had. */
  listen(host: string, port: number): Promise<number>
  /** Answers what is under way, for at most so many milliseconds. */
  close(drainMs?: number): Promise<void>
  /** A new certificate for connections from now on. */
  renewTls(tls: { readonly key: string; readonly cert: string }): void
  readonly app: FastifyInstance
}

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit | undefined
  }
}

export async function createConsoleServer(options: ConsoleServerOptions): Promise<ConsoleServer> {
  const { limits = {}, log } = options
  const http = {
    maxHeaderSize: CONSOLE_HEADER_BYTES_MAX,
    headersTimeout: limits.headersMs ?? CONSOLE_HEADERS_MS_MAX,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs ?? 1000),
    insecureHTTPParser: false,
  }
  const https = { ...http, ...options.tls, minVersion: 'TLSv1.2', handshakeTimeout: CONSOLE_HANDSHAKE_MS_MAX } as const
  const app = fastify({
    ...(options.tls ? { https } : { http }),
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    bodyLimit: CONSOLE_BODY_BYTES_MAX,
    requestTimeout: limits.requestMs ?? CONSOLE_REQUEST_MS_MAX,
    keepAliveTimeout: CONSOLE_KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply as FastifyReply, log),
  }) as unknown as FastifyInstance
  boundConnections(app.server, limits)
  app.server.maxHeadersCount = 100

  app.decorateRequest('visit', undefined)
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log))
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const check = schemaCheck(schema as object, httpPart)
    return (data: unknown) => check(data) as { value: unknown }
  })
  app.setSerializerCompiler(() => JSON.stringify)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson)
  await app.register(cookie)
  await app.register(rateLimit, {
    global: true,
    max: limits.addressRequestsMax ?? CONSOLE_ADDRESS_REQUESTS_MAX,
    timeWindow: 60_000,
    cache: CONSOLE_COUNTED_MAX,
    keyGenerator: (request) => networkOf(request.ip),
    addHeaders: NO_COUNTERS,
    addHeadersOnExceeding: NO_COUNTERS,
    errorResponseBuilder: (_request, { after }) => tooMany(after),
  })
  registerSecurityHeaders(app, options)
  await app.register(compress, { threshold: 1024, encodings: ['br', 'gzip'], brotliOptions: { params: { 1: 4 } } })
  await app.register(async (api) => {
    for (const line of options.routes) addRoute(api as FastifyInstance, line, options)
  })
  await registerWebFiles(app, options.webDirectory)
  return {
    app,
    async listen(host, port) {
      await app.listen({ host, port })
      const address = app.server.address()
      return typeof address === 'object' && address ? address.port : port
    },
    async close(drainMs = 5_000) {
      const impatient = setTimeout(() => app.server.closeAllConnections(), drainMs)
      try {
        await app.close()
      } finally {
        clearTimeout(impatient)
      }
    },
    renewTls(tls) {
      const server = app.server as Server & { setSecureContext?(context: object): void }
      server.setSecureContext?.({ ...tls, minVersion: 'TLSv1.2' })
    },
  }
}

function addRoute(app: FastifyInstance, line: Route, options: ConsoleServerOptions): void {
  const { authenticator, limits = {} } = options
  const attempts =
    line.attemptsMax === undefined
      ? []
      : [
          app.rateLimit({
            max: limits.attemptsMax ?? line.attemptsMax,
            timeWindow: 60_000,
            keyGenerator: (request) => `${networkOf(request.ip)} ${line.method} ${line.path}`,
          }),
        ]
  const ofAccount = app.rateLimit({
    max: limits.accountRequestsMax ?? CONSOLE_ACCOUNT_REQUESTS_MAX,
    timeWindow: 60_000,
    keyGenerator: (request) => `account ${request.visit?.caller?.account ?? networkOf(request.ip)}`,
    groupId: 'account',
  })
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    checkOrigin(line, request, options.origins)
    request.visit = await authenticator.visit({
      address: request.ip,
      authorization: request.headers.authorization,
      cookie: (name) => request.cookies[name],
      keep: (name, value, seconds) => keepCookie(reply, name, value, seconds),
    })
    checkMay(line, request, request.visit)
    if (usesLiveManagement(line) && !options.liveManagement()) {
      throw new TroupeError(
        'CONSOLE_OFF',
        'cannot do this: Live Management is switched off; an administrator can switch it on',
      )
    }
  }
  app.route({
    method: line.method,
    url: line.path,
    ...(line.bodyBytesMax === undefined ? {} : { bodyLimit: line.bodyBytesMax }),
    schema: {
      ...(line.params ? { params: line.params } : {}),
      ...(line.query ? { querystring: line.query } : {}),
      ...(line.body ? { body: line.body } : {}),
    },
    onRequest: [...attempts, admit, ofAccount],
    handler: (request, reply) => answer(line, request, reply, options),
  })
}

async function answer(
  line: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ConsoleServerOptions,
): Promise<unknown> {
  const { caller, visitor } = request.visit!
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const given = await line.handle({
    caller: caller as NonNullable<typeof caller>,
    visitor,
    params: request.params as never,
    query: request.query as never,
    body: request.body as never,
    signal: gone.signal,
  })
  // Work may take minutes; taking the answer may not.
  endWhenStalled(reply, CONSOLE_STALL_MS_MAX)
  if (isRaw(given)) return sendRaw(reply, given)
  if (options.checkAnswers) expectAnswer(line, given)
  reply.header('cache-control', 'no-store')
  return reply
    .code(line.status ?? 200)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(given ?? {}))
}

function expectAnswer(line: Route, given: unknown): void {
  const { error } = schemaCheck(line.answer, 'response')(JSON.parse(JSON.stringify(given ?? {})))
  if (error)
    throw new Error(
      `the answer of ${line.method} ${line.path} does not fit its schema: ${JSON.stringify(error.details)}`,
    )
}

/** Throws CONSOLE_NOT_SIGNED_IN, CONSOLE_NOT_ALLOWED and CONSOLE_BAD_CSRF. */
function checkMay(line: Route, request: FastifyRequest, { caller, provesOrigin }: Visit): void {
  if (line.role !== 'anonymous') {
    if (!caller)
      throw new TroupeError('CONSOLE_NOT_SIGNED_IN', 'cannot do this: nobody is signed in, or the session has ended')
    if (!atLeast(caller.role, line.role)) {
      const message = `cannot do this: it takes the role ${line.role}, and ${caller.account} has the role ${caller.role}`
      throw new TroupeError('CONSOLE_NOT_ALLOWED', message)
    }
  }
  if (line.method !== 'GET' && !provesOrigin(request.headers['x-csrf-token'])) {
    const message = 'cannot do this: the header x-csrf-token is not that of GET /api/session; load the page again'
    throw new TroupeError('CONSOLE_BAD_CSRF', message)
  }
}

const ALWAYS_ON = ['session', 'accounts', 'tokens', 'audit', 'settings', 'events', 'documentation']

/** Whether a route is part of what M-081 switches off. */
export function usesLiveManagement(line: Route): boolean {
  return line.liveManagement ?? !ALWAYS_ON.includes(line.tag)
}

/** Browsers keep `__Host-` cookies only with Secure, without a domain and for the whole of the site. */
function keepCookie(reply: FastifyReply, name: string, value: string | undefined, seconds: number | undefined): void {
  const shape = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const
  if (value === undefined) reply.clearCookie(name, shape)
  else reply.setCookie(name, value, { ...shape, ...(seconds === undefined ? {} : { maxAge: seconds }) })
}

async function readJson(_request: FastifyRequest, body: Buffer): Promise<unknown> {
  const malformed = (why: string): TroupeError =>
    new TroupeError('CONSOLE_INVALID', `cannot use the request: its body ${why}`, { details: { status: 400 } })
  if (body.length === 0) return undefined
  if (!jsonDepthWithin(body, CONSOLE_JSON_DEPTH_MAX)) throw malformed(`nests more than ${CONSOLE_JSON_DEPTH_MAX} deep`)
  let value: unknown
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    value = parseJson(text)
  } catch {
    throw malformed('is not JSON')
  }
  if (MAY_NAME_PROTOTYPE.test(text) && namesPrototype(value)) throw malformed('has a key __proto__')
  return value
}

/** Only then is it worth looking at every key. */
const MAY_NAME_PROTOTYPE = /__proto__|\\u/

function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype)
}

/** Nobody needs to know how much is left; `retry-after` stays. */
const NO_COUNTERS = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false }

function tooMany(after: string): TroupeError {
  return new TroupeError('CONSOLE_TOO_MANY', `cannot answer so many requests: try again in ${after}`)
}

/** What the HTTP library says of a client's mistakes: its status -> ours. Paths it finds forbidden are none that exist. */
const LIBRARY_ERRORS: Readonly<Record<number, readonly [status: number, code: TroupeError['code']]>> = {
  403: [404, 'CONSOLE_NOT_FOUND'],
  404: [404, 'CONSOLE_NOT_FOUND'],
  413: [413, 'CONSOLE_TOO_LARGE'],
  414: [414, 'CONSOLE_TOO_LARGE'],
  429: [429, 'CONSOLE_TOO_MANY'],
}

function mistakeOf(error: unknown): TroupeError | undefined {
  const given = (error as { statusCode?: unknown }).statusCode
  if (error instanceof TroupeError || typeof given !== 'number' || given < 400 || given >= 500) return undefined
  const [status, code] = LIBRARY_ERRORS[given] ?? [given, 'CONSOLE_INVALID']
  return new TroupeError(code, `cannot use the request: ${messageOf(error)}`, { details: { status } })
}

async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): Promise<void> {
  const known = mistakeOf(error) ?? error
  const { status, body, ours } = errorAnswer(known)
  if (ours) log.error(`${request.method} ${request.routeOptions?.url ?? '(no route)'} failed: ${stackOf(error)}`)
  if (reply.sent) return
  const exact = isTroupeError(known) ? known.details.status : undefined
  await reply
    .status(typeof exact === 'number' ? exact : status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body))
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
