import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askEarly, isWaiting, takeEarly } from './early-answers.ts'

test('askEarly: whoever takes the answer first gets it, once, and not too early', async (t) => {
  t.mock.method(globalThis, 'fetch', async () => new Response('{"nodes":[]}'))
  const { promise: shown, resolve } = Promise.withResolvers<void>()
  assert.deepEqual((await askEarly('/api/nodes', shown)).value, { nodes: [] })
  assert.ok(isWaiting('/api/nodes'))
  let taken: unknown
  const taking = takeEarly('/api/nodes')?.then(({ value }) => {
    taken = value
  })
  assert.equal(isWaiting('/api/nodes'), false)
  assert.equal(takeEarly('/api/nodes'), undefined)
  await new Promise(setImmediate)
  assert.equal(taken, undefined)
  resolve()
  await taking
  assert.deepEqual(taken, { nodes: [] })
})

test('askEarly: what is no JSON has no value, and a failure is told to whoever takes it', async (t) => {
  const mock = t.mock.method(globalThis, 'fetch', async () => new Response('<html>'))
  assert.equal((await askEarly('/a')).value, undefined)
  mock.mock.mockImplementation(() => Promise.reject(new TypeError('gone')))
  await assert.rejects(askEarly('/b'), /gone/)
  await assert.rejects(takeEarly('/b') ?? Promise.resolve(), /gone/)
})

test('takeEarly: a refusal, and what nobody has taken for long, is asked for anew', async (t) => {
  const mock = t.mock.method(globalThis, 'fetch', async () => new Response('{}', { status: 401 }))
  assert.equal((await askEarly('/api/nodes')).answer.status, 401)
  assert.equal(takeEarly('/api/nodes'), undefined)
  mock.mock.mockImplementation(async () => new Response('{}'))
  await askEarly('/api/nodes')
  assert.equal(takeEarly('/api/nodes', performance.now() + 60_000), undefined)
  assert.equal(isWaiting('/api/nodes'), false)
  await askEarly('/api/nodes')
  assert.notEqual(takeEarly('/api/nodes'), undefined)
})
