import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { createBackoff, DEFAULT_BACKOFF } from './backoff.ts'

const almostOne = () => 0.999_999_999

function bounds(count: number, settings = DEFAULT_BACKOFF): number[] {
  const backoff = createBackoff(settings, new ManualClock(), almostOne)
  return Array.from({ length: count }, () => Math.round(backoff.next()))
}

test('createBackoff: the bound doubles from 10 ms up to 30 s and stays there [wire 1.5]', () => {
  assert.deepEqual(bounds(14), [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 30000, 30000])
})

test('createBackoff: multiplier 1 keeps the bound constant [wire 1.6]', () => {
  assert.deepEqual(bounds(3, { ...DEFAULT_BACKOFF, initialMs: 500, multiplier: 1 }), [500, 500, 500])
})

test('createBackoff: an initial delay over the maximum is cut to it', () => {
  assert.deepEqual(bounds(2, { ...DEFAULT_BACKOFF, initialMs: 90_000 }), [30000, 30000])
})

test('createBackoff: full jitter, any delay between nothing and the bound', () => {
  const values = [0, 0.5, 0.25]
  const backoff = createBackoff({ ...DEFAULT_BACKOFF, initialMs: 1000 }, new ManualClock(), () => values.shift()!)
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [0, 1000, 1000])
})

test('createBackoff: a connection that lived 5 s resets the delay', () => {
  const clock = new ManualClock()
  const backoff = createBackoff(DEFAULT_BACKOFF, clock, almostOne)
  for (let i = 0; i < 12; i++) backoff.next()
  backoff.connected()
  clock.advance(5_000)
  assert.deepEqual([backoff.next(), backoff.next()].map(Math.round), [10, 20])
})

test('createBackoff: a connection that dies at once does not reset the delay', () => {
  const clock = new ManualClock()
  const backoff = createBackoff(DEFAULT_BACKOFF, clock, almostOne)
  for (let i = 0; i < 4; i++) backoff.next()
  backoff.connected()
  clock.advance(4_999)
  assert.equal(Math.round(backoff.next()), 160)
  clock.advance(60_000)
  assert.equal(Math.round(backoff.next()), 320, 'time without a connection counts for nothing')
})
