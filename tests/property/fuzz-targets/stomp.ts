// The STOMP parser under the fuzzer: recorded frames as seeds, parsed whole and cut, which must agree.

import { readdirSync, readFileSync } from 'node:fs'
import { STOMP_PARSER_LIMITS, StompParser } from '#wire/stomp/parse.ts'
import { registerTarget } from '../fuzz.ts'

const folder = new URL('../../fixtures/stomp/', import.meta.url)
const seeds = readdirSync(folder)
  .filter((name) => name.endsWith('.bin'))
  .map((name) => readFileSync(new URL(name, folder)).subarray(0, 1500))
const limits = { ...STOMP_PARSER_LIMITS, frameBytesMax: 2048, headerLineBytesMax: 256, headersMax: 12 }

function parse(bytes: Uint8Array, chunkBytes: number): { frames: number; failure: unknown } {
  const parser = new StompParser(limits)
  let frames = 0
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      parser.push(Buffer.from(bytes.subarray(at, at + chunkBytes)))
      for (let frame = parser.next(); frame; frame = parser.next()) {
        frames++
        parser.version = '1.1'
      }
      if (parser.pendingBytes > limits.frameBytesMax + 1) throw new Error(`holds ${parser.pendingBytes} bytes`)
    }
  } catch (failure) {
    return { frames, failure }
  }
  return { frames, failure: undefined }
}

registerTarget(
  'stomp',
  (bytes) => {
    const whole = parse(bytes, bytes.length || 1)
    const cut = parse(bytes, 1 + (bytes.length % 61))
    if (whole.frames !== cut.frames || String(whole.failure) !== String(cut.failure)) {
      throw new Error(`cut differently: ${whole.frames} ${whole.failure} / ${cut.frames} ${cut.failure}`)
    }
    if (whole.failure !== undefined) throw whole.failure
  },
  ['WIRE_STOMP_MALFORMED', 'WIRE_STOMP_TOO_LARGE'],
  {
    seeds,
    tokens: ['\n', '\r\n', '\0', '\n\n', 'content-length:', 'content-length:5\n', ':', '\\c', '\\x', 'SEND\n', '\xff'],
  },
)
