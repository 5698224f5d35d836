import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serializeFrame, serializeHead } from './serialize.ts'

const text = (bytes: Buffer): string => bytes.toString('latin1')

test('serializeFrame writes content-length from the body, whatever the headers say', () => {
  const body = Buffer.from('a\0b')
  const bytes = serializeFrame(
    { command: 'SEND', headers: ['content-length', '99', 'destination', '/topic/a'], body },
    '1.2',
  )
  assert.equal(text(bytes), 'SEND\ndestination:/topic/a\ncontent-length:3\n\na\0b\0')
})

test('serializeFrame leaves content-length out of frames without body, except SEND and MESSAGE', () => {
  assert.equal(
    text(serializeFrame({ command: 'RECEIPT', headers: ['receipt-id', '1'] }, '1.2')),
    'RECEIPT\nreceipt-id:1\n\n\0',
  )
  assert.equal(text(serializeFrame({ command: 'MESSAGE', headers: [] }, '1.2')), 'MESSAGE\ncontent-length:0\n\n\0')
})

test('serializeHead escapes on 1.1 and 1.2', () => {
  assert.equal(serializeHead('ERROR', ['a:b', 'c\nd\\e\r'], 0, '1.1'), 'ERROR\na\\cb:c\\nd\\\\e\\r\n\n')
})

test('serializeHead refuses what 1.0, CONNECT and CONNECTED cannot express', () => {
  assert.equal(serializeHead('ERROR', ['a', 'b:c\\'], 0, '1.0'), 'ERROR\na:b:c\\\n\n')
  const refused = { code: 'WIRE_STOMP_UNENCODABLE' }
  assert.throws(() => serializeHead('SEND', ['a', 'b\ndestination:/queue/x'], 0, '1.0'), refused)
  assert.throws(() => serializeHead('SEND', ['a', 'b\r'], 0, '1.0'), refused)
  assert.throws(() => serializeHead('CONNECT', ['login', 'x\ny:z'], 0, '1.2'), refused)
  assert.throws(() => serializeHead('CONNECTED', ['a:b', 'c'], 0, '1.2'), refused)
})
