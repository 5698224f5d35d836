import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { versionCompare } from './version-compare.ts'

describe('versionCompare [wire vectors versioncmp]', () => {
  // What the original's function of the same purpose gives.
  const vectors: [string, string, number][] = [
    ['1.0', '1.0', 0],
    ['1.0', '1.1', -1],
    ['2.12.5', '2.2.0', 1],
    ['1.2.10', '1.2.9', 1],
    ['1.4.10', '1.2.10', 1],
    ['2.0.0', '2.0.0-rc1', -1],
    ['1.0a', '1.0b', -1],
    ['1.01', '1.1', -1],
    ['10', '9', 1],
  ]
  for (const [a, b, result] of vectors) {
    it(`versionCompare('${a}', '${b}') is ${result}`, () => {
      assert.equal(versionCompare(a, b), result)
      assert.equal(versionCompare(b, a), result === 0 ? 0 : -result)
    })
  }
})
