import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { consoleSealKey } from './console-seal-key.ts'

test('consoleSealKey makes a private key once and refuses one that others may read or that is broken', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'seal-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const directory = join(folder, 'console')
  const key = consoleSealKey(directory)
  assert.equal(key.length, 32)
  assert.deepEqual(consoleSealKey(directory), key)
  const file = join(directory, 'seal.key')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  chmodSync(file, 0o644)
  assert.throws(() => consoleSealKey(directory), { code: 'CONFIG_UNSAFE_KEY_FILE' })
  chmodSync(file, 0o600)
  writeFileSync(file, 'short')
  assert.throws(() => consoleSealKey(directory), { code: 'CONFIG_UNREADABLE' })
})
