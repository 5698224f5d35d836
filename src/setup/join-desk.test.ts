import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import { createJoinDesk, type JoinDeskOptions, type JoinGrant, readGrant } from './join-desk.ts'

const grant: JoinGrant = {
  master: 'puppetmaster.example.com',
  broker: { host: 'puppetmaster.example.com', port: 61_613, user: 'node', password: 'secret' },
  collectives: ['mcollective'],
  key: { scheme: 'psk', credentials: 'the password\n' },
}
const desk = (options: Partial<JoinDeskOptions> = {}) =>
  createJoinDesk({ count: 1, untilMs: 1000, now: () => 0, grant: () => grant, ...options })
const refusedBy = (answer: object): unknown => ('refused' in answer ? answer.refused : undefined)

test('createJoinDesk: a token lets one machine join, once', () => {
  const { secrets, answer, open } = desk({ count: 2 })
  assert.match(secrets.join(), /^[\w-]{43},[\w-]{43}$/)
  assert.deepEqual(answer({ secret: secrets[0], identity: 'web1' }), { grant })
  assert.equal(open(), 1)
  assert.equal(refusedBy(answer({ secret: secrets[0], identity: 'web2' })), 'used')
  assert.deepEqual(answer({ secret: secrets[1], identity: 'web2' }), { grant })
  assert.equal(open(), 0)
})

test('createJoinDesk refuses unknown and ended tokens', () => {
  let nowMs = 999
  const { secrets, answer, open } = desk({ now: () => nowMs })
  for (const secret of [randomBytes(32).toString('base64url'), '', secrets[0]!.slice(1), 7, null, undefined, {}]) {
    assert.equal(refusedBy(answer({ secret, identity: 'web1' })), 'unknown')
  }
  nowMs = 1000
  assert.equal(open(), 0)
  assert.equal(refusedBy(answer({ secret: secrets[0], identity: 'web1' })), 'ended')
})

test('createJoinDesk: whatever is asked, the answer is a refusal and the token stays good', () => {
  const { secrets, answer, open } = desk({ identity: 'web1' })
  const [secret] = secrets
  for (const asked of [undefined, null, 7, 'x', [], {}, { __proto__: { secret } }])
    assert.equal(refusedBy(answer(asked)), 'unknown')
  for (const identity of [undefined, '', 'a b', '../x', 'x'.repeat(300), 'web2', 7]) {
    assert.equal(refusedBy(answer({ secret, identity })), 'invalid', String(identity))
  }
  assert.equal(open(), 1)
  assert.deepEqual(answer({ secret, identity: 'web1' }), { grant })
})

test('createJoinDesk passes public keys on when both are whole, and says why a grant failed without using the token up', () => {
  const seen: unknown[] = []
  const [ed25519, x25519] = ['aa'.repeat(32), 'bb'.repeat(32)]
  const { secrets, answer, open } = desk({
    grant: (request) => {
      seen.push(request)
      if (seen.length < 3) throw new TroupeError('SETUP_JOIN_REFUSED', 'cannot join: web1 has keys already')
      return grant
    },
  })
  const asked = { secret: secrets[0], identity: 'web1', ed25519, x25519 }
  assert.deepEqual(answer(asked), { refused: 'invalid', message: 'cannot join: web1 has keys already' })
  answer({ ...asked, x25519: 'short' })
  assert.equal(open(), 1)
  answer(asked)
  assert.deepEqual(seen, [
    { identity: 'web1', keys: { ed25519, x25519 } },
    { identity: 'web1' },
    { identity: 'web1', keys: { ed25519, x25519 } },
  ])
})

test('readGrant takes what a desk grants, and refuses what could not be configuration', () => {
  assert.deepEqual(readGrant(JSON.parse(JSON.stringify({ grant }))), grant)
  const refused = (answer: unknown, why: RegExp) =>
    assert.throws(
      () => readGrant(answer),
      (error) => isTroupeError(error, 'SETUP_JOIN_REFUSED') && why.test(error.message),
    )
  refused(
    { refused: 'used', message: 'cannot join: the token has been used' },
    /^cannot join: the token has been used$/,
  )
  for (const answer of [null, undefined, 7, 'x', {}]) refused(answer, /no answer that makes sense/)
  const broker = grant.broker
  for (const bad of [
    { ...grant, master: 'a\nb' },
    { ...grant, broker: { ...broker, host: 'a\nroster = 1' } },
    { ...grant, broker: { ...broker, password: 'a\nb' } },
    { ...grant, broker: { ...broker, port: '1' } },
    { ...grant, collectives: [] },
    { ...grant, collectives: ['a b'] },
    { ...grant, key: { scheme: 'rot13', credentials: 'x' } },
    { ...grant, key: { scheme: 'aes', credentials: 'x' } },
  ]) {
    refused({ grant: bad }, /of another version/)
  }
  refused({ grant: { ...grant, key: { ...grant.key, previous: 7 } } }, /former password/)
})
