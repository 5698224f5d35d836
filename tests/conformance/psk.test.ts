import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { derivePskKey } from '#security/keys.ts'
import { createPskScheme } from '#security/psk.ts'
import { endToEndConformance } from './end-to-end.ts'
import { sampleReply, sampleRequest, securityConformance } from './security.ts'

const now = (): number => 1_795_324_648_123
const scheme = (psk: string, previous: { psk: string; untilMs?: number }[] = []) =>
  createPskScheme({ psk, previous, caller: 'uid=0', now })

securityConformance('psk', () => ({
  client: scheme('the current key'),
  node: scheme('the current key', [{ psk: 'the key before' }]),
  stranger: scheme('the key of someone else'),
  latecomer: scheme('the key before'),
}))

const shared = 'all have the one key'
endToEndConformance(
  'psk',
  () => ({
    ...{ operator: scheme('the current key'), colleague: scheme('the current key'), node: scheme('the current key') },
    ...{ stolen: scheme('the current key'), dismissed: scheme('the current key'), scrapped: scheme('the current key') },
    ended: scheme('the current key'),
  }),
  {
    'a stolen node cannot make requests': shared,
    'an operator cannot ask in the name of another': shared,
    'a stolen node cannot read requests directed to another': 'messages are authenticated, TLS alone encrypts',
    'a stolen node cannot hand a request on to another as if it came from its caller': shared,
    'a stolen node cannot answer for another': shared,
    'a stolen node cannot register another': shared,
    'an operator cannot answer for a node': shared,
    'nobody but the caller reads a reply': 'messages are authenticated, TLS alone encrypts',
    'the broker reads no content and no name': 'TLS ends at the broker',
    'one operator can be cast out': shared,
    'one node can be cast out': shared,
    'an operator whose time is over is refused': 'the key has no end of its own',
  },
)

/** An envelope with a right authentication code around content of the test's choosing: what a holder of the key could send. */
function sealedByHand(json: string, kind: 1 | 2 = 1): Buffer {
  const key = derivePskKey('the current key')
  const head = Buffer.concat([
    Buffer.from('TRP\u0001'),
    Buffer.from([kind, 1]),
    Buffer.from(key.id, 'hex'),
    Buffer.alloc(16),
  ])
  const bytes = Buffer.concat([head, Buffer.from(json)])
  const mac = createHmac('sha256', kind === 1 ? key.request : key.reply)
    .update(bytes)
    .digest()
  return Buffer.concat([bytes, mac])
}

test('psk: the layout is as drawn in psk.ts, so a second implementation can read it', () => {
  const opened = scheme('the current key').decodeRequest(sealedByHand(JSON.stringify(sampleRequest)))
  assert.deepEqual(opened.request, sampleRequest)
})

test('psk: deep JSON, wrong types and non-JSON under a right code are refused as MESSAGE_INVALID', () => {
  const node = scheme('the current key')
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const wrong = JSON.stringify({ ...sampleRequest, agent: 7 })
  for (const json of [deep, wrong, 'not json', '[]', 'null', '{"__proto__":{"agent":"x"}}']) {
    assert.throws(
      () => node.decodeRequest(sealedByHand(json)),
      (error) => isTroupeError(error, 'MESSAGE_INVALID'),
    )
  }
})

test('psk: a previous key is refused after its grace period [B-018]', () => {
  const late = scheme('the current key', [{ psk: 'the key before', untilMs: now() - 1 }])
  const sealed = scheme('the key before').encodeRequest(sampleRequest)
  assert.throws(
    () => late.decodeRequest(sealed.bytes),
    (error) => isTroupeError(error, 'SECURITY_UNKNOWN_KEY') && /grace period/.test(error.message),
  )
})

test('psk: a trailing newline of a credentials file does not change the key', () => {
  const sealed = scheme('the current key\n').encodeRequest(sampleRequest)
  assert.equal(scheme('the current key').decodeRequest(sealed.bytes).proof, sealed.proof)
})

test('psk: a key of fewer than 8 characters is refused and not shown', () => {
  assert.throws(
    () => scheme('hunter2'),
    (error) => isTroupeError(error, 'SECURITY_WEAK_KEY') && !error.message.includes('hunter2'),
  )
})

test('psk: no error text holds the key', () => {
  const node = scheme('the current key')
  const foreign = scheme('the key of someone else').encodeRequest(sampleRequest).bytes
  assert.throws(
    () => node.decodeRequest(foreign),
    (error) => error instanceof Error && !/the current key|the key of/.test(`${error.message} ${error.stack}`),
  )
  assert.ok(node.encodeReply(sampleReply, node.decodeRequest(node.encodeRequest(sampleRequest).bytes)).length > 0)
})
