// Sends an answer that is no JSON, piece by piece, as fast as it is taken; who takes nothing for long is cut off.

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { CONSOLE_HEARTBEAT_MS, CONSOLE_STALL_MS_MAX } from '#base/limits.ts'
import type { RawAnswer } from './route.ts'

/** Hangs up when nothing has moved for so long. Requests of tests that come without a socket have nothing to hang up. */
export function endWhenStalled(reply: FastifyReply, ms: number): void {
  const { socket } = reply.raw
  if (socket && 'setTimeout' in socket) reply.raw.setTimeout(ms)
}

export function sendRaw(reply: FastifyReply, { status = 200, headers = {}, body }: RawAnswer): FastifyReply {
  reply
    .status(status)
    .header('cache-control', 'no-store')
    .headers({ ...headers })
  if (typeof body === 'string') return reply.send(body)
  endWhenStalled(reply, CONSOLE_STALL_MS_MAX + CONSOLE_HEARTBEAT_MS)
  // objectMode off: pieces are counted in bytes, so that a slow reader holds back whoever makes them.
  return reply.send(Readable.from(body, { objectMode: false, highWaterMark: 64 * 1024 }))
}
