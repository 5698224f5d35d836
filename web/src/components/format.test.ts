import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  agoText,
  countText,
  durationText,
  millisecondsText,
  nodesText,
  numberText,
  timeText,
  zoneText,
} from './format.ts'

test('numberText: as English writes numbers', () => {
  for (const value of [0, 7, 999, 1_000, 12_250, 999_999, 1_000_000, -1, -1_234, 0.5, 1234.5]) {
    assert.equal(numberText(value), value.toLocaleString('en-US'))
  }
})

test('nodesText and countText: one is not many', () => {
  assert.equal(nodesText(1), '1 node')
  assert.equal(nodesText(12_250), '12,250 nodes')
  assert.equal(countText(2, 'entry', 'entries'), '2 entries')
})

test('durationText: from tenths of seconds to days', () => {
  assert.equal(durationText(0.42), '0.4 s')
  assert.equal(durationText(3), '3 s')
  assert.equal(durationText(59.6), '1 min')
  assert.equal(durationText(200), '3 min 20 s')
  assert.equal(durationText(7_500), '2 h 5 min')
  assert.equal(durationText(200_000), '2 days')
  assert.equal(durationText(Number.NaN), '—')
})

test('agoText: past and to come, and clocks that differ a little', () => {
  const now = 1_790_000_000_000
  assert.equal(agoText(now - 20_000, now), 'less than a minute ago')
  assert.equal(agoText(now + 5_000, now), 'less than a minute ago')
  assert.equal(agoText(now - 5 * 60_000, now), '5 minutes ago')
  assert.equal(agoText(now - 3_600_000, now), '1 hour ago')
  assert.equal(agoText(now - 3 * 86_400_000, now), '3 days ago')
  assert.equal(agoText(now + 300_000, now), 'in 5 minutes')
})

test('millisecondsText: milliseconds below a second', () => {
  assert.equal(millisecondsText(37.4), '37 ms')
  assert.equal(millisecondsText(0), '0 ms')
  assert.equal(millisecondsText(1_500), '1.5 s')
})

test('timeText: to the second, with the zone; zoneText: hours and minutes ahead of Greenwich', () => {
  const date = new Date(2026, 2, 4, 17, 5, 9)
  assert.equal(timeText(date.getTime()), `2026-03-04 17:05:09 ${zoneText(-date.getTimezoneOffset())}`)
  assert.equal(zoneText(0), 'UTC')
  assert.equal(zoneText(60), '+01:00')
  assert.equal(zoneText(-210), '-03:30')
})
