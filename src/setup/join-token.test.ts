import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { authorityDigest, joinTokenText, readJoinToken } from './join-token.ts'

const token = {
  ...{ host: 'puppetmaster.example.com', port: 61_614, authority: authorityDigest('a certificate') },
  ...{ secret: randomBytes(32).toString('base64url'), untilMs: Date.UTC(2026, 10, 22, 5, 15) },
}
const refused = (text: string, why: RegExp): void =>
  assert.throws(
    () => readJoinToken(text),
    (error) =>
      isTroupeError(error, 'SETUP_BAD_TOKEN') &&
      why.test(error.message) &&
      (text.length < 40 || !error.message.includes(text.slice(12))),
  )

test('readJoinToken reads what joinTokenText made: one word, blanks around it do not count', () => {
  const text = joinTokenText(token)
  assert.match(text, /^troupe-join_[\w-]{130,140}$/)
  assert.deepEqual(readJoinToken(` ${text}\n`), token)
})

test('readJoinToken refuses every shortened and every changed token, and does not repeat it', () => {
  const text = joinTokenText(token)
  for (let length = 13; length < text.length; length++) refused(text.slice(0, length), /whole|one word/)
  for (let i = 12; i < text.length; i++) {
    const changed = `${text.slice(0, i)}${text[i] === 'A' ? 'Q' : 'A'}${text.slice(i + 1)}`
    refused(changed, /whole|one word/)
  }
})

test('readJoinToken refuses what is no token', () => {
  for (const text of [
    'hello troupe-join_',
    'troupe-join_%%%%%%%%%%%%%',
    `troupe-join_${'A'.repeat(10_000)}`,
    'eyJhbGciOiJIUzI1NiJ9.e30.x',
  ]) {
    refused(text, /must be one word that begins with troupe-join_/)
  }
})
