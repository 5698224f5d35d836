// The channel of joining, the master's end: a TLS listener of its own that is there only while tokens are waited for. One line of JSON
// in, one out, and the connection ends. What a token is good for is setup/join-desk.ts. docs/decisions/0008-credentials.md
//
//   {"version":1,"want":"authority"}                              {"authority":"-----BEGIN CERTIFICATE-----..."}
//   {"version":1,"want":"join","secret":..,"identity":..,...}     {"grant":{...}}, or {"refused":"used","message":".."}

import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { messageOf, TroupeError } from '#base/errors.ts'
import { JOIN_CONNECTION_MS_MAX, JOIN_CONNECTIONS_MAX, JOIN_REQUEST_BYTES_MAX } from '#base/limits.ts'
import type { JoinDesk } from '#setup/join-desk.ts'
import { readLine } from './read-line.ts'

export interface JoinListenerOptions {
  /** e.g. `{ host: '::', port: 61614 }`. */
  readonly listen: { readonly host: string; readonly port: number }
  /** PEM texts: of the broker, and of the authority its certificate is signed by. */
  readonly key: string
  readonly certificate: string
  readonly authority: string
  readonly desk: JoinDesk
  readonly onJoined: (identity: string, from: string) => void
  readonly onRefused: (why: string, from: string) => void
}

export interface JoinListener {
  readonly port: number
  /** Resolves when no token is good any more, because all are used. */
  readonly done: Promise<void>
  close(): Promise<void>
}

/** Throws SETUP_PORT_IN_USE. */
export async function listenForJoins(options: JoinListenerOptions): Promise<JoinListener> {
  const { listen, key, certificate, desk } = options
  const { promise: done, resolve: finish } = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  const server = createServer({
    key,
    cert: certificate,
    minVersion: 'TLSv1.3',
    handshakeTimeout: JOIN_CONNECTION_MS_MAX,
  })
  server.maxConnections = JOIN_CONNECTIONS_MAX
  // Whoever does not complete a handshake is nobody's news.
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {})
    socket.setTimeout(JOIN_CONNECTION_MS_MAX, () => socket.destroy())
    void serve(socket, options).then(() => desk.open() === 0 && finish())
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (error: NodeJS.ErrnoException) => reject(portInUse(listen, error)))
  server.listen({ ...listen, exclusive: true }, resolve)
  await listening
  return {
    port: (server.address() as { port: number }).port,
    done,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Resolves when the answer is on its way, or the connection has gone. */
async function serve(socket: TLSSocket, { authority, desk, onJoined, onRefused }: JoinListenerOptions): Promise<void> {
  const from = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '?'
  try {
    const asked = (await readLine(socket, JOIN_REQUEST_BYTES_MAX, JOIN_CONNECTION_MS_MAX)) as Record<string, unknown>
    if (asked?.want === 'authority') return await answer(socket, { authority })
    const answered = desk.answer(asked)
    if ('grant' in answered) {
      const identity = String(asked.identity)
      try {
        onJoined(identity, from)
      } catch (error) {
        // The token is used up: its holder must get what it was for.
        onRefused(`${identity} joined, and then: ${messageOf(error)}`, from)
      }
    } else onRefused(answered.message, from)
    await answer(socket, answered)
  } catch (error) {
    onRefused(messageOf(error), from)
    socket.destroy()
  }
}

function answer(socket: TLSSocket, value: unknown): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('close', () => resolve())
  socket.end(`${JSON.stringify(value)}\n`)
  return promise
}

function portInUse({ host, port }: JoinListenerOptions['listen'], error: NodeJS.ErrnoException): TroupeError {
  const message = `cannot wait for nodes on ${host} port ${port} (${error.code}): another \`mco setup token\` waits there, or another program listens; use --count for more tokens, or choose another port with --port`
  return new TroupeError('SETUP_PORT_IN_USE', message, { cause: error })
}
