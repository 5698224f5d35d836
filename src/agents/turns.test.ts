import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ManualClock } from '#base/clock.ts'
import { createTurns } from './turns.ts'

const late = (): never => {
  throw new Error('late')
}

test('createTurns: one after the other for a name, others beside it, also after a failure', async () => {
  const turns = createTurns(new ManualClock())
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.run('a', 9, () => gate.promise.then(() => Promise.reject(new Error('first'))), late)
  const second = turns.run('a', 9, async () => void done.push('second'), late)
  await turns.run('b', 9, async () => void done.push('b'), late)
  assert.deepEqual(done, ['b'])
  gate.resolve()
  await assert.rejects(first, /first/)
  await second
  assert.deepEqual(done, ['b', 'second'])
  assert.equal(await turns.run('a', 9, async () => 'free', late), 'free')
})

test('createTurns: who waited too long is told so and never runs; who comes after still waits for the first', async () => {
  const clock = new ManualClock()
  const turns = createTurns(clock)
  const gate = Promise.withResolvers<void>()
  const ran: string[] = []
  const first = turns.run('a', 9, () => gate.promise, late)
  const second = turns.run('a', 9, async () => void ran.push('second'), late)
  const third = turns.run('a', 20, async () => void ran.push('third'), late)
  const rejected = assert.rejects(second, /late/)
  clock.advance(9_000)
  await rejected
  await nextTurn()
  assert.deepEqual(ran, [])
  gate.resolve()
  await Promise.all([first, third])
  assert.deepEqual(ran, ['third'])
})
