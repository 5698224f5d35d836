import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { headerOf, type StompFrame, type StompVersion } from './frame.ts'
import { STOMP_PARSER_LIMITS, StompParser, type StompParserLimits } from './parse.ts'

function parse(text: string, version: StompVersion = '1.2', limits: Partial<StompParserLimits> = {}): StompFrame[] {
  const parser = new StompParser({ ...STOMP_PARSER_LIMITS, ...limits })
  parser.version = version
  parser.push(Buffer.from(text, 'latin1'))
  const frames: StompFrame[] = []
  for (let frame = parser.next(); frame; frame = parser.next()) frames.push(frame)
  return frames
}

function refusal(text: string, version?: StompVersion, limits?: Partial<StompParserLimits>): [string, unknown] {
  try {
    parse(text, version, limits)
  } catch (error) {
    if (isTroupeError(error)) return [error.code, error.details.offset]
    throw error
  }
  return ['none', undefined]
}

test('StompParser reads frames with LF and CR LF line ends, heart-beats between them', () => {
  const frames = parse('\n\r\nSEND\r\na:1\r\nb:2\r\n\r\nhey\0\n\nSEND\n\nx\0\r\n')
  assert.deepEqual(
    frames.map((f) => [f.command, [...f.headers], Buffer.from(f.body).toString()]),
    [
      ['SEND', ['a', '1', 'b', '2'], 'hey'],
      ['SEND', [], 'x'],
    ],
  )
})

test('StompParser takes NULs inside a body that has a content-length', () => {
  const [frame] = parse('SEND\ncontent-length:3\n\na\0b\0')
  assert.deepEqual([...(frame?.body ?? [])], [97, 0, 98])
})

test('headerOf gives the first of repeated headers and does not know __proto__', () => {
  const [frame] = parse('SEND\na:1\na:2\n__proto__:x\n\n\0')
  assert.equal(headerOf(frame!, 'a'), '1')
  assert.equal(headerOf(frame!, 'constructor'), undefined)
  assert.equal(headerOf(frame!, '__proto__'), 'x')
})

test('StompParser unescapes by version, and never in CONNECT and CONNECTED', () => {
  const line = 'k\\c:a\\\\b\\nc\\r'
  assert.deepEqual(parse(`SEND\n${line}\n\n\0`, '1.2')[0]?.headers, ['k:', 'a\\b\nc\r'])
  assert.deepEqual(parse(`SEND\n${line}\n\n\0`, '1.1')[0]?.headers, ['k:', 'a\\b\nc\r'])
  assert.deepEqual(parse(`SEND\n${line}\n\n\0`, '1.0')[0]?.headers, ['k\\c', 'a\\\\b\\nc\\r'])
  assert.deepEqual(parse('CONNECT\npasscode:a\\tb\n\n\0', '1.2')[0]?.headers, ['passcode', 'a\\tb'])
})

test('StompParser keeps colons and spaces of a value', () => {
  assert.deepEqual(parse('CONNECTED\nsession:ID:vm: 1 \n\n\0')[0]?.headers, ['session', 'ID:vm: 1 '])
})

test('StompParser names the byte of what is malformed', () => {
  assert.deepEqual(refusal('SEND\na:1\nb\n\n\0'), ['WIRE_STOMP_MALFORMED', 9])
  assert.deepEqual(refusal('SEND\n:1\n\n\0'), ['WIRE_STOMP_MALFORMED', 5])
  assert.deepEqual(refusal('SEND\na:\\t\n\n\0'), ['WIRE_STOMP_MALFORMED', 5])
  assert.deepEqual(refusal('SEND\na:1\0'), ['WIRE_STOMP_MALFORMED', 8])
  assert.deepEqual(refusal('GET / HTTP/1.1\r\n'), ['WIRE_STOMP_MALFORMED', 3])
  assert.deepEqual(refusal('\x16\x03\x01\x00'), ['WIRE_STOMP_MALFORMED', 3])
  assert.deepEqual(refusal('SEND\ncontent-length:-1\n\n\0'), ['WIRE_STOMP_MALFORMED', 5])
  assert.deepEqual(refusal('SEND\ncontent-length:1\n\nab\0'), ['WIRE_STOMP_MALFORMED', 24])
  assert.deepEqual(refusal('SEND\na:\xff\n\n\0'), ['WIRE_STOMP_MALFORMED', 0])
  assert.deepEqual(refusal('SEND\n\n\0\rX\n'), ['WIRE_STOMP_MALFORMED', 7])
})

test('StompParser refuses what is over a limit before it has arrived', () => {
  assert.deepEqual(refusal('SEND\ncontent-length:100\n\n', '1.2', { frameBytesMax: 99 }), ['WIRE_STOMP_TOO_LARGE', 0])
  assert.deepEqual(refusal(`SEND\n\n${'x'.repeat(99)}`, '1.2', { frameBytesMax: 99 }), ['WIRE_STOMP_TOO_LARGE', 0])
  assert.deepEqual(refusal(`SEND\na:${'x'.repeat(9)}`, '1.2', { headerLineBytesMax: 8 }), ['WIRE_STOMP_TOO_LARGE', 5])
  assert.deepEqual(refusal('SEND\na:1\nb:2\nc:3\n', '1.2', { headersMax: 2 }), ['WIRE_STOMP_TOO_LARGE', 13])
  assert.deepEqual(refusal('S'.repeat(18)), ['WIRE_STOMP_MALFORMED', 0])
  assert.deepEqual(refusal('SEND\ncontent-length:99999999999999999\n\n'), ['WIRE_STOMP_MALFORMED', 5])
})

test('StompParser holds no memory for a claimed length nor between frames', () => {
  const parser = new StompParser()
  parser.push(Buffer.from('SEND\ncontent-length:10000000\n\nabc'))
  assert.equal(parser.next(), undefined)
  assert.equal(parser.pendingBytes, 33)
  const whole = new StompParser()
  whole.push(Buffer.from('SEND\n\n\0\n'))
  assert.ok(whole.next())
  assert.equal(whole.next(), undefined)
  assert.equal(whole.pendingBytes, 0)
})

test('StompParser does not copy a body that came whole', () => {
  const chunk = Buffer.from('SEND\ncontent-length:3\n\nabc\0')
  const parser = new StompParser()
  parser.push(chunk)
  assert.equal(parser.next()?.body.buffer, chunk.buffer)
})

test('StompParser throws the same error for ever after the first', () => {
  const parser = new StompParser()
  parser.push(Buffer.from('send\n'))
  assert.throws(() => parser.next(), { code: 'WIRE_STOMP_MALFORMED' })
  assert.throws(() => parser.push(Buffer.from('SEND\n\n\0')), { code: 'WIRE_STOMP_MALFORMED' })
  assert.throws(() => parser.next(), { code: 'WIRE_STOMP_MALFORMED' })
})

test('StompParser takes version and limits between two frames of one chunk', () => {
  const parser = new StompParser()
  parser.push(Buffer.from('CONNECT\n\n\0SEND\na:\\c\n\n\0SEND\n\n1234567890\0'))
  parser.next()
  parser.version = '1.2'
  assert.deepEqual(parser.next()?.headers, ['a', ':'])
  parser.limits = { ...STOMP_PARSER_LIMITS, frameBytesMax: 10 }
  assert.throws(() => parser.next(), { code: 'WIRE_STOMP_TOO_LARGE' })
})
