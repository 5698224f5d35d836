import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskInput } from '#console/api/tasks.ts'
import { draftOfInputs, inputsOf, maskedInputs, problemsOf } from './inputs-draft.ts'

const input = (more: Partial<TaskInput> & Pick<TaskInput, 'name'>): TaskInput => ({
  ...{ prompt: more.name, description: '', type: 'string', required: false, secret: false },
  ...more,
})
const INPUTS = [
  input({ name: 'service', required: true, maxlength: 5, rule: 'must match \\A\\w+\\z' }),
  input({ name: 'force', type: 'boolean' }),
  input({ name: 'count', type: 'integer', default: 3 }),
  input({ name: 'ratio', type: 'float' }),
  input({ name: 'how', type: 'list', choices: ['a', 2, false], default: 2 }),
  input({ name: 'data', type: 'any' }),
  input({ name: 'password', secret: true }),
]

test('inputsOf: values have their types; fields left empty are not sent', () => {
  const draft = { service: 'sshd', force: 'false', count: '12', ratio: '1.5', how: '2', data: '[1]', password: '' }
  assert.deepEqual(inputsOf(INPUTS, draft), {
    service: 'sshd',
    force: false,
    count: 12,
    ratio: 1.5,
    how: false,
    data: [1],
  })
  assert.deepEqual(inputsOf(INPUTS, { data: 'no json' }), { data: 'no json' })
})

test('draftOfInputs: defaults are filled in', () => {
  const draft = draftOfInputs(INPUTS)
  assert.equal(draft.count, '3')
  assert.equal(draft.how, '1')
  assert.equal(draft.service, '')
})

test('problemsOf: what is required, of the wrong type, too long or unlike its rule is said of its field', () => {
  assert.deepEqual([...problemsOf(INPUTS, {})], [['service', 'is required']])
  const wrong = problemsOf(INPUTS, { service: 'a b', count: '1.5', ratio: 'x', force: '' })
  assert.equal(wrong.get('service'), 'must match \\A\\w+\\z')
  assert.equal(wrong.get('count'), 'must be a whole number')
  assert.equal(wrong.get('ratio'), 'must be a number')
  assert.match(problemsOf(INPUTS, { service: 'toolong' }).get('service') ?? '', /^must not be longer than 5/)
  assert.equal(problemsOf(INPUTS, { service: 'sshd' }).size, 0)
})

test('problemsOf: an expression that could take for ever is left to the console', () => {
  const slow = [input({ name: 'a', rule: 'must match ^(\\w+)+$' })]
  assert.equal(problemsOf(slow, { a: `${'a'.repeat(40)}!` }).size, 0)
})

test('maskedInputs: secrets are not in the command line', () => {
  assert.deepEqual(maskedInputs(INPUTS, { service: 'x', password: 'y' }), { service: 'x', password: '********' })
})
