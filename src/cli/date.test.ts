import assert from 'node:assert/strict'
import test from 'node:test'
import { formatDate } from './date.ts'

test('formatDate prints the classic and the modern form with the local zone [R-063, R-071]', () => {
  const date = new Date(2011, 10, 4, 5, 25, 33)
  assert.match(formatDate(date, 'classic'), /^Fri Nov 04 05:25:33 [+-]\d{4} 2011$/)
  assert.match(formatDate(date, 'modern'), /^2011-11-04 05:25:33 [+-]\d{4}$/)
})
