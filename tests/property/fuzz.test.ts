// A short run of the fuzzer over every parser, from another seed each time; docs/reference/bad-input.md has the long ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFuzz } from './fuzz.ts'

const FRAMES = 20_000

test('every parser refuses hostile bytes with an error of its own, and soon', async () => {
  const seed = Math.floor(Math.random() * 1e9)
  const { counts, failures } = await runFuzz({ seed, frames: FRAMES, hangMs: 20_000 })
  assert.deepEqual(failures, [], `repeat with: node tests/property/fuzz.ts --seed ${seed} --frames ${FRAMES}`)
  assert.ok(counts.length >= 15)
  assert.ok(counts.every(({ inputs }) => inputs > 0))
})
