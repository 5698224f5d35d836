import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOfNodes, readKeptPreview } from './kept-preview.ts'

test('keyOfNodes: the same for the same names, another for one name more, less, changed, cut in two or elsewhere', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `node${index}.example.com`)
  const others = [
    [],
    [''],
    ['', ''],
    names.slice(1),
    [...names, 'another.example.com'],
    names.with(500, 'node5000.example.com'),
    ['node0.example', '.com', ...names.slice(1)],
    names.toReversed(),
  ]
  assert.equal(new Set([names, [...names], ...others].map(keyOfNodes)).size, others.length + 1)
})

test('readKeptPreview: what is none gives none', () => {
  const kept = {
    ...{ id: 'p', type: 'user', title: 'gopher', variant: 'v', options: { groups: true }, rollOut: {} },
    ...{ nodes: '1-a-b', untilMs: 5 },
  }
  assert.deepEqual(readKeptPreview(JSON.stringify(kept)), kept)
  const broken = [
    { ...kept, id: 7 },
    { ...kept, options: null },
    { ...kept, rollOut: [] },
    { ...kept, untilMs: 'x' },
  ]
  for (const one of [...broken, {}, null, 7, 'text', []]) assert.equal(readKeptPreview(JSON.stringify(one)), undefined)
  assert.equal(readKeptPreview('{'), undefined)
})
