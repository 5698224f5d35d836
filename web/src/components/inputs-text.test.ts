import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inputsText, inputText } from './inputs-text.ts'

const STEPS = [
  { type: 'group', title: 'gophers', properties: { ensure: 'present' } },
  { type: 'user', title: 'gopher', properties: { shell: '/bin/sh', groups: ['a', 'b'] } },
]

test('inputText: text as it is, steps of a clone as resources, anything else as JSON', () => {
  assert.equal(inputText('sshd'), 'sshd')
  assert.equal(inputText(true), 'true')
  assert.equal(inputText({ a: [1] }), '{"a":[1]}')
  assert.equal(inputText(STEPS), 'group gophers (ensure=present), then user gopher (shell=/bin/sh, groups=["a","b"])')
  assert.equal(inputText(STEPS, true), 'group gophers, then user gopher')
})

test('inputText: what only resembles steps stays what it is', () => {
  for (const odd of [[], [null], [{ type: 'user', title: 1, properties: {} }], [{ type: 'user', title: 'x' }]]) {
    assert.equal(inputText(odd), JSON.stringify(odd))
  }
  assert.equal(inputText(undefined), '')
})

test('inputsText: all in a line', () => {
  assert.equal(
    inputsText({ service: 'sshd', noop: true, steps: STEPS }),
    'service=sshd noop=true steps=group gophers, then user gopher',
  )
})
