// Bytes to STOMP frames, incrementally: any chunking of a stream gives the same frames and, if it is malformed, the same
// error. A body that arrived whole is a view of its chunk. Memory held is at most twice the bytes received of the unfinished
// frame, never what a content-length claims. Version and limits may change between two frames, which is why frames are taken
// one by one. [STOMP-1.0] [STOMP-1.1] [STOMP-1.2] [wire 1.4]

import { TroupeError } from '#base/errors.ts'
import {
  STOMP_COMMAND_BYTES_MAX,
  STOMP_FRAME_BYTES_MAX,
  STOMP_HEADER_LINE_BYTES_MAX,
  STOMP_HEADERS_MAX,
} from '#base/limits.ts'
import { EMPTY_BODY, escapesHeaders, type StompFrame, type StompVersion } from './frame.ts'

export interface StompParserLimits {
  /** Command, headers and body of one frame, bytes. */
  readonly frameBytesMax: number
  /** One header line without its end, bytes. */
  readonly headerLineBytesMax: number
  readonly headersMax: number
}

export const STOMP_PARSER_LIMITS: StompParserLimits = {
  frameBytesMax: STOMP_FRAME_BYTES_MAX,
  headerLineBytesMax: STOMP_HEADER_LINE_BYTES_MAX,
  headersMax: STOMP_HEADERS_MAX,
}

const LF = 0x0a
const CR = 0x0d
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * `parser.push(chunk); for (let f = parser.next(); f; f = parser.next()) handle(f)`. Heart-beats yield no frame. Throws
 * WIRE_STOMP_MALFORMED and WIRE_STOMP_TOO_LARGE with `details.offset`, counted from the first byte of the stream; after that
 * every call throws the same error again.
 */
export class StompParser {
  /** How headers are unescaped: set it when the version has been agreed on. */
  version: StompVersion = '1.0'
  limits: StompParserLimits
  #buffer: Buffer | undefined
  /** Valid bytes of #buffer; more may be reserved when it is our own. */
  #end = 0
  #owned = false
  /** Where the current frame starts, and how far its head has been looked at, in #buffer. */
  #start = 0
  #scan = 0
  #lineStart = 0
  #lines = 0
  #ascii = true
  /** The head of the frame whose body is awaited. */
  #head: { command: string; headers: string[]; bodyAt: number; length: number } | undefined
  /** Stream offset of #buffer[0]. */
  #base = 0
  #failure: TroupeError | undefined

  constructor(limits: StompParserLimits = STOMP_PARSER_LIMITS) {
    this.limits = limits
  }

  /** Bytes received and not yet returned as part of a frame. */
  get pendingBytes(): number {
    return this.#end - this.#start
  }

  /** Takes the next bytes of the stream. `chunk` must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#failure) throw this.#failure
    if (chunk.length === 0) return
    if (this.#buffer === undefined) {
      this.#buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      this.#end = chunk.length
      this.#owned = false
      return
    }
    this.#append(chunk)
  }

  /** The next whole frame, or undefined when more bytes are needed. */
  next(): StompFrame | undefined {
    if (this.#failure) throw this.#failure
    const buffer = this.#buffer
    if (buffer === undefined) return undefined
    const frame = this.#head || this.#readHead(buffer) ? this.#readBody(buffer) : undefined
    if (this.#start === this.#end) this.#release()
    else if (frame === undefined) this.#compact()
    return frame
  }

  /** Skips heart-beats and looks for the empty line. True when #head is set. */
  #readHead(buffer: Buffer): boolean {
    const end = this.#end
    if (this.#scan === this.#start) {
      let at = this.#start
      while (at < end && (buffer[at] === LF || (buffer[at] === CR && buffer[at + 1] === LF && at + 1 < end))) at++
      this.#start = this.#scan = this.#lineStart = at
      if (at === end || (buffer[at] === CR && at + 1 === end)) return false
    }
    const { headersMax, headerLineBytesMax, frameBytesMax } = this.limits
    let at = this.#scan
    let lineStart = this.#lineStart
    for (;;) {
      const lineMax = this.#lines === 0 ? STOMP_COMMAND_BYTES_MAX : headerLineBytesMax
      const stop = Math.min(end, lineStart + lineMax + 2, this.#start + frameBytesMax + 1)
      let bits = 0
      let byte = -1
      while (at < stop) {
        byte = buffer[at] as number
        if (byte === LF || byte === 0) break
        bits |= byte
        at++
      }
      if (bits > 127) this.#ascii = false
      if (at === stop) {
        if (at - this.#start > frameBytesMax) throw this.#tooLarge(this.#start, `frame of over ${frameBytesMax} bytes`)
        if (at - lineStart > lineMax + 1) throw this.#lineTooLong(lineStart, lineMax)
        this.#scan = at
        this.#lineStart = lineStart
        return false
      }
      if (byte === 0) throw this.#malformed(at, 'a NUL inside the command or headers, where a line end should be')
      const lineEnd = at > lineStart && buffer[at - 1] === CR ? at - 1 : at
      if (lineEnd - lineStart > lineMax) throw this.#lineTooLong(lineStart, lineMax)
      if (this.#lines === 0) this.#checkCommand(buffer, lineStart, lineEnd)
      else if (lineEnd === lineStart) {
        this.#parseHead(buffer, lineStart, at + 1)
        return true
      } else if (this.#lines > headersMax) throw this.#tooLarge(lineStart, `frame with over ${headersMax} headers`)
      this.#lines++
      at++
      lineStart = at
    }
  }

  #checkCommand(buffer: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const byte = buffer[at] as number
      if (byte < 0x41 || byte > 0x5a) throw this.#malformed(at, 'a command that is not upper case letters')
    }
  }

  #parseHead(buffer: Buffer, headersEnd: number, bodyAt: number): void {
    const text = this.#decode(buffer, this.#start, headersEnd)
    let lineEnd = text.indexOf('\n')
    const command = text.slice(0, text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd)
    const escaped = escapesHeaders(command, this.version)
    const headers: string[] = []
    let length = -1
    for (let at = lineEnd + 1; at < text.length; at = lineEnd + 1) {
      lineEnd = text.indexOf('\n', at)
      const valueEnd = text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd
      const colon = text.indexOf(':', at)
      if (colon <= at || colon > valueEnd) {
        throw this.#malformed(this.#offsetIn(text, at), 'a header line that is not name:value')
      }
      let name = text.slice(at, colon)
      let value = text.slice(colon + 1, valueEnd)
      if (escaped) {
        if (name.includes('\\')) name = this.#unescape(name, text, at)
        if (value.includes('\\')) value = this.#unescape(value, text, at)
      }
      if (length === -1 && name === 'content-length') length = this.#contentLength(value, text, at)
      headers.push(name, value)
    }
    const { frameBytesMax } = this.limits
    if (bodyAt - this.#start + Math.max(length, 0) > frameBytesMax) {
      throw this.#tooLarge(this.#start, `frame of over ${frameBytesMax} bytes`)
    }
    this.#head = { command, headers, bodyAt, length }
    this.#scan = bodyAt
  }

  #readBody(buffer: Buffer): StompFrame | undefined {
    const { command, headers, bodyAt, length } = this.#head!
    let bodyEnd: number
    if (length >= 0) {
      bodyEnd = bodyAt + length
      if (bodyEnd >= this.#end) return undefined
      if (buffer[bodyEnd] !== 0) throw this.#malformed(bodyEnd, 'no NUL after the content-length bytes of the body')
    } else {
      const { frameBytesMax } = this.limits
      const searchEnd = Math.min(this.#end, this.#start + frameBytesMax + 1)
      bodyEnd = buffer.subarray(this.#scan, searchEnd).indexOf(0)
      if (bodyEnd === -1) {
        this.#scan = searchEnd
        if (searchEnd - this.#start > frameBytesMax) {
          throw this.#tooLarge(this.#start, `frame of over ${frameBytesMax} bytes`)
        }
        return undefined
      }
      bodyEnd += this.#scan
    }
    const body = bodyEnd === bodyAt ? EMPTY_BODY : buffer.subarray(bodyAt, bodyEnd)
    this.#head = undefined
    this.#lines = 0
    this.#ascii = true
    this.#start = this.#scan = this.#lineStart = bodyEnd + 1
    return { command, headers, body }
  }

  #decode(buffer: Buffer, from: number, to: number): string {
    if (this.#ascii) return buffer.toString('latin1', from, to)
    try {
      return strictUtf8.decode(buffer.subarray(from, to))
    } catch {
      throw this.#malformed(from, 'headers that are not UTF-8')
    }
  }

  #unescape(text: string, head: string, lineAt: number): string {
    let out = ''
    let from = 0
    for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', from)) {
      const letter = text[at + 1]
      const plain =
        letter === 'n' ? '\n' : letter === 'c' ? ':' : letter === '\\' ? '\\' : letter === 'r' ? '\r' : undefined
      if (plain === undefined) {
        throw this.#malformed(this.#offsetIn(head, lineAt), 'a header with an escape other than \\\\, \\n, \\c and \\r')
      }
      out += text.slice(from, at) + plain
      from = at + 2
    }
    return out + text.slice(from)
  }

  #contentLength(value: string, head: string, lineAt: number): number {
    if (!/^\d{1,15}$/.test(value)) {
      throw this.#malformed(this.#offsetIn(head, lineAt), 'a content-length that is not a number of bytes')
    }
    return Number(value)
  }

  /** Makes room in a buffer of our own, at least doubling it so that single-byte chunks cost no more than large ones. */
  #append(chunk: Uint8Array): void {
    const held = this.#end - this.#start
    const needed = held + chunk.length
    if (!this.#owned || this.#end + chunk.length > this.#buffer!.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(held * 2, this.limits.frameBytesMax)))
      this.#buffer!.copy(grown, 0, this.#start, this.#end)
      this.#moveTo(grown)
      this.#owned = true
    }
    this.#buffer!.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** An unfinished rest must not keep alive a chunk full of frames that are done. */
  #compact(): void {
    const held = this.#end - this.#start
    if (held * 2 >= this.#buffer!.buffer.byteLength) return
    const own = Buffer.allocUnsafeSlow(held * 2)
    this.#buffer!.copy(own, 0, this.#start, this.#end)
    this.#moveTo(own)
    this.#owned = true
  }

  #moveTo(buffer: Buffer): void {
    const by = this.#start
    this.#buffer = buffer
    this.#base += by
    this.#start = 0
    this.#scan -= by
    this.#lineStart -= by
    this.#end -= by
    if (this.#head) this.#head.bodyAt -= by
  }

  #release(): void {
    this.#base += this.#end
    this.#buffer = undefined
    this.#owned = false
    this.#start = this.#scan = this.#lineStart = this.#end = 0
  }

  #offsetIn(head: string, at: number): number {
    return this.#start + (this.#ascii ? at : Buffer.byteLength(head.slice(0, at)))
  }

  #lineTooLong(lineStart: number, max: number): TroupeError {
    return this.#lines === 0
      ? this.#malformed(lineStart, `a command of over ${max} bytes`)
      : this.#tooLarge(lineStart, `header line of over ${max} bytes`)
  }

  #malformed(at: number, what: string): TroupeError {
    return this.#fail('WIRE_STOMP_MALFORMED', at, `found ${what}`)
  }

  #tooLarge(at: number, what: string): TroupeError {
    return this.#fail('WIRE_STOMP_TOO_LARGE', at, `refused a ${what}`)
  }

  #fail(code: 'WIRE_STOMP_MALFORMED' | 'WIRE_STOMP_TOO_LARGE', at: number, what: string): TroupeError {
    const offset = this.#base + at
    this.#failure = new TroupeError(code, `cannot read STOMP frame: ${what}, at byte ${offset}`, {
      details: { offset },
    })
    this.#buffer = undefined
    this.#start = this.#end = 0
    return this.#failure
  }
}
