import assert from 'node:assert/strict'
import test from 'node:test'
import { columns, fill } from './inventory.ts'

test('columns are filled row by row without a blank row at the end [R-064]', () => {
  const names = ['discovery', 'package', 'puppetd', 'puppetral', 'rpcutil', 'service']
  assert.deepEqual(columns(names, 3, 15, 'No agents installed'), [
    '      discovery       package         puppetd',
    '      puppetral       rpcutil         service',
  ])
  assert.deepEqual(columns(['a', 'b'], 3, 15, ''), ['      a               b'])
  assert.deepEqual(columns([], 3, 15, 'No agents installed'), ['      No agents installed'])
})

test('fill replaces paths, evaluates nothing, and keeps lines apart [M-007]', () => {
  const node = {
    identity: 'a',
    facts: { 'os.family': 'x', os: { release: { major: '9' } }, list: [1, 2] },
    classes: ['c', 'd'],
  }
  assert.equal(fill('{identity}\\t{facts.os.release.major} {facts.list} {classes}\n', node), 'a\t9 1, 2 c, d')
  assert.equal(fill('{facts.os.family}|{facts.nosuch}|{constructor}|{facts.__proto__}', node), 'x|||')
  assert.equal(fill('{facts.os}', node), '{"release":{"major":"9"}}')
  assert.equal(fill('{identity}', { identity: 'a\nb\u001b[2J' }), 'a\\nb\\e[2J')
})
