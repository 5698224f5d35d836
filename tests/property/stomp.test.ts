// Properties of the STOMP codec: what is written is read back, however it is cut, and hostile bytes end in an error of ours.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '#base/errors.ts'
import type { StompVersion } from '#wire/stomp/frame.ts'
import { STOMP_PARSER_LIMITS, StompParser, type StompParserLimits } from '#wire/stomp/parse.ts'
import { serializeFrame } from '#wire/stomp/serialize.ts'

type Result = { frames: unknown[]; error?: [string, unknown] }

function parseCut(bytes: Buffer, cuts: readonly number[], version: StompVersion, limits: StompParserLimits): Result {
  const parser = new StompParser(limits)
  parser.version = version
  const frames: unknown[] = []
  const places = [...new Set(cuts.map((c) => c % (bytes.length + 1)))].sort((a, b) => a - b)
  try {
    let from = 0
    for (const to of [...places, bytes.length]) {
      parser.push(Buffer.from(bytes.subarray(from, to)))
      from = to
      for (let f = parser.next(); f; f = parser.next()) frames.push([f.command, [...f.headers], [...f.body]])
    }
  } catch (error) {
    if (!isTroupeError(error, 'WIRE_STOMP_MALFORMED', 'WIRE_STOMP_TOO_LARGE')) throw error
    return { frames, error: [error.code, error.details.offset] }
  }
  return { frames }
}

const version = fc.constantFrom<StompVersion>('1.0', '1.1', '1.2')
const command = fc.constantFrom('SEND', 'MESSAGE', 'SUBSCRIBE', 'ERROR', 'RECEIPT')
const special = fc.constantFrom('\n', '\r', ':', '\\', 'n', 'c', 'a', 'é', '\u{1f600}', ' ', '\\n')
const wild = fc.array(special, { maxLength: 8 }).map((parts) => parts.join(''))
const tame = fc.stringMatching(/^[a-z0-9 \\é]{0,10}$/)
const frame = version.chain((v) => {
  const value = v === '1.0' ? tame : wild
  const name = value.filter((n) => n !== '' && n !== 'content-length')
  const headers = fc.array(fc.tuple(name, value), { maxLength: 6 }).map((pairs) => pairs.flat())
  return fc.record({ version: fc.constant(v), command, headers, body: fc.uint8Array({ maxLength: 60 }) })
})
const cuts = fc.array(fc.nat(), { maxLength: 12 })

test('serializeFrame then StompParser, cut anywhere, gives the same frames', () => {
  fc.assert(
    fc.property(version, fc.array(frame, { maxLength: 4 }), cuts, (v, frames, where) => {
      const same = frames.filter((f) => f.version === v)
      const bytes = Buffer.concat(same.flatMap((f) => [serializeFrame(f, v), Buffer.from('\n')]))
      const { frames: read, error } = parseCut(bytes, where, v, STOMP_PARSER_LIMITS)
      assert.equal(error, undefined)
      assert.equal(read.length, same.length)
      for (const [i, f] of same.entries()) {
        const [cmd, headers, body] = read[i] as [string, string[], number[]]
        assert.equal(cmd, f.command)
        assert.deepEqual(body, [...f.body])
        assert.deepEqual(headers.slice(0, f.headers.length), f.headers)
      }
    }),
    { numRuns: 500 },
  )
})

const token = fc.constantFrom(
  ...[
    'SEND',
    'CONNECT',
    '\n',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '\0',
    '\0',
    ':',
    'a:b\n',
    'content-length:3\n',
    'content-length:',
  ],
  ...['\\n', '\\t', '\\', 'xyz', '9999999', 'content-length:99999999\n', '\xff\xfe', 'é', 'x'.repeat(40)],
)
const hostile = fc.array(token, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''), 'latin1'))
const small: StompParserLimits = { frameBytesMax: 120, headerLineBytesMax: 30, headersMax: 3 }

test('StompParser gives the same frames, error and offset for any cut of hostile bytes', () => {
  fc.assert(
    fc.property(hostile, version, cuts, (bytes, v, where) => {
      const whole = parseCut(bytes, [], v, small)
      assert.deepEqual(parseCut(bytes, where, v, small), whole)
      const each = Array.from({ length: bytes.length }, (_, i) => i)
      assert.deepEqual(parseCut(bytes, each, v, small), whole)
    }),
    { numRuns: 1500 },
  )
})

test('StompParser holds no more than the limit, whatever arrives', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), (chunks) => {
      const parser = new StompParser(small)
      try {
        parser.push(Buffer.from('SEND\n\n'))
        for (const chunk of chunks) {
          parser.push(chunk)
          while (parser.next());
          assert.ok(parser.pendingBytes <= small.frameBytesMax)
        }
      } catch (error) {
        if (!isTroupeError(error, 'WIRE_STOMP_MALFORMED', 'WIRE_STOMP_TOO_LARGE')) throw error
      }
    }),
  )
})
