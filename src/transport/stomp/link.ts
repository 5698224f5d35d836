// One connection to one broker, from the TCP handshake to its end: TLS, login, frames in and out, heart-beats. It never
// comes back: reconnecting, subscriptions and confirmations belong to stomp-connector.ts. [wire 1.5] [STOMP-1.2 connecting]

import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '#base/clock.ts'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import { SOCKET_PENDING_BYTES_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { headerOf, type StompFrame, type StompVersion } from '#wire/stomp/frame.ts'
import { StompParser } from '#wire/stomp/parse.ts'
import { serializeFrame, serializeHead } from '#wire/stomp/serialize.ts'
import { brokerErrorText } from './broker-error.ts'
import { describeTlsFailure, type TlsSettings, tlsConnectOptions, unverifiedWarning } from './tls.ts'

export interface PoolMember {
  readonly host: string
  /** e.g. 61613 */
  readonly port: number
  readonly user?: string
  readonly password?: string
  /** Absent: plain TCP. */
  readonly tls?: TlsSettings
}

export interface LinkSettings {
  readonly member: PoolMember
  readonly vhost: string
  /** Versions offered, best first. */
  readonly versions: readonly StompVersion[]
  /** Heart-beats asked for and offered, milliseconds; 0: none. */
  readonly heartbeatMs: number
  /** So many missed ones, and the connection is given up. */
  readonly heartbeatsMissedMax: number
  /** Bound of TCP connect, TLS handshake and login together, milliseconds. */
  readonly connectTimeoutMs: number
  readonly log: Log
  readonly clock: Clock
  /** TLS session of an earlier connection to the same member. */
  readonly session?: Buffer | undefined
}

export interface LinkEvents {
  onConnected(): void
  /** Every frame after CONNECTED. */
  onFrame(frame: StompFrame): void
  /** The socket has taken what it had; `writable` is true again. */
  onDrain(): void
  onSession(session: Buffer): void
  /** Once, whatever happened. A TRANSPORT_* error, or undefined after `end`. */
  onClosed(error: TroupeError | undefined): void
}

export interface Link {
  /** False: nothing more should be sent before onDrain. */
  readonly writable: boolean
  send(command: string, headers: readonly string[], body?: Uint8Array): void
  /** Sends what was handed over, then closes. */
  end(): void
  /** Closes at once; `error` goes to onClosed. */
  destroy(error?: TroupeError): void
}

/** e.g. `stomp+tls://broker.example.com:61613` */
export function nameOf(member: PoolMember): string {
  const host = member.host.includes(':') ? `[${member.host}]` : member.host
  return `${member.tls ? 'stomp+tls' : 'stomp'}://${host}:${member.port}`
}

// From here a body is written by itself instead of being copied into one buffer with its head.
const SEPARATE_BODY_BYTES = 4096
const NUL = Buffer.of(0)
const LF = Buffer.of(0x0a)

/** Starts connecting. Throws TRANSPORT_TLS when the TLS settings are of no use. */
export function openLink(settings: LinkSettings, events: LinkEvents): Link {
  const { member, clock, log } = settings
  const to = nameOf(member)
  const parser = new StompParser()
  let version: StompVersion | undefined
  let failure: TroupeError | undefined
  let ended = false
  let corked = false
  let lastReadMs = 0
  let lastWriteMs = 0
  let cancelTimer: () => void = clock.after(settings.connectTimeoutMs, () =>
    fail(
      new TroupeError(
        'TRANSPORT_UNREACHABLE',
        `cannot connect to ${to}: no login within ${settings.connectTimeoutMs} ms`,
      ),
    ),
  )
  if (member.tls?.verify === 'none') log.warn(unverifiedWarning(to))
  let socket: Socket
  try {
    socket = member.tls
      ? connectTls({
          host: member.host,
          port: member.port,
          ...tlsConnectOptions(member.tls, member.host, settings.session),
        })
      : connectTcp({ host: member.host, port: member.port })
  } catch (error) {
    cancelTimer()
    throw error
  }

  const fail = (error: TroupeError): void => {
    failure ??= error
    socket.destroy()
  }

  // Frames of one turn of the event loop leave in one write, and one TLS record where they fit.
  const write = (bytes: Buffer | Uint8Array | string): void => {
    if (!corked) {
      corked = true
      socket.cork()
      process.nextTick(() => {
        corked = false
        socket.uncork()
      })
    }
    socket.write(bytes)
    lastWriteMs = clock.monotonic()
  }

  const login = (): void => {
    const headers = ['accept-version', settings.versions.join(','), 'host', settings.vhost]
    if (settings.heartbeatMs > 0) headers.push('heart-beat', `${settings.heartbeatMs},${settings.heartbeatMs}`)
    if (member.user) headers.push('login', member.user, 'passcode', member.password ?? '')
    try {
      write(serializeFrame({ command: 'CONNECT', headers }, '1.0'))
    } catch (error) {
      fail(new TroupeError('TRANSPORT_LOGIN_REFUSED', `cannot log in to ${to}: ${messageOf(error)}`))
    }
  }

  const onFirstFrame = (frame: StompFrame): void => {
    const answered = headerOf(frame, 'version') ?? '1.0'
    const agreed = settings.versions.find((v) => v === answered)
    if (frame.command === 'ERROR') {
      fail(refusedLogin(to, member, frame))
      return
    }
    if (frame.command !== 'CONNECTED' || !agreed) {
      const what =
        frame.command === 'CONNECTED'
          ? `it chose another STOMP version than ${settings.versions.join(', ')}`
          : `it answered ${frame.command}, not CONNECTED`
      fail(new TroupeError('TRANSPORT_PROTOCOL', `cannot log in to ${to}: ${what}`))
      return
    }
    version = agreed
    parser.version = agreed
    cancelTimer()
    cancelTimer = () => {}
    startHeartbeats(headerOf(frame, 'heart-beat') ?? '0,0')
    events.onConnected()
  }

  const startHeartbeats = (header: string): void => {
    const [brokerSendsMs, brokerWantsMs] = header.split(',').map((text) => (/^\d{1,9}$/.test(text) ? Number(text) : 0))
    const own = settings.heartbeatMs
    const sendMs = own > 0 && brokerWantsMs ? Math.max(own, brokerWantsMs) : 0
    const receiveMs = own > 0 && brokerSendsMs ? Math.max(own, brokerSendsMs) : 0
    if (sendMs === 0 && receiveMs === 0) return
    const tickMs = Math.min(sendMs || receiveMs, receiveMs || sendMs) / 2
    let dueMs = clock.monotonic() + tickMs
    const tick = (): void => {
      const nowMs = clock.monotonic()
      // When this process itself was held up, bytes may wait to be read: that is not the broker's silence.
      if (nowMs > dueMs + tickMs) lastReadMs = nowMs
      if (receiveMs > 0 && nowMs - lastReadMs > settings.heartbeatsMissedMax * receiveMs) {
        const seconds = Math.round((nowMs - lastReadMs) / 1000)
        fail(
          new TroupeError(
            'TRANSPORT_LOST',
            `lost ${to}: no sign of life for ${seconds} s, heart-beats missed: ${settings.heartbeatsMissedMax}`,
          ),
        )
        return
      }
      if (sendMs > 0 && nowMs - lastWriteMs >= tickMs) write(LF)
      dueMs = nowMs + tickMs
      cancelTimer = clock.after(tickMs, tick)
    }
    cancelTimer = clock.after(tickMs, tick)
  }

  const onReady = (): void => {
    lastReadMs = clock.monotonic()
    login()
  }

  socket.on('connect', () => {
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    if (!member.tls) onReady()
  })
  if (member.tls) {
    socket.on('secureConnect', onReady)
    socket.on('session', (session: Buffer) => events.onSession(session))
  }
  socket.on('data', (chunk: Buffer) => {
    lastReadMs = clock.monotonic()
    try {
      parser.push(chunk)
      for (let frame = parser.next(); frame && !socket.destroyed; frame = parser.next()) {
        if (version === undefined) onFirstFrame(frame)
        else events.onFrame(frame)
      }
    } catch (error) {
      if (!isTroupeError(error)) throw error
      fail(new TroupeError('TRANSPORT_PROTOCOL', `cannot understand ${to}: ${error.message}`, { cause: error }))
    }
  })
  socket.on('drain', () => {
    if (version !== undefined && !failure) events.onDrain()
  })
  socket.on('error', (error) => {
    failure ??= describeTlsFailure(to, error) ?? describeSocketFailure(to, error, version !== undefined)
  })
  socket.on('close', () => {
    cancelTimer()
    if (!failure && !ended) {
      failure =
        version === undefined
          ? new TroupeError(
              'TRANSPORT_UNREACHABLE',
              `cannot log in to ${to}: it closed the connection without an answer`,
            )
          : new TroupeError('TRANSPORT_LOST', `lost ${to}: it closed the connection`)
    }
    events.onClosed(failure)
  })

  return {
    get writable() {
      return socket.writableLength < SOCKET_PENDING_BYTES_MAX && !socket.destroyed
    },
    send(command, headers, body) {
      if (socket.destroyed || ended) return
      if (body === undefined || body.length < SEPARATE_BODY_BYTES) {
        write(serializeFrame(body ? { command, headers, body } : { command, headers }, version ?? '1.0'))
        return
      }
      write(serializeHead(command, headers, body.length, version ?? '1.0'))
      write(body)
      write(NUL)
    },
    end() {
      ended = true
      socket.destroySoon()
    },
    destroy(error) {
      ended = true
      failure ??= error
      socket.destroy()
    },
  }
}

function refusedLogin(to: string, member: PoolMember, frame: StompFrame): TroupeError {
  const text = brokerErrorText(frame, member.password)
  // The embedded broker names the kind of error, others have only words.
  const code = headerOf(frame, 'error-code')
  const login =
    code === undefined
      ? !/version/i.test(text) || /user|login|password|credential|access|auth/i.test(text)
      : code === 'BROKER_LOGIN_REFUSED'
  if (!login) {
    return new TroupeError('TRANSPORT_PROTOCOL', `cannot log in to ${to}: it answered: ${text}`)
  }
  const who = member.user ? `as ${JSON.stringify(member.user)}` : 'without a user name'
  return new TroupeError('TRANSPORT_LOGIN_REFUSED', `cannot log in to ${to} ${who}: it answered: ${text}`)
}

function describeSocketFailure(to: string, error: Error, connected: boolean): TroupeError {
  const text = messageOf(error) || String((error as { code?: unknown }).code)
  return connected
    ? new TroupeError('TRANSPORT_LOST', `lost ${to}: ${text}`, { cause: error })
    : new TroupeError('TRANSPORT_UNREACHABLE', `cannot connect to ${to}: ${text}`, { cause: error })
}
