// A TCP proxy on a port of its own: it can cut all connections, refuse new ones for a while, or swallow what passes.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** Breaks every connection now. */
  cut(): void
  /** Breaks every connection on the side of who connected; the other side does not notice. */
  abandon(): void
  /** True: new connections are closed at once. */
  refusing: boolean
  close(): Promise<void>
}

export async function startTcpProxy(toPort: number): Promise<TcpProxy> {
  const pairs = new Set<Socket>()
  const downs = new Set<Socket>()
  const abandoned = new Set<Socket>()
  const server = createServer((down) => {
    if (proxy.refusing) {
      down.destroy()
      return
    }
    const up = connect(toPort, '127.0.0.1')
    downs.add(down)
    down.on('close', () => downs.delete(down))
    for (const [socket, other] of [
      [down, up],
      [up, down],
    ] as const) {
      pairs.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        pairs.delete(socket)
        if (!abandoned.delete(socket)) other.destroy()
      })
      socket.pipe(other, { end: false })
      socket.on('end', () => {
        if (!abandoned.has(socket)) other.end()
      })
    }
  })
  const proxy: TcpProxy = {
    port: 0,
    refusing: false,
    cut() {
      for (const socket of pairs) socket.destroy()
    },
    abandon() {
      for (const down of downs) {
        abandoned.add(down)
        down.destroy()
      }
    },
    async close() {
      proxy.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(proxy, { port: (server.address() as AddressInfo).port })
}
