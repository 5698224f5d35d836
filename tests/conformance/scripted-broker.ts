// A STOMP peer that does what a test tells it: by default it logs everybody in, confirms what asks for a receipt and sends
// each message to the subscribers of its destination; `script` may do otherwise. For faults no real broker shows on demand.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { headerOf, type StompFrame } from '#wire/stomp/frame.ts'
import { StompParser } from '#wire/stomp/parse.ts'
import { serializeFrame } from '#wire/stomp/serialize.ts'

export interface Peer {
  readonly socket: Socket
  /** How often bytes arrived. */
  chunks: number
  send(command: string, headers: readonly string[], body?: string): void
  /** What the broker does by default with this frame. */
  obey(frame: StompFrame): void
}

export interface ScriptedBroker {
  readonly port: number
  /** Every frame received, on all connections. */
  readonly frames: StompFrame[]
  /** Connections accepted so far, and those that resumed a TLS session. */
  readonly count: { connections: number; resumed: number }
  /** Instead of the default for a frame. */
  script: ((frame: StompFrame, peer: Peer) => void) | undefined
  readonly peers: Set<Peer>
  sends(): string[]
  cut(): void
  close(): Promise<void>
}

/** `tls` absent: plain TCP. `port` to come back where an earlier one was. */
export async function startScriptedBroker(options: { tls?: TlsOptions; port?: number } = {}): Promise<ScriptedBroker> {
  const subscriptions = new Map<Peer, Map<string, string>>()
  const broker = {
    port: 0,
    frames: [] as StompFrame[],
    count: { connections: 0, resumed: 0 },
    script: undefined as ScriptedBroker['script'],
    peers: new Set<Peer>(),
    sends: () => broker.frames.filter((f) => f.command === 'SEND').map((f) => Buffer.from(f.body).toString()),
    cut() {
      for (const { socket } of broker.peers) socket.destroy()
    },
    async close() {
      broker.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  const accept = (socket: Socket): void => {
    const parser = new StompParser()
    parser.version = '1.2'
    const peer: Peer = {
      socket,
      chunks: 0,
      send: (command, headers, body = '') =>
        void socket.write(serializeFrame({ command, headers, body: Buffer.from(body) }, '1.2')),
      obey: (frame) => obey(frame, peer),
    }
    broker.count.connections += 1
    if ((socket as Partial<TLSSocket>).isSessionReused?.()) broker.count.resumed += 1
    broker.peers.add(peer)
    subscriptions.set(peer, new Map())
    socket.on('error', () => {})
    socket.on('close', () => {
      broker.peers.delete(peer)
      subscriptions.delete(peer)
    })
    socket.on('data', (chunk) => {
      peer.chunks += 1
      parser.push(chunk)
      for (let frame = parser.next(); frame; frame = parser.next()) {
        broker.frames.push(frame)
        if (broker.script) broker.script(frame, peer)
        else obey(frame, peer)
      }
    })
  }

  const obey = (frame: StompFrame, peer: Peer): void => {
    const destination = headerOf(frame, 'destination') ?? ''
    if (frame.command === 'CONNECT') peer.send('CONNECTED', ['version', '1.2', 'heart-beat', '0,0'])
    if (frame.command === 'SUBSCRIBE') subscriptions.get(peer)?.set(headerOf(frame, 'id') ?? '', destination)
    if (frame.command === 'UNSUBSCRIBE') subscriptions.get(peer)?.delete(headerOf(frame, 'id') ?? '')
    const receipt = headerOf(frame, 'receipt')
    if (receipt !== undefined) peer.send('RECEIPT', ['receipt-id', receipt])
    if (frame.command !== 'SEND') return
    for (const [other, held] of subscriptions) {
      for (const [id, wanted] of held) {
        if (wanted !== destination) continue
        const headers = ['subscription', id, 'message-id', '1', 'destination', destination]
        other.send('MESSAGE', headers, Buffer.from(frame.body).toString())
      }
    }
  }

  const server: Server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept)
  if (options.tls) server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  broker.port = (server.address() as AddressInfo).port
  return broker
}
