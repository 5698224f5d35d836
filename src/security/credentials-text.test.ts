import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import {
  previousCredentialsText,
  readCredentials,
  readPreviousCredentials,
  replaceCredentials,
} from './credentials-text.ts'

test('readCredentials: the first line that is neither blank nor a comment, without surrounding blanks', () => {
  assert.equal(readCredentials('the password'), 'the password')
  assert.equal(readCredentials('# about\r\n\n  pass#word \r\nmore\n'), 'pass#word')
  for (const text of ['', '\n', '# only\n']) {
    assert.throws(
      () => readCredentials(text),
      (error) => isTroupeError(error, 'SECURITY_WEAK_KEY'),
    )
  }
})

test('readPreviousCredentials reads what previousCredentialsText wrote, and refuses what has no end', () => {
  const previous = { psk: 'the password', untilMs: Date.UTC(2026, 11, 1) }
  assert.equal(previousCredentialsText(previous), 'the password\nuntil = 2026-12-01T00:00:00.000Z\n')
  assert.deepEqual(readPreviousCredentials(previousCredentialsText(previous)), previous)
  assert.deepEqual(readPreviousCredentials('# x\nthe password\n# y\nuntil=2026-12-01T00:00:00Z\n'), previous)
  for (const end of ['', 'until = ', 'until = 7', 'until = tomorrow', 'until = 2026-13-01T00:00:00Z']) {
    assert.throws(
      () => readPreviousCredentials(`the password\n${end}\n`),
      (error) => isTroupeError(error, 'SECURITY_BAD_KEY'),
    )
  }
})

test('replaceCredentials changes the key and leaves comments', () => {
  assert.equal(replaceCredentials('# a\nold one\n# b\n', 'new one'), '# a\nnew one\n# b\n')
  assert.equal(replaceCredentials('', 'new one'), 'new one\n')
  assert.equal(replaceCredentials('# a', 'new one'), '# a\nnew one\n')
})
