import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerMasker } from './mask-answer.ts'

test('answerMasker: secrets by the name of an output, and of a fact that was asked for', () => {
  const plain = answerMasker({ fact: 'kernel' })
  assert.deepEqual(plain({ fact: 'kernel', value: 'Linux', token: 'x' }), {
    fact: 'kernel',
    value: 'Linux',
    token: '*****',
  })
  const secret = answerMasker({ fact: 'ipmi.password' })
  assert.deepEqual(secret({ fact: 'ipmi.password', value: 'x' }), { fact: 'ipmi.password', value: '*****' })
  assert.deepEqual(secret({ values: [{ name: 'x', nodes: 3 }], more: 0 }), { values: '*****', more: '*****' })
  assert.deepEqual([secret('x'), secret(undefined)], ['*****', undefined])
  for (const inputs of [undefined, null, 'fact', { fact: 7 }, []]) assert.equal(answerMasker(inputs)('x'), 'x')
})
