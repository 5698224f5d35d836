import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createInspectionBook, type InspectedResource, type InspectionBook } from './inspection-book.ts'

const one = (title: string, properties: Record<string, unknown> = {}, managed?: boolean): InspectedResource => ({
  ...{ title, properties, managed },
})

/** A fleet like that of the screens: node names n000, n001 ... */
function bookOf(nodes: readonly (readonly InspectedResource[])[], type = 'user'): InspectionBook {
  const book = createInspectionBook()
  for (const [index, resources] of nodes.entries()) book.put(type, name(index), 1000 + index, resources)
  return book
}
const name = (index: number): string => `n${String(index).padStart(3, '0')}`
const all = (count: number): string[] => Array.from({ length: count }, (_, index) => name(index))

describe('inspection book', () => {
  test('similarity does not count absence; only full equality is 100.0', () => {
    const two = bookOf([[one('a'), one('b')], [one('a')]])
    const { similarity, unique, total, everywhere } = two.figures('user', all(2))
    assert.deepEqual({ similarity, unique, total, everywhere }, { similarity: 100, unique: 2, total: 3, everywhere: 1 })
    const many = bookOf(Array.from({ length: 3000 }, (_, i) => [one('a', { shell: i === 0 ? 'x' : 'y' })]))
    assert.equal(many.figures('user', all(3000)).similarity, 99.9)
    assert.equal(createInspectionBook().figures('user', ['x']).similarity, undefined)
  })

  test('variants: the most frequent first, differing names before equal ones, absent and failed counted apart', () => {
    const book = bookOf([[one('a', { s: 1, t: 1 }, true)], [one('a', { s: 2, t: 1 })], [one('a', { t: 1, s: 2 })], []])
    book.fail('user', name(4), 5, 'no answer')
    const shown = book.variants('user', 'a', [...all(5), 'unknown'])
    assert.deepEqual(
      shown.variants.map(({ nodes, managed, properties }) => [nodes.first, managed, properties.s]),
      [
        [['n001', 'n002'], 0, 2],
        [['n000'], 1, 1],
      ],
    )
    assert.deepEqual([shown.differing, shown.equal], [['s'], ['t']])
    assert.deepEqual([shown.asked, shown.found, shown.absent.first], [4, 3, ['n003']])
    assert.deepEqual(shown.failed, [{ node: 'n004', reason: 'no answer' }])
    assert.deepEqual(book.nodesOf('user', 'a', 'absent', all(5)), ['n003'])
    assert.deepEqual(book.holders('user', 'a', shown.variants[0]?.key ?? '', 1), ['n001'])
  })

  test('a property that one variant lacks differs', () => {
    const book = bookOf([[one('a', { s: null })], [one('a', {})]])
    assert.deepEqual(book.variants('user', 'a', all(2)).differing, ['s'])
  })

  test('outliers: the rarer the difference the higher, what few have lower, what all have or nobody agrees on 0', () => {
    const fleet = Array.from({ length: 10 }, (_, i) => [
      one('same'),
      one('differs', { v: i === 3 ? 'old' : 'new' }),
      ...(i === 4 ? [] : [one('missing')]),
      ...(i === 5 ? [one('intruder')] : []),
      one('own', { i }),
    ])
    const rows = new Map(
      bookOf(fleet)
        .list('user', all(10))
        .map((row) => [row.title, row.outlier]),
    )
    assert.deepEqual(Object.fromEntries(rows), { differs: 0.9, intruder: 0.45, missing: 0.9, own: 0, same: 0 })
  })

  test('titles may be anything, twice counts once', () => {
    const book = bookOf([[one('__proto__', { x: 1 }), one('constructor'), one('a\n\0b'), one('a\n\0b', { y: 1 })]])
    assert.deepEqual(
      book.list('user', all(1)).map(({ title }) => title),
      ['__proto__', 'a\n\0b', 'constructor'],
    )
    assert.equal(book.variants('user', '__proto__', all(1)).found, 1)
    assert.deepEqual(book.variants('user', 'a\n\0b', all(1)).equal, [])
  })

  test('what was looked at by name takes the place of what was inspected, also its absence', () => {
    const book = bookOf([
      [one('a'), one('b')],
      [one('a'), one('b')],
    ])
    book.putOne('user', name(0), 2000, 'a', undefined)
    book.putOne('user', name(1), 2000, 'a', one('a', { s: 1 }))
    book.putOne('user', name(1), 2000, 'c', one('c'))
    assert.deepEqual(
      book.list('user', all(2)).map(({ title, nodes, variants }) => [title, nodes, variants]),
      [
        ['a', 1, 1],
        ['b', 2, 1],
        ['c', 1, 1],
      ],
    )
    assert.deepEqual(book.variants('user', 'a', all(2)).absent.first, ['n000'])
    book.put('user', name(0), 3000, [one('a')])
    assert.equal(book.variants('user', 'a', all(2)).found, 2)
  })

  test('compare: values spread over both sides are equal, whatever their counts', () => {
    const book = bookOf([
      [one('a', { s: 1 }), one('l')],
      [one('a', { s: 2 })],
      [one('a', { s: 2 }), one('r')],
      [one('a', { s: 1 })],
    ])
    const { onlyLeft, onlyRight, different, equal } = book.compare('user', ['n000', 'n001'], ['n002', 'n003'])
    assert.deepEqual([onlyLeft, onlyRight, different, equal], [['l'], ['r'], [], 1])
    const single = book.compare('user', ['n000'], ['n002', 'gone'])
    assert.deepEqual(single.different, [
      { title: 'a', properties: [{ name: 's', left: [{ value: 1, nodes: 1 }], right: [{ value: 2, nodes: 1 }] }] },
    ])
    assert.deepEqual([single.notInspected.first, single.failed], [['gone'], []])
    book.fail('user', 'gone', 9, 'no answer')
    const failed = book.compare('user', ['n000', 'gone'], ['gone', 'new'])
    assert.deepEqual(failed.inspected, { left: 1, right: 0 })
    assert.deepEqual([failed.notInspected.first, failed.failed], [['new'], [{ node: 'gone', reason: 'no answer' }]])
    assert.deepEqual(book.missing('user', ['n000', 'gone', 'new']), ['new'])
    assert.deepEqual(book.missing('package', ['n000']), ['n000'])
  })

  test('what is older is dropped, and with it what nobody has any more', () => {
    const book = bookOf([[one('a', { s: 'x'.repeat(1000) })], [one('b')]])
    const before = book.size
    book.forget(1001)
    assert.deepEqual(
      book.list('user', all(2)).map(({ title }) => title),
      ['b'],
    )
    assert.ok(before - book.size > 1000)
    book.forget(9999)
    assert.deepEqual([book.size, book.types()], [0, []])
  })

  test('memory is bounded: the oldest answers go, the latest stays', () => {
    const book = createInspectionBook(20_000)
    for (let i = 0; i < 200; i++) book.put('user', name(i), i, [one(`t${i}`, { s: 'x'.repeat(500) })])
    assert.ok(book.size <= 20_000)
    const { nodes, notInspected } = book.figures('user', all(200))
    assert.ok(nodes > 5 && nodes + notInspected === 200)
    assert.equal(book.variants('user', 't199', [name(199)]).found, 1)
    assert.equal(book.variants('user', 't0', [name(0)]).asked, 0)
  })
})
