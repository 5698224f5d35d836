import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from './clock.ts'
import { pause } from './pause.ts'

test('pause ends when its time is over, not before', async () => {
  const clock = new ManualClock()
  let ended = false
  const waiting = pause(clock, 1000, new AbortController().signal).then(() => {
    ended = true
  })
  clock.advance(999)
  await Promise.resolve()
  assert.equal(ended, false)
  clock.advance(1)
  await waiting
})

test('pause ends at once when it is aborted, before or meanwhile, and leaves no timer', async () => {
  const stop = new AbortController()
  const timers = new Set<object>()
  const clock = new ManualClock()
  const counting = {
    ...{ now: () => clock.now(), monotonic: () => clock.monotonic() },
    after() {
      const timer = {}
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  const waiting = pause(counting, 1000, stop.signal)
  assert.equal(timers.size, 1)
  stop.abort()
  await waiting
  await pause(counting, 1000, stop.signal)
  assert.equal(timers.size, 0)
})
