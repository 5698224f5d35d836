import assert from 'node:assert/strict'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { parseFlatfile, parseStdinNodes, selectFromList } from './node-list.ts'

const bad = (pattern: RegExp) => (error: unknown) =>
  isTroupeError(error, 'USAGE_BAD_NODE_LIST') && pattern.test(error.message)

test('parseFlatfile skips comments and blank lines, takes CRLF and a BOM [M-023]', () => {
  assert.deepEqual(parseFlatfile('\ufeffa.example.com\r\n\n# no\n  b-1_x \n'), ['a.example.com', 'b-1_x'])
})

test('parseFlatfile refuses what cannot be an identity', () => {
  assert.throws(() => parseFlatfile('a b'), bad(/Identities can only match/))
  assert.throws(() => parseFlatfile("x'; drop"), bad(/Identities can only match/))
})

test('parseStdinNodes reads rpc output, PuppetDB output and plain names [M-029]', () => {
  assert.deepEqual(parseStdinNodes('[{"sender":"a"},{"sender":"a"},{"certname":"b"},"c"]', 'auto'), ['a', 'b', 'c'])
  assert.deepEqual(parseStdinNodes('a\nb\n', 'auto'), ['a', 'b'])
})

test('parseStdinNodes says what is wrong', () => {
  assert.throws(() => parseStdinNodes(' \n', 'auto'), bad(/only whitespace/))
  assert.throws(() => parseStdinNodes('{}', 'json'), bad(/not an array/))
  assert.throws(() => parseStdinNodes('[{"x":1}]', 'auto'), bad(/does not have senders/))
  assert.throws(() => parseStdinNodes('[nonsense', 'auto'), bad(/not JSON/))
})

test('selectFromList applies identity filters and refuses the others', () => {
  assert.deepEqual(selectFromList(['web1', 'web2', 'db1'], { identities: ['/^web/', 'db1', 'ghost'] }, 'flatfile'), [
    'web1',
    'web2',
    'db1',
  ])
  assert.throws(
    () => selectFromList(['a'], { classes: ['x'] }, 'flatfile'),
    (e) =>
      isTroupeError(e, 'USAGE_CONFLICT') &&
      e.message === "Cannot use class filters while using the 'flatfile' discovery method",
  )
})
