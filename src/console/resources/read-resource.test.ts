import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MASKED } from '#base/secret-names.ts'
import { createMasker, readResource, readResources, readWholeResource } from './read-resource.ts'
import { shownProperties } from './type-rules.ts'

describe('readResource', () => {
  test('what is no resource is none', () => {
    for (const value of [
      null,
      1,
      'x',
      [],
      {},
      { title: 'a' },
      { title: '', parameters: {} },
      { title: 1, parameters: {} },
    ])
      assert.equal(readResource(value), undefined)
    assert.equal(readResource({ title: 'x'.repeat(65_537), parameters: {} }), undefined)
    assert.equal(readResource({ title: 'x', parameters: [] }), undefined)
  })

  test('names of objects are names like others', () => {
    const read = readResource(JSON.parse('{"title":"__proto__","parameters":{"__proto__":{"a":1},"constructor":2}}'))
    assert.deepEqual(Object.keys(read?.parameters ?? {}).sort(), ['__proto__', 'constructor'])
    assert.equal(Object.getPrototypeOf(read?.parameters), null)
    assert.equal((Object.prototype as { a?: unknown }).a, undefined)
  })

  test('values are bounded in length, members and depth, and still tell equal from different', () => {
    const long = 'x'.repeat(1_000_000)
    const read = (value: unknown): unknown => readResource({ title: 'a', parameters: { value } })?.parameters.value
    assert.ok(String(read(long)).length < 5000)
    assert.equal(read(long), read(`${long}`))
    assert.notEqual(read(long), read(`${long.slice(1)}y`))
    assert.equal((read(Array.from({ length: 100_000 }, () => 1)) as unknown[]).length, 2000)
    let deep: unknown = 1
    for (let i = 0; i < 1000; i++) deep = [deep]
    assert.ok(JSON.stringify(read(deep)).length < 100)
    assert.equal(read('\ud800'), '\ufffd')
    assert.equal(readWholeResource({ title: 'a', parameters: { value: long } })?.parameters.value, long)
    const parameters = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`p${i}`, i]))
    assert.equal(Object.keys(readResource({ title: 'a', parameters })?.parameters ?? {}).length, 200)
  })

  test('managed is true, false or not known', () => {
    for (const [given, managed] of [
      [true, true],
      [false, false],
      ['unknown', undefined],
      [undefined, undefined],
    ])
      assert.equal(readResource({ title: 'a', parameters: {}, managed: given })?.managed, managed)
  })
})

describe('readResources', () => {
  test('takes a list, or an output per resource as nodes of 2011 give it; the first of a title counts', () => {
    const resource = (title: string, x = 1) => ({ title, parameters: { x } })
    const list = readResources({ result: [resource('a'), resource('a', 2), null, 'garbage', resource('b')] })
    assert.deepEqual(
      list?.resources.map(({ title, parameters }) => [title, parameters.x]),
      [
        ['a', 1],
        ['b', 1],
      ],
    )
    assert.equal(list?.left, 3)
    const old = readResources({ a: resource('a'), b: resource('b'), result: null })
    assert.deepEqual(
      old?.resources.map(({ title }) => title),
      ['a', 'b'],
    )
    for (const garbage of [undefined, 'x', [], { result: 'x' }, { result: 7 }])
      assert.equal(readResources(garbage), undefined)
  })
})

describe('secrets', () => {
  test('what a node did not mask gets a fingerprint, equal ones the same; masked ones stay', () => {
    const { masked } = createMasker(new Uint8Array(32))
    const hidden = masked({ password: '$6$x', shell: '/bin/sh', password_max_age: 99, token: MASKED })
    assert.match(String(hidden.password), /^\(hidden, [0-9a-f]{8}\)$/)
    assert.deepEqual([hidden.shell, hidden.password_max_age, hidden.token], ['/bin/sh', 99, MASKED])
    assert.equal(masked({ password: '$6$x' }).password, hidden.password)
    assert.notEqual(masked({ password: '$6$y' }).password, hidden.password)
    assert.notEqual(createMasker().masked({ password: '$6$x' }).password, hidden.password)
  })
})

test('shownProperties: a user has the name of its group and no ids; a package its version and provider', () => {
  const user = { uid: 7, gid: 8, groups: ['x'], shell: '/bin/sh', ensure: 'present' }
  assert.deepEqual(
    { ...shownProperties('user', user, (gid) => (gid === 8 ? 'staff' : undefined)) },
    { ensure: 'present', group: 'staff', shell: '/bin/sh' },
  )
  assert.equal(shownProperties('user', user).group, 8)
  assert.deepEqual(
    { ...shownProperties('package', { ensure: '1', provider: 'apt', status: 'x' }) },
    { ensure: '1', provider: 'apt' },
  )
  assert.deepEqual(Object.keys(shownProperties('anything', { b: 1, a: 2, provider: 'x' })), ['a', 'b'])
})
