// A STOMP client for tests of the broker: says exactly what a test wants, hears everything, knows no rule.

import { type Duplex, duplexPair } from 'node:stream'
import { headerOf, type StompFrame, type StompVersion } from '#wire/stomp/frame.ts'
import { StompParser } from '#wire/stomp/parse.ts'
import { serializeFrame } from '#wire/stomp/serialize.ts'
import type { Broker } from './broker.ts'

export class Peer {
  readonly socket: Duplex
  readonly frames: StompFrame[] = []
  /** All bytes received, heart-beats included. */
  bytes = 0
  closed = false
  version: StompVersion = '1.2'
  readonly #parser = new StompParser()
  #wake: (() => void)[] = []

  constructor(socket: Duplex) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length
      this.#parser.push(chunk)
      for (let frame = this.#parser.next(); frame; frame = this.#parser.next()) {
        if (frame.command === 'CONNECTED') {
          this.version = this.#parser.version = (headerOf(frame, 'version') ?? '1.0') as StompVersion
        }
        this.frames.push(frame)
      }
      this.#changed()
    })
    socket.on('error', () => {})
    socket.on('end', () => {
      socket.end()
      this.#ended()
    })
    socket.on('close', () => this.#ended())
  }

  send(command: string, headers: readonly string[], body?: string | Uint8Array): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    this.raw(serializeFrame(bytes ? { command, headers, body: bytes } : { command, headers }, this.version))
  }

  raw(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** CONNECT; the CONNECTED or ERROR frame. */
  async login(login: string, passcode: string, ...more: string[]): Promise<StompFrame> {
    this.send('CONNECT', ['accept-version', '1.0,1.1,1.2', 'host', 'x', 'login', login, 'passcode', passcode, ...more])
    return this.next()
  }

  async subscribe(id: string, destination: string, ...more: string[]): Promise<StompFrame> {
    this.send('SUBSCRIBE', ['id', id, 'destination', destination, 'receipt', `s${id}`, ...more])
    return this.next()
  }

  /** Takes the next frame, when it is there. */
  async next(): Promise<StompFrame> {
    while (this.frames.length === 0) {
      if (this.closed) throw new Error('the broker closed the connection')
      await this.#change()
    }
    return this.frames.shift() as StompFrame
  }

  async whenClosed(): Promise<void> {
    while (!this.closed) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  #changed(): void {
    const wake = this.#wake
    this.#wake = []
    for (const resolve of wake) resolve()
  }

  #ended(): void {
    this.closed = true
    this.#changed()
  }
}

let peers = 0

/** A peer at the other end of an in-memory connection to `broker`. */
export function connectPeer(broker: Broker, certificateName?: string): Peer {
  const [ours, theirs] = duplexPair()
  peers += 1
  broker.accept(theirs, `peer-${peers}`, certificateName)
  return new Peer(ours)
}

/** Lets everything that is under way in memory arrive. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}
