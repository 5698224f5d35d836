import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTurns } from './turns.ts'

test('createTurns lets so many work at once, the others in the order they came, also who comes just as one ends', async () => {
  const turns = createTurns(2)
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  let atWork = 0
  let most = 0
  const work = (n: number) => async (): Promise<void> => {
    begun.push(n)
    most = Math.max(most, ++atWork)
    await gates[n]?.promise
    atWork -= 1
  }
  const all = [0, 1, 2, 3].map((n) => turns(work(n)))
  gates[0]?.resolve()
  await all[0]
  all.push(turns(work(4)))
  for (const gate of gates) gate.resolve()
  await Promise.all(all)
  assert.deepEqual([begun, most], [[0, 1, 2, 3, 4], 2])
})

test('createTurns refuses who would be one too many waiting, and goes on after work that failed', async () => {
  const turns = createTurns(1, { waitingMax: 1, full: () => new Error('full') })
  const gate = Promise.withResolvers<void>()
  const first = turns(() => gate.promise.then(() => Promise.reject(new Error('broken'))))
  const second = turns(async () => 'done')
  await assert.rejects(
    turns(async () => 'never'),
    /full/,
  )
  gate.resolve()
  await assert.rejects(first, /broken/)
  assert.equal(await second, 'done')
})
