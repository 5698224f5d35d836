import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FACT_DEPTH_MAX, FACT_VALUES_MAX } from '#base/limits.ts'
import { normaliseFacts } from './normalise-facts.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('normaliseFacts: names and values are text, lists and maps stay [wire 6.1]', () => {
  const raw = new Map<unknown, unknown>([
    ['flag', true],
    ['count', 4],
    ['size', 1024.5],
    ['none', null],
    [1, 'one'],
    ['list', [1, [false], { a: 2 }]],
    ['map', new Map([[true, 1n]])],
  ])
  assert.deepEqual(plain(normaliseFacts(raw)), {
    1: 'one',
    flag: 'true',
    count: '4',
    size: '1024.5',
    none: '',
    list: ['1', ['false'], { a: '2' }],
    map: { true: '1' },
  })
})

test('normaliseFacts: names of Object.prototype are ordinary names', () => {
  const facts = normaliseFacts(JSON.parse('{"__proto__": {"polluted": 1}, "a": {"constructor": "x"}}'))
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
  assert.deepEqual(Object.keys(facts), ['__proto__', 'a'])
  assert.equal(facts.toString, undefined)
})

test('normaliseFacts: refuses what is no map, too deep, too many or too long', () => {
  for (const raw of [null, 1, 'text', [1], undefined, new Date()])
    assert.throws(() => normaliseFacts(raw), /must be a map/)
  let deep: unknown = 'x'
  for (let i = 0; i < 100_000; i++) deep = [deep]
  assert.throws(() => normaliseFacts({ deep }), new RegExp(`more than ${FACT_DEPTH_MAX} deep`))
  assert.throws(() => normaliseFacts({ a: new Array(FACT_VALUES_MAX + 1).fill(1) }), /more than \d+ values/)
  assert.throws(() => normaliseFacts({ a: 'x'.repeat(3_000_000) }), /characters/)
  let bomb: unknown = ['x', 'x']
  for (let i = 0; i < 20; i++) bomb = [bomb, bomb]
  assert.throws(() => normaliseFacts({ bomb }), /more than/)
})
