import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Account } from './accounting.ts'

test('Account puts every targeted node into exactly one place', () => {
  const account = new Account(['a', 'b', 'c', 'd', 'e'])
  assert.equal(account.reply('a', 'ok'), 'counted')
  assert.equal(account.reply('b', 'failed'), 'counted')
  assert.equal(account.reply('c', 'refused'), 'counted')
  account.notAddressed(['e', 'a'])
  assert.equal(account.complete, false)
  const { names, ...counts } = account.summary()
  assert.deepEqual(counts, {
    targeted: 5,
    ok: 1,
    failed: 1,
    refused: 1,
    noResponse: 1,
    notAddressed: 1,
    unexpected: 0,
    duplicates: 0,
  })
  assert.deepEqual(names, {
    ok: ['a'],
    failed: ['b'],
    refused: ['c'],
    noResponse: ['d'],
    notAddressed: ['e'],
    unexpected: [],
  })
})

test('Account.reply tells second answers and answers of strangers apart, and the first answer counts', () => {
  const account = new Account(['a'])
  assert.equal(account.reply('a', 'failed'), 'counted')
  assert.equal(account.reply('a', 'ok'), 'duplicate')
  assert.equal(account.reply('ghost', 'ok'), 'unexpected')
  assert.equal(account.reply('ghost', 'ok'), 'duplicate')
  const summary = account.summary()
  assert.equal(summary.failed, 1)
  assert.equal(summary.duplicates, 2)
  assert.deepEqual(summary.names.unexpected, ['ghost'])
})

test('Account.target counts an answer that came before its node was known', () => {
  const account = new Account()
  assert.equal(account.reply('early', 'refused'), 'unexpected')
  account.target(['early', 'late'])
  account.target(['early'])
  assert.equal(account.size, 2)
  assert.equal(account.summary().refused, 1)
  assert.equal(account.summary().unexpected, 0)
  assert.deepEqual(account.summary().names.noResponse, ['late'])
})

test('Account counts a node as answered that answers although it was held for not addressed', () => {
  const account = new Account(['a'])
  account.notAddressed(['a'])
  assert.equal(account.complete, true)
  assert.equal(account.reply('a', 'ok'), 'counted')
  assert.equal(account.summary().notAddressed, 0)
  assert.equal(account.summary().ok, 1)
})
