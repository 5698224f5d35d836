// The book of what nodes have, against counting it all anew.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createInspectionBook } from '../../src/console/resources/inspection-book.ts'
import { stable } from '../../src/console/resources/value-key.ts'

const NODES = ['a', 'b', 'c', 'd', 'e']
const titles = fc.constantFrom('x', 'y', 'z', '__proto__')
const properties = fc.record({ p: fc.constantFrom(1, 2), q: fc.constantFrom('', 'k') }, { requiredKeys: ['p'] })
const event = fc.oneof(
  fc.record({
    put: fc.constantFrom(...NODES),
    list: fc.uniqueArray(fc.tuple(titles, properties), { selector: ([t]) => t }),
  }),
  fc.record({ one: fc.constantFrom(...NODES), title: titles, is: fc.option(properties, { nil: undefined }) }),
  fc.record({ fail: fc.constantFrom(...NODES) }),
  fc.record({ forget: fc.nat(30) }),
)

/** What is known of a node: all, or single ones, and when. */
interface Known {
  all?: Map<string, object>
  atMs: number
  singles: Map<string, { is: object | undefined; atMs: number }>
  failed: boolean
}

test('inspection book: figures, rows, variants and nodes are as counted anew', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), fc.subarray(NODES), (events, asked) => {
      const book = createInspectionBook()
      const known = new Map<string, Known>()
      for (const [atMs, said] of events.entries()) {
        if ('put' in said) {
          book.put(
            't',
            said.put,
            atMs,
            said.list.map(([title, values]) => ({ title, properties: values, managed: undefined })),
          )
          known.set(said.put, { all: new Map(said.list), atMs, singles: new Map(), failed: false })
        } else if ('one' in said) {
          const { one, title, is } = said
          book.putOne('t', one, atMs, title, is && { title, properties: is, managed: undefined })
          const own: Known = known.get(one) ?? { atMs, singles: new Map(), failed: false }
          own.singles.set(title, { is, atMs })
          if (!own.all) own.atMs = atMs
          known.set(one, { ...own, failed: false })
        } else if ('fail' in said) {
          book.fail('t', said.fail, atMs, 'no')
          known.set(said.fail, { atMs, singles: new Map(), failed: true })
        } else {
          book.forget(said.forget)
          for (const [node, own] of known) {
            if (own.atMs < said.forget) known.delete(node)
            else for (const [title, single] of own.singles) if (single.atMs < said.forget) own.singles.delete(title)
          }
        }
      }
      const has = (node: string, title: string): object | undefined | 'unknown' => {
        const own = known.get(node)
        if (!own || own.failed) return 'unknown'
        const single = own.singles.get(title)
        if (single) return single.is
        return own.all ? own.all.get(title) : 'unknown'
      }
      const inspected = asked.filter((node) => known.get(node)?.all)
      const expected = new Map<string, Map<string, number>>()
      for (const title of ['x', 'y', 'z', '__proto__'])
        for (const node of inspected) {
          const value = has(node, title)
          if (typeof value !== 'object') continue
          const counts = expected.get(title) ?? new Map<string, number>()
          expected.set(title, counts.set(stable(value), (counts.get(stable(value)) ?? 0) + 1))
        }
      const rows = book.list('t', asked)
      assert.deepEqual(
        rows.map(({ title, nodes, variants }) => [title, nodes, variants]),
        [...expected]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([title, counts]) => [title, [...counts.values()].reduce((a, b) => a + b, 0), counts.size]),
      )
      for (const { outlier } of rows) assert.ok(outlier >= 0 && outlier < 1)
      const figures = book.figures('t', asked)
      assert.deepEqual([figures.nodes, figures.unique], [inspected.length, expected.size])
      assert.equal(figures.nodes + figures.notInspected + figures.failed.length, asked.length)
      for (const title of ['x', '__proto__']) {
        const shown = book.variants('t', title, asked)
        const seen = asked.filter((node) => has(node, title) !== 'unknown')
        assert.deepEqual(
          [shown.asked, shown.absent.count],
          [seen.length, seen.filter((node) => has(node, title) === undefined).length],
        )
        for (const { key, nodes, properties: values } of shown.variants) {
          const same = asked.filter((node) => stable(has(node, title)) === stable(values))
          assert.deepEqual([nodes.count, book.nodesOf('t', title, key, asked)], [same.length, same.sort()])
        }
      }
    }),
    { numRuns: 300 },
  )
})
