import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSearch, parseSearch } from '../search-text.ts'
import {
  filterOf,
  isEmptyFilter,
  readLiveSearch,
  type Shelf,
  searchOfFilter,
  searchOfSelection,
  selectionOf,
} from './live-search.ts'
import { ALL, NONE, type Selection } from './selection.ts'

const shelf = (): Shelf & { kept: Map<string, string> } => {
  const kept = new Map<string, string>()
  return { kept, get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) }
}
const only = (names: Iterable<string>): Selection => ({ kind: 'only', names: new Set(names) })

test('filters go through the address and come back the same', () => {
  const filter = {
    name: 'web*',
    classes: ['apache', '/^role::/'],
    facts: ['osfamily=Debian', 'processorcount>=4'],
    compound: '(a and !b) or fqdn=/^x&y/',
  }
  const address = formatSearch({ ...searchOfFilter(filter) })
  assert.equal(
    address,
    '?name=web*&class=apache&class=/%5Erole::/&fact=osfamily=Debian&fact=processorcount>=4&where=(a%20and%20!b)%20or%20fqdn=/%5Ex%26y/',
  )
  assert.deepEqual(filterOf(readLiveSearch(parseSearch(address))), filter)
})

test('selectionOf: without a word all are selected; `none` is none', () => {
  assert.deepEqual(selectionOf({}, shelf()), { selection: ALL, lost: false })
  assert.deepEqual(selectionOf({ only: 'none' }, shelf()), { selection: NONE, lost: false })
  assert.deepEqual(searchOfSelection(ALL, shelf()), { only: undefined, except: undefined })
  assert.deepEqual(searchOfSelection(NONE, shelf()), { only: 'none', except: undefined })
})

test('short selections stand in the address, long ones on the shelf under a key that depends on nothing else', () => {
  const kept = shelf()
  assert.deepEqual(searchOfSelection(only(['web1', 'web2']), kept), { only: 'web1,web2', except: undefined })
  assert.equal(kept.kept.size, 0)
  const many = Array.from({ length: 500 }, (_, index) => `web${index}.example.com`)
  const search = searchOfSelection(only(many), kept)
  assert.match(search.only ?? '', /^~[0-9a-z]+$/)
  assert.deepEqual(searchOfSelection(only(many), kept), search)
  assert.equal(kept.kept.size, 1)
  const { selection, lost } = selectionOf(search, kept)
  assert.deepEqual([[...selection.names], lost], [many, false])
})

test('selectionOf: a key of another browser selects nothing and says so', () => {
  assert.deepEqual(selectionOf({ only: '~abc' }, shelf()), { selection: NONE, lost: true })
  assert.deepEqual(selectionOf({ except: '~abc' }, shelf()), { selection: NONE, lost: true })
})

test('searchOfSelection: a node called none is not mistaken for none', () => {
  const kept = shelf()
  const search = searchOfSelection(only(['none']), kept)
  assert.deepEqual([...selectionOf(search, kept).selection.names], ['none'])
})

test('readLiveSearch: takes what it knows in the form it must have, within bounds', () => {
  const words = readLiveSearch({
    name: ['web*', 'db*'],
    fact: ['a=1', 2, ''],
    class: { toString: 1 },
    where: 'x'.repeat(20_000),
    title: 'gopher',
    __proto__: { name: 'y' },
  })
  assert.deepEqual(Object.keys(words).toSorted(), ['fact', 'name', 'where'])
  assert.equal(words.name, 'web*')
  assert.equal(words.fact, 'a=1')
  assert.equal(words.where?.length, 10_000)
  const many = Array.from({ length: 50 }, (_, index) => `f${index}=1`)
  assert.equal(readLiveSearch({ fact: many }).fact?.length, 20)
})

test('isEmptyFilter: blanks are nothing', () => {
  assert.equal(isEmptyFilter({ name: '  ', facts: [] }), true)
  assert.equal(isEmptyFilter({ classes: ['a'] }), false)
})
