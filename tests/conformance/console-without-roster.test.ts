// The node list when nobody keeps a roster: the nodes are asked themselves, and what they say is kept.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { createNodeBook, type NodeBook } from '../../src/console/nodes/node-book.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
let store: Store
let book: NodeBook
/** Looks when a test says so, and not beside it: one that began before a node was killed still sees it answer. */
const refreshSeconds = 86_400
const open = async (): Promise<NodeBook> => {
  const made = createNodeBook({
    ...{ store, clock: troupe.clock, log: silentLog, collective: 'mcollective', discoveryTimeoutSeconds: 1 },
    events: { publish() {} },
    ownClient: troupe.parts.ownClient,
    ...{ bus: () => ({ connected: true }), refreshSeconds },
  })
  await made.open()
  return made
}
before(async () => {
  troupe = await startConsole({ nodes: 6, live: { puppetSeconds: 0 }, config: () => 'roster = 0\n' })
  store = await openStore({ url: 'sqlite::memory:', clock: troupe.clock, log: silentLog })
  book = await open()
  // The one that opening began may be under way.
  await book.refresh()
})
after(async () => {
  await book.close()
  await store.close()
  await troupe.stop()
})

const names = (): string[] => troupe.nodes.map(({ identity }) => identity).sort()

test('nodes that answer are the list; inventories decide filters', async () => {
  const list = book.list()
  assert.equal(list.source, 'discovery')
  assert.deepEqual(
    list.nodes.map(({ name, state }) => [name, state]),
    names().map((name) => [name, 'answering']),
  )
  const family = String(troupe.nodes[0]?.facts.osfamily)
  const wanted = troupe.nodes.filter(({ facts }) => facts.osfamily === family).map(({ identity }) => identity)
  assert.deepEqual(await book.match({ facts: [`osfamily=${family}`] }), {
    ...{ nodes: wanted.sort(), undecided: [], options: `-F osfamily=${family}` },
  })
  assert.equal(book.countOf('rpcutil'), 6)
  const values = await book.values('osfamily')
  assert.equal(
    values.values.reduce((sum, { nodes }) => sum + nodes, 0),
    6,
  )
})

test('a node that does not answer any more is silent, later lost, and remembered by the next console', async () => {
  const [gone = ''] = names()
  await troupe.kill(gone)
  await book.refresh()
  assert.equal(book.row(gone)?.state, 'silent')
  troupe.clock.move(31 * 60_000)
  await book.refresh()
  assert.equal(book.row(gone)?.state, 'lost')
  await book.close()
  book = await open()
  assert.deepEqual([book.row(gone)?.state, book.list().nodes.length], ['lost', 6])
})

test('without a bus the last list is there and says why it may be old', async () => {
  const dark = createNodeBook({
    ...{ store, clock: troupe.clock, log: silentLog, collective: 'mcollective', discoveryTimeoutSeconds: 1 },
    events: { publish() {} },
    ownClient: async () => Promise.reject(new Error('no broker at mq.example.com')),
    ...{ bus: () => ({ connected: false, problem: 'no broker at mq.example.com' }), refreshSeconds },
  })
  await dark.open()
  await dark.refresh()
  assert.deepEqual([dark.list().nodes.length, dark.list().problem], [6, 'no broker at mq.example.com'])
  const [first = ''] = names()
  assert.deepEqual((await dark.match({ name: first })).nodes, [first])
  assert.deepEqual((await dark.match({ facts: ['a=b'] })).undecided.length, 6)
  await assert.rejects(dark.facts(), /no broker/)
  await dark.close()
})
