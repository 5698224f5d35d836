// STOMP frames to bytes. Headers are escaped by the version spoken; what a version cannot express is refused, so that no
// value can add a header or end the frame. content-length is always made here from the body. A broker that sends one body to
// many may write head, shared body and NUL apart. [STOMP-1.2 value encoding] [wire 1.4]

import { TroupeError } from '#base/errors.ts'
import { EMPTY_BODY, escapesHeaders, type StompFrame, type StompVersion } from './frame.ts'

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', ':': '\\c' }
const ESCAPED = /[\\\n\r:]/
const ESCAPED_ALL = /[\\\n\r:]/g

/**
 * Command and headers up to and with the empty line, e.g. `'SEND\ndestination:/topic/a\ncontent-length:2\n\n'`. A
 * content-length among `headers` is replaced by `bodyLength`; it is left out when there is no body, except of SEND and
 * MESSAGE, where ActiveMQ takes its absence for text. Throws WIRE_STOMP_UNENCODABLE.
 */
export function serializeHead(
  command: string,
  headers: readonly string[],
  bodyLength: number,
  version: StompVersion,
): string {
  const escaped = escapesHeaders(command, version)
  let text = `${command}\n`
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name === 'content-length') continue
    const value = headers[i + 1] as string
    text += escaped ? `${escapeText(name)}:${escapeText(value)}\n` : `${plainName(name)}:${plain(value, name)}\n`
  }
  if (bodyLength > 0 || command === 'SEND' || command === 'MESSAGE') text += `content-length:${bodyLength}\n`
  return `${text}\n`
}

/** A whole frame with its NUL. Throws WIRE_STOMP_UNENCODABLE when the version cannot express a header. */
export function serializeFrame(
  frame: Pick<StompFrame, 'command' | 'headers'> & { readonly body?: Uint8Array },
  version: StompVersion,
): Buffer {
  const body = frame.body ?? EMPTY_BODY
  const head = serializeHead(frame.command, frame.headers, body.length, version)
  const headLength = Buffer.byteLength(head)
  const bytes = Buffer.allocUnsafe(headLength + body.length + 1)
  bytes.write(head)
  bytes.set(body, headLength)
  bytes[bytes.length - 1] = 0
  return bytes
}

function escapeText(text: string): string {
  if (text === '') return text
  return ESCAPED.test(text) ? text.replace(ESCAPED_ALL, (c) => ESCAPES[c] as string) : text
}

function plainName(name: string): string {
  if (name.includes(':')) throw unencodable(name, 'a colon')
  return plain(name, name)
}

function plain(text: string, name: string): string {
  if (text.includes('\n') || text.includes('\r')) throw unencodable(name, 'a line end')
  return text
}

function unencodable(name: string, what: string): TroupeError {
  return new TroupeError(
    'WIRE_STOMP_UNENCODABLE',
    `cannot write STOMP header ${JSON.stringify(name.slice(0, 64))}: it holds ${what}, which this frame cannot express`,
  )
}
