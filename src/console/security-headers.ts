// What every answer tells a browser about itself: what it may load, who may frame it, that it is what it says it is. Pages get a policy of
// their own with a nonce (web-files.ts); everything else may load nothing at all.

import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
const YEAR_SECONDS = 31_536_000

/** The policy of a page: our own files, and style sheets made by our own code. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export function registerSecurityHeaders(app: FastifyInstance, { tls }: { readonly tls?: object }): void {
  app.register(helmet, {
    contentSecurityPolicy: false,
    hsts: false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  })
  app.addHook('onSend', async (request, reply) => {
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', NOTHING)
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    // Of localhost it would forbid plain HTTP to every other program on it.
    const secure = tls !== undefined || request.protocol === 'https'
    if (secure && request.hostname !== 'localhost') {
      reply.header('strict-transport-security', `max-age=${YEAR_SECONDS}`)
    }
  })
}
