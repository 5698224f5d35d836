import assert from 'node:assert/strict'
import test from 'node:test'
import { drawProgress } from './progress.ts'

const plain = { red: (s: string) => s, green: (s: string) => s }

test('drawProgress fills 60 cells of a wide terminal [cli 6.1]', () => {
  assert.equal(drawProgress(3, 3, 100, 0, plain), `\r * [ ${'='.repeat(60)}> ] 3 / 3`)
})

test('drawProgress rounds the filled part', () => {
  assert.equal(drawProgress(1, 3, 52, 1, plain), `\r / [ ${'='.repeat(10)}>${' '.repeat(20)} ] 1 / 3`)
})

test('drawProgress prints plain counters on narrow terminals [M-035]', () => {
  assert.equal(drawProgress(1, 2, 20, 0, plain), '\r1 / 2')
})

test('drawProgress survives a total of zero and more replies than expected', () => {
  assert.match(drawProgress(0, 0, 80, 0, plain), /0 \/ 0$/)
  assert.match(drawProgress(5, 3, 80, 0, plain), /=> \] 5 \/ 3$/)
})
