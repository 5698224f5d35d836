import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from './parse-json.ts'

test('parseJson: a name written with escapes is read as it is, whatever was read before', () => {
  for (const before of ['{"":"x","\\\\":""}', '{"a":"x","\\\\n":""}', '{"a":"x","b\\\\":""}']) JSON.parse(before)
  assert.deepEqual(Object.keys(parseJson('{"":"x","\\u0041":""}') as object), ['', 'A'])
  assert.deepEqual(Object.keys(parseJson('{"a":"x","\\n\\n":""}') as object), ['a', '\n\n'])
  assert.deepEqual(Object.keys(parseJson('{"a":"x" , "b\\n" : ""}') as object), ['a', 'b\n'])
})

test('parseJson: reads what JSON.stringify writes, with names of every kind', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\\', '\n', 'a\\', 'a\n', '"', '__proto__', '', ':'),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
      ),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const plain = (of: unknown): unknown =>
    typeof of === 'object' && of !== null && !Array.isArray(of)
      ? new Map(Object.entries(of).map(([key, inner]) => [key, plain(inner)]))
      : Array.isArray(of)
        ? of.map(plain)
        : Object.is(of, -0)
          ? 0
          : of
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (given, indent) => {
      assert.deepEqual(plain(parseJson(JSON.stringify(given, null, indent))), plain(given))
    }),
    { numRuns: 1000 },
  )
})

test('parseJson: of members with the same name the last counts, numbers and words are what JSON.parse makes of them', () => {
  const text = '{"\\u0061":1,"a":[ 1.5e3, -0, true ,null,"\\u0022" ],"\\n":{}, "x":[[],[{"\\\\":false}]]}'
  const read = parseJson(text) as { a: unknown[] }
  assert.deepEqual(read, { a: [1500, -0, true, null, '"'], '\n': {}, x: [[], [{ '\\': false }]] })
})

test('parseJson: __proto__ is a name like others', () => {
  const read = parseJson('{"\\n":0,"__proto__":{"a":1}}') as Record<string, unknown>
  assert.deepEqual(Object.keys(read), ['\n', '__proto__'])
  assert.equal(Object.getPrototypeOf(read), Object.prototype)
})

test('parseJson: what is no JSON is refused as by JSON.parse', () => {
  for (const text of ['', '{', '{"\\n":}', '{"\\n":1}}', '"\\x"', '{"\\n":01}'])
    assert.throws(() => parseJson(text), SyntaxError)
})

test('parseJson: a string of a million escapes takes no more than its length', () => {
  const text = JSON.stringify({ '\n': '\\"'.repeat(500_000) })
  assert.equal((parseJson(text) as Record<string, string>)['\n']?.length, 1_000_000)
})
