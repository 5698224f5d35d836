import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONSOLE_HASHES_MAX, CONSOLE_HASHES_WAITING_MAX } from '#base/limits.ts'
import { createPasswords } from './passwords.ts'

const CHEAP = { memory: 64, passes: 1, parallelism: 1 }

test('hash: argon2id in the usual format, another one each time; verify knows them', async () => {
  const passwords = createPasswords()
  const [one, two] = [await passwords.hash('correct horse battery'), await passwords.hash('correct horse battery')]
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  assert.notEqual(one, two)
  assert.equal(await passwords.verify('correct horse battery', one), true)
  assert.equal(await passwords.verify('correct horse Battery', one), false)
})

test('verify: the hash of another program, with other costs', async () => {
  // echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 (reference implementation's own test vector)
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  assert.equal(await createPasswords(CHEAP).verify('password', hash), true)
  assert.equal(await createPasswords(CHEAP).verify('Password', hash), false)
})

test('verify: the same letters of another keyboard are the same password', async () => {
  const passwords = createPasswords(CHEAP)
  assert.equal(await passwords.verify('cafe\u0301 au lait', await passwords.hash('caf\u00e9 au lait')), true)
})

test('verify: no account, and what is no hash or too dear a one, is never right', async () => {
  const passwords = createPasswords(CHEAP)
  for (const hash of [
    undefined,
    '',
    'plain text',
    '$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=0,t=0,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ]) {
    assert.equal(await passwords.verify('password', hash), false, hash)
  }
})

test('verify: few at a time; who comes when too many wait is told', async () => {
  const passwords = createPasswords(CHEAP)
  const attempts = Array.from({ length: CONSOLE_HASHES_MAX + CONSOLE_HASHES_WAITING_MAX + 3 }, () =>
    passwords.verify('x', undefined),
  )
  const outcomes = await Promise.allSettled(attempts)
  const refused = outcomes.filter((one) => one.status === 'rejected')
  assert.equal(refused.length, 3)
  assert.ok(refused.every((one) => one.reason.code === 'CONSOLE_TOO_MANY'))
})
