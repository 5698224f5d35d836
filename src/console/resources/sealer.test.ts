import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSealer } from './sealer.ts'

test('a seal opens with its key, in its context, unchanged, and else not at all', () => {
  const sealer = createSealer(new Uint8Array(32).fill(7))
  const sealed = sealer.seal({ password: '$6$secret' }, ['job', 'node', 'user', 'gopher'])
  assert.match(sealed, /^v1\.[\w-]+$/)
  assert.doesNotMatch(Buffer.from(sealed.slice(3), 'base64url').toString('latin1'), /secret/)
  assert.notEqual(sealer.seal({ password: '$6$secret' }, ['job', 'node', 'user', 'gopher']), sealed)
  assert.deepEqual(sealer.open(sealed, ['job', 'node', 'user', 'gopher']), { password: '$6$secret' })
  assert.equal(sealer.open(sealed, ['job', 'other', 'user', 'gopher']), undefined)
  assert.equal(createSealer(randomBytes(32)).open(sealed, ['job', 'node', 'user', 'gopher']), undefined)
  for (const broken of ['', 'v1.', 'v1.AAAA', 'v2.x', `${sealed.slice(0, -4)}AAAA`, sealed.slice(0, -8)])
    assert.equal(sealer.open(broken, ['job', 'node', 'user', 'gopher']), undefined, broken)
  assert.throws(() => createSealer(new Uint8Array(16)), RangeError)
})
