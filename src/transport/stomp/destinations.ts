// Names of destinations and the headers that go with them, in the two styles the field has: ActiveMQ's (also the embedded
// broker's) and RabbitMQ's. Nothing else in the project knows them. [wire 1.2] [wire 1.3] [wire 1.4]

import { TroupeError } from '#base/errors.ts'
import { IDENTITY_PATTERN, NAME_PATTERN } from '#base/id.ts'
import { ADDRESS_LENGTH_MAX, NAME_LENGTH_MAX } from '#base/limits.ts'
import type { Source, Target } from '../connector.ts'

export type DestinationStyle = 'activemq' | 'rabbitmq'

export interface DestinationSettings {
  readonly style: DestinationStyle
  /** Identity and process id of this process: they make its reply addresses unique. */
  readonly identity: string
  readonly pid: number
  /** All agents share one broadcast destination; both sides must agree. Default false. [wire 1.6] */
  readonly agentsMultiplex?: boolean
  /** RabbitMQ: replies over the exchange `mcollective_reply` instead of `/temp-queue`. Default false. [wire 1.3] */
  readonly useReplyExchange?: boolean
  /** ActiveMQ: message priority 1 to 9; 0 or absent sends none. [wire 1.6] */
  readonly priority?: number
}

export interface SubscribeAddress {
  readonly destination: string
  readonly selector?: string
  /** The broker delivers here by itself with this text as subscription id: SUBSCRIBE must not be sent. */
  readonly implicit?: true
  /** Nobody else is to receive here: the embedded broker is told how to know this process again. */
  readonly exclusive?: true
}

export interface MessageTimes {
  /** Milliseconds since 1970 when the message was made. */
  readonly nowMs: number
  /** How long it is still worth delivering, milliseconds. */
  readonly ttlMs: number
}

export interface Destinations {
  /** What to SUBSCRIBE to. Throws TRANSPORT_BAD_ADDRESS. */
  source(source: Source): SubscribeAddress
  /** The headers of a SEND, names and values in turn, `destination` among them. Throws TRANSPORT_BAD_ADDRESS. */
  sendHeaders(target: Target, times: MessageTimes, replyTo?: string): string[]
  /** A fresh reply address; each call gives another. */
  replyAddress(collective: string): string
}

/** Brokers drop what has expired by their own clock: this is how wrong clocks may be. [wire 1.4] */
const EXPIRY_LEEWAY_SECONDS = 10

/** Throws TRANSPORT_BAD_ADDRESS when the identity could not be part of a destination. */
export function createDestinations(settings: DestinationSettings): Destinations {
  checkName('identity', settings.identity)
  return settings.style === 'rabbitmq' ? rabbitmq(settings) : activemq(settings)
}

function activemq(settings: DestinationSettings): Destinations {
  let sequence = 0
  const destination = (to: Target): string => {
    switch (to.kind) {
      case 'broadcast':
        checkName('collective', to.collective)
        checkName('agent', to.agent)
        return settings.agentsMultiplex ? `/topic/${to.collective}.agents` : `/topic/${to.collective}.${to.agent}.agent`
      case 'directed':
        checkName('collective', to.collective)
        checkName('identity', to.identity)
        return `/queue/${to.collective}.nodes`
      case 'reply':
        return checkAddress(to.address)
    }
  }
  return {
    source: (source) =>
      source.kind === 'directed'
        ? { destination: destination(source), selector: `mc_identity = '${source.identity}'` }
        : { destination: destination(source), ...(source.kind === 'reply' && { exclusive: true }) },
    sendHeaders(target, { nowMs, ttlMs }, replyTo) {
      const seconds = Math.floor(nowMs / 1000)
      const headers: string[] = []
      if (settings.priority) headers.push('priority', String(settings.priority))
      headers.push('timestamp', String(seconds * 1000))
      headers.push('expires', String((seconds + Math.ceil(ttlMs / 1000) + EXPIRY_LEEWAY_SECONDS) * 1000))
      if (replyTo !== undefined) headers.push('reply-to', checkAddress(replyTo))
      if (target.kind === 'directed') headers.push('mc_identity', target.identity)
      headers.push('mc_sender', settings.identity, 'destination', destination(target))
      return headers
    },
    replyAddress(collective) {
      checkName('collective', collective)
      sequence += 1
      return `/queue/${collective}.reply.${settings.identity}_${settings.pid}.${sequence}`
    },
  }
}

function rabbitmq(settings: DestinationSettings): Destinations {
  let sequence = 0
  const destination = (to: Target): string => {
    switch (to.kind) {
      case 'broadcast':
        checkName('collective', to.collective)
        checkName('agent', to.agent)
        return settings.agentsMultiplex
          ? `/exchange/${to.collective}_broadcast`
          : `/exchange/${to.collective}_broadcast/${to.agent}`
      case 'directed':
        checkName('collective', to.collective)
        checkName('identity', to.identity)
        return `/exchange/${to.collective}_directed/${to.identity}`
      case 'reply':
        return checkAddress(to.address)
    }
  }
  return {
    source(source) {
      const name = destination(source)
      return name.startsWith('/temp-queue/') ? { destination: name, implicit: true } : { destination: name }
    },
    sendHeaders(target, { ttlMs }, replyTo) {
      const headers: string[] = []
      if (replyTo !== undefined) headers.push('reply-to', checkAddress(replyTo))
      headers.push('expiration', String((Math.ceil(ttlMs / 1000) + EXPIRY_LEEWAY_SECONDS) * 1000))
      headers.push('mc_sender', settings.identity, 'destination', destination(target))
      return headers
    },
    replyAddress(collective) {
      checkName('collective', collective)
      sequence += 1
      return settings.useReplyExchange
        ? `/exchange/mcollective_reply/${settings.identity}_${settings.pid}_${sequence}`
        : `/temp-queue/mcollective_reply_${sequence}`
    },
  }
}

// Names become part of destinations and of a selector, so nothing but the field's own alphabet may pass.
function checkName(what: 'agent' | 'collective' | 'identity', name: string): void {
  const pattern = what === 'identity' ? IDENTITY_PATTERN : NAME_PATTERN
  if (name.length <= NAME_LENGTH_MAX && pattern.test(name)) return
  throw new TroupeError(
    'TRANSPORT_BAD_ADDRESS',
    `cannot address ${what} ${JSON.stringify(name.slice(0, 80))}: names are letters, digits, "_", "." and "-", ` +
      `at most ${NAME_LENGTH_MAX} of them`,
  )
}

// Reply addresses come out of requests: a caller may name any destination, but only a plain one. Wildcards, lists and options
// mean something to some brokers (`/queue/a,topic://b`), and make others end the connection of every node that answers.
function checkAddress(address: string): string {
  if (address.length <= ADDRESS_LENGTH_MAX && /^\/[\w./:@%+=-]+$/.test(address)) return address
  throw new TroupeError(
    'TRANSPORT_BAD_ADDRESS',
    `cannot use reply address ${JSON.stringify(address.slice(0, 80))}: it should be "/" and letters, digits or ` +
      `_ . / : @ % + = -, at most ${ADDRESS_LENGTH_MAX} characters`,
  )
}
