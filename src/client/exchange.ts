// Requests out, replies in: one reply address per collective, replies sorted to the line (request id) that awaits them. Whom a call
// is for and when it ends is call.ts's; what makes bytes trustworthy is security's. [wire 2]

import type { Clock } from '#base/clock.ts'
import { isTroupeError, messageOf } from '#base/errors.ts'
import { newRequestId } from '#base/id.ts'
import { RECIPIENTS_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { Filter } from '#message/filter.ts'
import type { Reply } from '#message/reply.ts'
import type { RequestBody } from '#message/request.ts'
import type { SealedRequest, SecurityScheme } from '#security/security.ts'
import type { Connector } from '#transport/connector.ts'

export interface ExchangeParts {
  readonly connector: Connector
  readonly security: SecurityScheme
  readonly identity: string
  readonly clock: Clock
  readonly log: Log
}

export interface LineHandlers {
  onReply(reply: Reply): void
  /** A message on the reply address could not be trusted or understood. */
  onRejected(reason: string): void
  /** The connection has broken: messages may be lost with it. */
  onLost?(): void
  /** It is back. */
  onBack?(): void
}

export interface Outgoing {
  readonly agent: string
  readonly collective: string
  readonly filter: Filter
  readonly body: RequestBody
  readonly ttlSeconds: number
  /** Directed to each of these; undefined: broadcast. */
  readonly to?: readonly string[]
  /** null: no reply is wanted; a text: replies go there instead of here. */
  readonly replyTo?: string | null
}

/** One request id with the replies that belong to it. */
export interface Line {
  readonly id: string
  /** Seals and publishes; resolves when the broker has every frame. Rejects with TRANSPORT_*. */
  send(outgoing: Outgoing): Promise<void>
  /** Later replies are dropped quietly. */
  close(): void
}

export interface Exchange {
  open(handlers: LineHandlers): Line
}

export function createExchange(parts: ExchangeParts): Exchange {
  const { connector, security, identity, clock, log } = parts
  const lines = new Map<string, { handlers: LineHandlers; sealed: SealedRequest[] }>()
  const addresses = new Map<string, string>()

  const receive = (bytes: Uint8Array): void => {
    try {
      const reply = security.decodeReply(bytes, (id) => lines.get(id)?.sealed)
      lines.get(reply.requestId)?.handlers.onReply(reply)
    } catch (error) {
      // A late reply to a call that has ended is no news; anything else on our address is.
      if (isTroupeError(error, 'SECURITY_NOT_AWAITED') && !lines.has(String(error.details.requestId))) return
      log.debug(`rejected a message on the reply address: ${messageOf(error)}`)
      for (const line of lines.values()) line.handlers.onRejected(messageOf(error))
    }
  }

  let lost = false
  const tell = connector.onStatus?.bind(connector)
  connector.onStatus = (status) => {
    tell?.(status)
    const { state } = status
    if (state === 'disconnected' && !lost) {
      lost = true
      for (const line of [...lines.values()]) line.handlers.onLost?.()
    } else if (state === 'connected' && lost) {
      lost = false
      for (const line of [...lines.values()]) line.handlers.onBack?.()
    }
  }

  const addressFor = (collective: string): string => {
    const known = addresses.get(collective)
    if (known !== undefined) return known
    const address = connector.replyAddress(collective)
    addresses.set(collective, address)
    connector.subscribe({ kind: 'reply', address }, (delivery) => receive(delivery.bytes))
    return address
  }

  return {
    open(handlers) {
      const id = newRequestId()
      const line = { handlers, sealed: [] as SealedRequest[] }
      lines.set(id, line)
      return {
        id,
        async send(outgoing) {
          const { agent, collective, filter, body, ttlSeconds, to } = outgoing
          const replyTo = outgoing.replyTo === undefined ? addressFor(collective) : outgoing.replyTo
          const caller = security.callerId()
          const seal = (filter: Filter, recipients?: readonly string[]): SealedRequest => {
            const sentAtMs = Math.floor(clock.now())
            const request = {
              id,
              agent,
              collective,
              sender: identity,
              caller,
              filter,
              sentAtMs,
              ttlSeconds,
              replyTo,
              body,
            }
            const sealed = security.encodeRequest(request, recipients)
            line.sealed.push(sealed)
            return sealed
          }
          const options = { ttlMs: ttlSeconds * 1000, ...(replyTo === null ? {} : { replyTo }) }
          if (to === undefined) {
            await connector.publish({ kind: 'broadcast', collective, agent }, seal(filter).bytes, options)
            return
          }
          const sends: Promise<void>[] = []
          for (let i = 0; i < to.length; i += RECIPIENTS_MAX) {
            const nodes = to.slice(i, i + RECIPIENTS_MAX)
            // The names are inside the authenticated bytes, so nobody can pass a directed request on to other nodes.
            const { bytes } = seal({ ...filter, identities: nodes }, nodes)
            for (const node of nodes) {
              sends.push(connector.publish({ kind: 'directed', collective, identity: node }, bytes, options))
            }
          }
          await Promise.all(sends)
        },
        close() {
          lines.delete(id)
        },
      }
    },
  }
}
