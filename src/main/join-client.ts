// The channel of joining, the node's end. First the authority's certificate is fetched from whoever answers and compared with the digest in the
// token; then a connection that TLS verifies by it, host name included, carries the token. Whoever cannot prove to be the master
// never sees it. docs/decisions/0008-credentials.md

import { isIP } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { messageOf, TroupeError } from '#base/errors.ts'
import { JOIN_ANSWER_BYTES_MAX, JOIN_CONNECTION_MS_MAX } from '#base/limits.ts'
import { type JoinGrant, type JoinRequest, readGrant } from '#setup/join-desk.ts'
import { authorityDigest, type JoinToken } from '#setup/join-token.ts'
import { readLine } from './read-line.ts'

export interface Joined {
  readonly grant: JoinGrant
  /** PEM text. */
  readonly authority: string
}

/** `host`: how this machine calls the master, when not as the token does. Throws SETUP_JOIN_UNREACHABLE and SETUP_JOIN_REFUSED. */
export async function joinCollective(token: JoinToken, request: JoinRequest, host = token.host): Promise<Joined> {
  const at = { host, port: token.port, ...(isIP(host) ? {} : { servername: host }), minVersion: 'TLSv1.3' as const }
  // Not verified, because what it is verified by is what is asked for; nothing but that is taken from it.
  const unproven = await ask({ ...at, rejectUnauthorized: false }, { version: 1, want: 'authority' }, token)
  const authority = (unproven as { authority?: unknown } | null)?.authority
  if (typeof authority !== 'string' || authorityDigest(authority) !== token.authority) {
    throw unreachable(at, 'whoever answers there has another certificate authority than the master that made the token')
  }
  const { identity, keys } = request
  const asked = { version: 1, want: 'join', secret: token.secret, identity, ...keys }
  const grant = readGrant(await ask({ ...at, ca: authority, rejectUnauthorized: true }, asked, token))
  return { grant, authority }
}

async function ask(
  options: ConnectionOptions & { host: string; port: number },
  what: object,
  token: JoinToken,
): Promise<unknown> {
  let socket: TLSSocket | undefined
  try {
    socket = await connected(options)
    socket.write(`${JSON.stringify(what)}\n`)
    return await readLine(socket, JOIN_ANSWER_BYTES_MAX, JOIN_CONNECTION_MS_MAX)
  } catch (error) {
    const until = new Date(token.untilMs).toISOString()
    throw unreachable(
      options,
      `${messageOf(error)}; \`mco setup token\` must be waiting there, which it does until ${until} at most`,
    )
  } finally {
    socket?.destroy()
  }
}

function connected(options: ConnectionOptions): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  const socket = connect(options)
  const timer = setTimeout(() => socket.destroy(new Error('no answer')), JOIN_CONNECTION_MS_MAX)
  socket.once('secureConnect', () => resolve(socket))
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('the connection was ended')))
  return promise.finally(() => clearTimeout(timer))
}

function unreachable({ host, port }: { host: string; port: number }, why: string): TroupeError {
  return new TroupeError('SETUP_JOIN_UNREACHABLE', `cannot join at ${host} port ${port}: ${why}`)
}
