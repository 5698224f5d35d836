import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskAction } from '#console/api/tasks.ts'
import { labelsOf, ownText, puppetStateOf, sharedOf } from './data-view.ts'

const output = (name: string, volatile: boolean) => ({ name, label: name.toUpperCase(), description: '', volatile })
const action: TaskAction = {
  ...{ name: 'status', description: '', inputs: [], acts: false, noop: false, timeoutSeconds: 20 },
  outputs: [output('status', false), output('pid', true)],
}

test('sharedOf: leaves out what differs anyway; a lone value stands bare [live 7]', () => {
  assert.deepEqual(sharedOf({ status: 'running', pid: 12 }, action), { value: 'running', own: ['pid'] })
  assert.deepEqual(sharedOf({ status: 0 }, action), { value: 0, own: [] })
  assert.deepEqual(sharedOf({ status: false, other: 1 }, action), { value: { status: false, other: 1 }, own: [] })
  assert.deepEqual(sharedOf({ status: { a: 1 } }, action), { value: { status: { a: 1 } }, own: [] })
  assert.deepEqual(sharedOf(['a'], action), { value: ['a'], own: [] })
})

test('sharedOf: an answer of nothing but what differs is shown', () => {
  assert.deepEqual(sharedOf({ pid: 12 }, action), { value: 12, own: [] })
})

test('ownText: says the outputs of one node with their labels', () => {
  assert.equal(ownText({ status: 'x', pid: 12 }, ['pid'], labelsOf(action)), 'PID: 12')
  assert.match(ownText({ last_run: 1_795_359_771 }, ['last_run'], String), /^last_run: 2026-11-2\d \d\d:/)
  assert.equal(ownText({ since_lastrun: 1_795_359_771 }, ['since_lastrun'], String), 'since_lastrun: 1795359771')
  assert.equal(ownText({ pid: 1, message: 'idle' }, ['pid', 'message'], String), 'idle')
  assert.equal(ownText(null, ['pid'], labelsOf(action)), '')
})

test('puppetStateOf: the state in words; a disabled node says why [live 5, O12]', () => {
  assert.deepEqual(puppetStateOf({ enabled: true, idling: true }), { enabled: true, text: 'Enabled, idle' })
  assert.equal(puppetStateOf({ enabled: false, disable_message: 'move' })?.text, 'Disabled: move')
  assert.equal(puppetStateOf({ enabled: false, disable_message: '' })?.text, 'Disabled, no reason given')
  assert.equal(puppetStateOf({ status: 'x' }), undefined)
})
