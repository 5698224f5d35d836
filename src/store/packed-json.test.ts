import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '#base/errors.ts'
import { boundedJson, packed, unpacked, wholeJson } from './packed-json.ts'

test('packed: what is packed comes back, plain and deflated', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.integer({ min: 0, max: 2_000 }), async (value, padding) => {
      const text = JSON.stringify([value, 'x'.repeat(padding)])
      assert.deepEqual(await unpacked(await packed(text)), JSON.parse(text))
    }),
  )
})

test('packed: equal text is deflated to a fraction', async () => {
  assert.ok((await packed(JSON.stringify('nginx is running '.repeat(1_000)))).length < 500)
})

test('boundedJson: never over the bound, always JSON, and says when something is missing', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.integer({ min: 100, max: 800 }),
      (value, text, max) => {
        const whole = JSON.stringify([value, text])
        const { text: kept, cut } = boundedJson([value, text], max)!
        assert.ok(kept.length <= max, `${kept.length} of ${max}`)
        JSON.parse(kept)
        assert.equal(cut, whole.length > max)
        if (!cut) assert.equal(kept, whole)
      },
    ),
  )
})

test('boundedJson: the bound holds for text that is all quotes and halves of characters', () => {
  for (const text of ['"'.repeat(5_000), '\\'.repeat(5_000), '\ud800'.repeat(5_000), '\u{1f600}'.repeat(5_000)]) {
    const list = Array.from({ length: 100 }, () => text)
    assert.ok(boundedJson(list, 5_000)!.text.length <= 5_000)
  }
  assert.equal(boundedJson(undefined, 10), undefined)
})

test('wholeJson: STORE_TOO_LARGE over the bound', () => {
  assert.equal(wholeJson({ a: 1 }, 7, 'x'), '{"a":1}')
  assert.equal(wholeJson(undefined, 7, 'x'), null)
  assert.throws(
    () => wholeJson({ a: 12 }, 7, 'x'),
    (error) => isTroupeError(error, 'STORE_TOO_LARGE'),
  )
})
