// A message on its way: the headers and body of a SEND and its MESSAGE frames. The frame of one subscription id is made once
// and shared by all connections that use that id; a large body is never copied for a consumer. [STOMP-1.2 MESSAGE]

import type { StompFrame } from '#wire/stomp/frame.ts'
import { serializeHead } from '#wire/stomp/serialize.ts'
import type { Session } from './session.ts'

/** Headers of a SEND that are the broker's to set, or that end here. */
const NOT_FORWARDED = new Set([
  'destination',
  'content-length',
  'receipt',
  'receipt-late',
  'transaction',
  'message-id',
  'subscription',
  'ack',
])
/** Up to here one write with a copied body is cheaper than two. */
const COPIED_BODY_BYTES = 4 * 1024
/** Keeps what a header list costs in the account of stored bytes. */
const MESSAGE_COST_BYTES = 512

export class Message {
  readonly destination: string
  readonly expiresAt: number
  readonly bytes: number
  readonly sender: Session
  readonly #id: string
  readonly #headers: readonly string[]
  #body: Uint8Array
  #tail: Buffer | undefined
  #framesFor: string | undefined
  #frames: readonly Buffer[] = []

  constructor(destination: string, frame: StompFrame, expiresAt: number, id: string, sender: Session) {
    this.destination = destination
    this.#headers = frame.headers
    this.#body = frame.body
    this.expiresAt = expiresAt
    this.sender = sender
    this.#id = id
    let bytes = MESSAGE_COST_BYTES + frame.body.length
    for (const text of frame.headers) bytes += text.length
    this.bytes = bytes
  }

  header(name: string): string | undefined {
    for (let i = 0; i < this.#headers.length; i += 2) if (this.#headers[i] === name) return this.#headers[i + 1]
    return undefined
  }

  /** Before it waits: a small body must not keep the whole chunk it came in. */
  detach(): void {
    if (this.#body.buffer.byteLength > 2 * this.#body.length + COPIED_BODY_BYTES)
      this.#body = new Uint8Array(this.#body)
  }

  /** The MESSAGE frame for a subscription, in one or more pieces. STOMP 1.0 subscriptions may have no id. */
  frames(subscription: string | undefined, plain: boolean): readonly Buffer[] {
    const key = `${plain ? '0' : '1'}${subscription === undefined ? '' : `=${subscription}`}`
    if (this.#framesFor === key) return this.#frames
    const head = serializeHead(
      'MESSAGE',
      this.#messageHeaders(subscription, plain),
      this.#body.length,
      plain ? '1.0' : '1.2',
    )
    if (this.#body.length <= COPIED_BODY_BYTES) {
      const headLength = Buffer.byteLength(head)
      const whole = Buffer.allocUnsafe(headLength + this.#body.length + 1)
      whole.write(head)
      whole.set(this.#body, headLength)
      whole[whole.length - 1] = 0
      this.#frames = [whole]
    } else {
      this.#tail ??= Buffer.concat([this.#body, Buffer.of(0)])
      this.#frames = [Buffer.from(head), this.#tail]
    }
    this.#framesFor = key
    return this.#frames
  }

  #messageHeaders(subscription: string | undefined, plain: boolean): string[] {
    const headers = ['destination', this.destination, 'message-id', this.#id]
    if (subscription !== undefined) headers.push('subscription', subscription)
    for (let i = 0; i < this.#headers.length; i += 2) {
      const name = this.#headers[i] as string
      const value = this.#headers[i + 1] as string
      if (NOT_FORWARDED.has(name)) continue
      // A sender on 1.1 may say what 1.0 cannot: a header that would become two there is left out.
      if (plain && (/[:\r\n]/.test(name) || /[\r\n]/.test(value))) continue
      headers.push(name, value)
    }
    return headers
  }
}
