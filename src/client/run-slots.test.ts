import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRunSlots, type HostStatus } from './run-slots.ts'

const idle: HostStatus = { running: false, starting: false, lastRunAt: 100 }
const busy: HostStatus = { running: true, starting: false, lastRunAt: 100 }
const all = (status: HostStatus) => new Map([['a', status]])

test('createRunSlots: a host that was started counts until its last run is a new one', () => {
  const slots = createRunSlots(['a'])
  slots.update(all(idle))
  slots.started('a')
  assert.equal(slots.busy().size, 1)
  for (const status of [idle, { ...idle, starting: true }, busy, idle]) {
    slots.update(all(status))
    assert.equal(slots.busy().size, 1)
  }
  slots.update(all({ ...idle, lastRunAt: 200 }))
  assert.equal(slots.busy().size, 0)
})

test('createRunSlots: a run on its way to the lock counts although another one has just ended', () => {
  const slots = createRunSlots(['a'])
  slots.update(all(idle))
  slots.started('a')
  slots.update(all({ running: false, starting: true, lastRunAt: 150 }))
  assert.equal(slots.busy().size, 1)
})

test('createRunSlots: a host that refused does not count, one that runs on its own does', () => {
  const slots = createRunSlots(['a'])
  slots.started('a')
  slots.refused('a')
  assert.equal(slots.busy().size, 0)
  slots.update(all(busy))
  assert.equal(slots.busy().size, 1)
  slots.update(all(idle))
  assert.equal(slots.busy().size, 0)
})

test('createRunSlots: a host that never begins is given up after five rounds, or sixty when its agent cannot tell', () => {
  for (const [starting, rounds] of [
    [false, 5],
    [undefined, 60],
  ] as const) {
    const slots = createRunSlots(['a'])
    slots.update(all(idle))
    slots.started('a')
    for (let round = 1; round < rounds; round++) assert.deepEqual(slots.update(all({ ...idle, starting })), [])
    assert.equal(slots.busy().size, 1)
    assert.deepEqual(slots.update(all({ ...idle, starting })), [{ host: 'a', why: 'idle' }])
    assert.equal(slots.busy().size, 0)
  }
})

test('createRunSlots: a host that vanished while it ran keeps its place for five rounds, and is told once', () => {
  const slots = createRunSlots(['a', 'b'])
  slots.update(all(idle))
  slots.started('a')
  const nobody = new Map<string, HostStatus>()
  for (let round = 1; round < 5; round++) {
    assert.deepEqual(slots.update(nobody), [])
    assert.equal(slots.busy().size, 1)
  }
  assert.deepEqual(slots.update(nobody), [{ host: 'a', why: 'silent' }])
  assert.equal(slots.busy().size, 0)
  assert.deepEqual(slots.update(nobody), [])
})

test('createRunSlots: a host that ran on its own and vanished keeps its place as long, and nobody is told', () => {
  const slots = createRunSlots(['a'])
  slots.update(all(busy))
  for (let round = 1; round < 5; round++) slots.update(new Map())
  assert.equal(slots.busy().size, 1)
  assert.deepEqual(slots.update(new Map()), [])
  assert.equal(slots.busy().size, 0)
})
