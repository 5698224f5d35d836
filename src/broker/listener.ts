// The listening socket, with or without TLS, and what a connection costs before anything is said on it. One set of listener
// functions serves all sockets; what must be remembered of a socket hangs on the socket.

import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { TroupeError } from '#base/errors.ts'
import type { BrokerOptions, BrokerTls } from './options.ts'

const KEEP_ALIVE_MS = 60_000
/** Without the hybrid group of OpenSSL's defaults, whose keys of a kilobyte cost each connection 8 kB for as long as it lives. */
const KEY_EXCHANGE = 'X25519:P-256:P-384'

export interface ListenerEvents {
  /** TCP has connected; TLS has not begun. False: refused, the socket is destroyed. */
  opened(socket: Socket, from: string): boolean
  /** Ready for frames. `certificateName`: common name of a verified client certificate. */
  ready(socket: Socket, from: string, certificateName: string | undefined): void
}

/** Throws BROKER_CONFIG_INVALID when key and certificates cannot be used. */
export function createListener(tls: BrokerTls | undefined, events: ListenerEvents): Server {
  if (!tls) {
    return createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) => {
      const from = addressOf(socket)
      if (events.opened(socket, from)) events.ready(socket, from, undefined)
    })
  }
  const server = createTls(tls)
  server.on('connection', (socket: Socket) => {
    events.opened(socket, addressOf(socket))
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    const name = socket.authorized ? commonNameOf(socket) : undefined
    events.ready(socket, addressOf(socket), name)
  })
  return server
}

function createTls(tls: BrokerTls): Server {
  const wanted = tls.clientCertificate ?? 'none'
  if (wanted !== 'none' && tls.ca === undefined) {
    throw new TroupeError(
      'BROKER_CONFIG_INVALID',
      'cannot ask for client certificates: no authority (ca) to check them by',
    )
  }
  try {
    return createTlsServer({
      key: tls.key,
      cert: tls.cert,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      minVersion: 'TLSv1.2',
      ecdhCurve: KEY_EXCHANGE,
      requestCert: wanted !== 'none',
      rejectUnauthorized: wanted === 'require',
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    })
  } catch (cause) {
    throw new TroupeError('BROKER_CONFIG_INVALID', 'cannot use the key and certificate of the broker for TLS', {
      cause,
    })
  }
}

/** Listens; resolves with the address. Throws BROKER_CANNOT_LISTEN. */
export function listen(
  server: Server,
  { host, port }: BrokerOptions['listen'],
): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      reject(
        new TroupeError(
          'BROKER_CANNOT_LISTEN',
          `cannot listen on ${host} port ${port}: ${cause.code ?? cause.message}`,
          {
            cause,
            details: { errno: cause.code },
          },
        ),
      )
    }
    server.once('error', failed)
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off('error', failed)
      const address = server.address()
      if (address && typeof address === 'object') resolve({ host: address.address, port: address.port })
    })
  })
}

function addressOf(socket: Socket): string {
  return `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`
}

function commonNameOf(socket: TLSSocket): string | undefined {
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : undefined
}
