import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NodeGroup } from '#console/api/fleet.ts'
import type { TaskAgents } from '#console/api/tasks.ts'
import { actionEntries, type Entry, groupEntries, nodeEntries, pageEntries, scoreOf, sectionsOf } from './entries.ts'

const action = (name: string, description: string) => ({
  ...{ name, description, inputs: [], outputs: [], acts: true, noop: false, timeoutSeconds: 10 },
})
const agent = (name: string, ...actions: ReturnType<typeof action>[]) => ({
  name,
  description: '',
  version: '1',
  actions,
})
const AGENTS: TaskAgents = {
  agents: [
    agent('puppet', action('runonce', 'Run Puppet once.')),
    agent('puppetd', action('runonce', 'Run Puppet once.')),
    agent('service', action('restart', 'Restart a service'), action('status', 'Gets the status')),
  ],
  advanced: ['service'],
  broken: [],
}
const rows = (...names: string[]) => names.map((name) => ({ name, state: 'answering' as const }))
const titles = (entries: readonly Entry[]): string[] => entries.map(({ title }) => title)

describe('entries of the command palette', () => {
  test('pages: those of the administration for administrators only; a page per type', () => {
    assert.ok(!titles(pageEntries('operator', [])).includes('Audit'))
    const all = pageEntries('administrator', ['user'])
    assert.deepEqual(
      ['Audit', 'Settings', 'user resources'].filter((title) => !titles(all).includes(title)),
      [],
    )
    assert.equal(new Set(all.map(({ key }) => key)).size, all.length)
  })

  test('actions: of one agent for Puppet, which lead to its tab, and of the advanced ones', () => {
    assert.deepEqual(
      actionEntries(AGENTS).map(({ title, to, search, params }) => [title, to, search ?? params]),
      [
        ['puppet runonce', '/puppet', { action: 'runonce' }],
        ['service restart', '/tasks/$agent/$action', { agent: 'service', action: 'restart' }],
        ['service status', '/tasks/$agent/$action', { agent: 'service', action: 'status' }],
      ],
    )
  })

  test('groups: with the words that make the node list show them', () => {
    const group: NodeGroup = {
      ...{ id: 'g1234567', name: 'Web', description: '', shared: false, account: 'a', changedAtMs: 1 },
      filter: { name: 'web*' },
    }
    const [entry] = groupEntries(
      [group],
      ({ filter }) => ({ name: filter?.name }),
      () => 'web*',
    )
    assert.deepEqual([entry?.to, entry?.search], ['/resources', { name: 'web*' }])
  })
})

describe('scoreOf', () => {
  const of = (title: string, typed: string, note = '') => scoreOf({ title, note }, typed.split(' '))
  test('every word must be there, in title or note, in any case', () => {
    assert.ok(of('service restart', 'rest serv') > 0)
    assert.equal(of('service restart', 'serv stop'), 0)
    assert.ok(of('Audit', 'administration', 'administration') > 0)
  })

  test('whole before beginning, beginning before the beginning of a word, that before anywhere; title before note', () => {
    const scores = [
      of('web1', 'web1'),
      of('web1.example.com', 'web1'),
      of('db-web1', 'web1'),
      of('oldweb1', 'web1'),
      of('x', 'web1', 'web1'),
    ]
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    )
    assert.ok(new Set(scores).size === scores.length)
  })
})

describe('sectionsOf', () => {
  const entries = [
    ...pageEntries('administrator', ['user']),
    ...nodeEntries(rows(...Array.from({ length: 30 }, (_, index) => `web${index}.example.com`))),
    ...actionEntries(AGENTS),
  ]

  test('nothing typed: pages, and no nodes', () => {
    assert.deepEqual(
      sectionsOf(entries, '  ').map(({ label }) => label),
      ['Pages'],
    )
  })

  test('the kind with the best one first; of each only so many, the rest counted', () => {
    const [first, ...others] = sectionsOf(entries, 'web')
    assert.deepEqual([first?.kind, first?.entries.length, first?.more], ['node', 8, 22])
    assert.deepEqual(others, [])
    assert.equal(sectionsOf(entries, 'restart')[0]?.kind, 'action')
    assert.deepEqual(titles(sectionsOf(entries, 'user')[0]?.entries ?? []), ['user resources'])
    assert.deepEqual(sectionsOf(entries, 'nothing is called so'), [])
  })
})
