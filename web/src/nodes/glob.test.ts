import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRegex } from './glob.ts'

test('isRegex tells what stands between slashes', () => {
  assert.equal(isRegex('/web/'), true)
  assert.equal(isRegex('/'), false)
  assert.equal(isRegex('web/'), false)
})
