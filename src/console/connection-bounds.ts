// How many connections there may be, in all and of one address: those over it are closed before anything is read from them.

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { CONSOLE_ADDRESS_CONNECTIONS_MAX, CONSOLE_CONNECTIONS_MAX } from '#base/limits.ts'
import { networkOf } from './network-of.ts'

export interface ConnectionLimits {
  readonly connectionsMax?: number
  readonly addressConnectionsMax?: number
}

export function boundConnections(server: Server, limits: ConnectionLimits): void {
  const mostOfOne = limits.addressConnectionsMax ?? CONSOLE_ADDRESS_CONNECTIONS_MAX
  const open = new Map<string, number>()
  server.maxConnections = limits.connectionsMax ?? CONSOLE_CONNECTIONS_MAX
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket
    const address = networkOf(remoteAddress)
    const count = (open.get(address) ?? 0) + 1
    if (count > mostOfOne && !isLoopback(remoteAddress)) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = open.get(address)! - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

/** A reverse proxy on this machine speaks for everybody. */
function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
