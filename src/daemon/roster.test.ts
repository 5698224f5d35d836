import assert from 'node:assert/strict'
import { appendFileSync, lstatSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { EMPTY_FILTER, type Filter } from '#message/filter.ts'
import type { Registration, Request } from '#message/request.ts'
import { parseCompound } from '#rpc/match/compound.ts'
import { createRoster, type RosterOptions, UNHEARD } from './roster.ts'

function registrationOf(sender: string, clock: ManualClock, change: Partial<Registration> = {}): Request {
  return {
    id: '0'.repeat(32),
    agent: 'registration',
    collective: 'mcollective',
    sender,
    caller: 'uid=0',
    filter: EMPTY_FILTER,
    sentAtMs: clock.now(),
    ttlSeconds: 60,
    replyTo: null,
    body: {
      kind: 'registration',
      registration: {
        agents: ['discovery', 'rpcutil'],
        collectives: ['mcollective'],
        classes: ['ntp', 'role::web'],
        facts: { osfamily: 'Debian', os: { family: 'Debian', release: { major: '12' } }, cores: '4' },
        version: '3.0.0',
        intervalSeconds: 600,
        leaving: false,
        ...change,
      },
    },
  }
}

function started(change: Partial<RosterOptions> = {}) {
  const clock = new ManualClock()
  const roster = createRoster({ clock, log: silentLog, intervalSeconds: 600, ...change })
  clock.advance(600_000)
  const register = (sender: string, registration: Partial<Registration> = {}): void =>
    roster.record(registrationOf(sender, clock, registration))
  const expected = (filter: Partial<Filter> = {}, more: { agent?: string; collective?: string } = {}) => {
    const { nodes, undecided } = roster.expected({ filter: { ...EMPTY_FILTER, ...filter }, ...more })
    return { nodes, undecided }
  }
  return { clock, roster, register, expected }
}

describe('createRoster', () => {
  test('expects registered nodes, sorted', () => {
    const { register, expected } = started()
    register('web2')
    register('web1')
    assert.deepEqual(expected(), { nodes: ['web1', 'web2'], undecided: [] })
  })

  test('decides identities, classes, agents, facts and compounds', () => {
    const { register, expected } = started()
    register('web1')
    register('db1', {
      classes: ['role::db'],
      agents: ['discovery', 'service'],
      facts: { osfamily: 'RedHat', 'os.family': 'odd' },
    })
    const fact = (name: string, value: string) => ({ facts: [{ fact: name, operator: '==' as const, value }] })
    const nodes = (filter: Partial<Filter>) => expected(filter).nodes
    assert.deepEqual(nodes({ identities: ['db1', 'nobody'] }), ['db1'])
    assert.deepEqual(nodes({ identities: ['/^w/'] }), ['web1'])
    assert.deepEqual(nodes({ classes: ['/^role::/'] }), ['db1', 'web1'])
    assert.deepEqual(nodes({ classes: ['ntp'] }), ['web1'])
    assert.deepEqual(nodes({ agents: ['service'] }), ['db1'])
    assert.deepEqual(nodes(fact('osfamily', 'RedHat')), ['db1'])
    assert.deepEqual(nodes(fact('os.family', 'Debian')), ['web1'])
    assert.deepEqual(nodes(fact('os.family', 'odd')), ['db1'], 'a fact of that very name comes first')
    assert.deepEqual(nodes(fact('absent', 'x')), [])
    assert.deepEqual(nodes({ compounds: [parseCompound('osfamily=RedHat or ntp')] }), ['db1', 'web1'])
    assert.deepEqual(nodes({ compounds: [parseCompound('!ntp and osfamily=RedHat')] }), ['db1'])
  })

  test('leaves undecided what a registration cannot tell, but only where it matters', () => {
    const { register, expected } = started()
    register('big', { facts: null })
    register('web1')
    const tests = (compound: string) => expected({ compounds: [parseCompound(compound)] })
    assert.deepEqual(expected({ facts: [{ fact: 'cores', operator: '==', value: '4' }] }), {
      nodes: ['web1'],
      undecided: ['big'],
    })
    assert.deepEqual(expected({ facts: [{ fact: 'uptime_days', operator: '>', value: '4' }] }).undecided, [
      'big',
      'web1',
    ])
    assert.deepEqual(tests("ntp and fstat('/x').present=1").undecided, ['big', 'web1'])
    assert.deepEqual(tests("nothing and fstat('/x').present=1"), { nodes: [], undecided: [] })
    assert.deepEqual(tests("ntp or fstat('/x').present=1").nodes, ['big', 'web1'])
    assert.deepEqual(tests('not cores=4'), { nodes: [], undecided: ['big'] })
  })

  test('restricts to agent and collective; the control agent of 1.x is the controller', () => {
    const { register, expected } = started()
    register('a', { agents: ['controller'], collectives: ['mcollective', 'dev'] })
    register('b')
    assert.deepEqual(expected({}, { agent: 'mcollective' }).nodes, ['a'])
    assert.deepEqual(expected({}, { collective: 'dev' }).nodes, ['a'])
    assert.deepEqual(expected({}, { agent: 'rpcutil', collective: 'mcollective' }).nodes, ['b'])
  })

  test('a later registration replaces the earlier, an older one is ignored', () => {
    const { clock, register, expected, roster } = started()
    const old = registrationOf('web1', clock, { classes: ['old'] })
    clock.advance(10)
    register('web1', { classes: ['new'] })
    roster.record(old)
    assert.deepEqual(expected({ classes: ['new'] }).nodes, ['web1'])
    assert.deepEqual(expected({ classes: ['old'] }).nodes, [])
  })

  test('a node that misses three registrations is lost, one that leaves is gone', () => {
    const { clock, register, expected, roster } = started()
    register('lost')
    register('gone')
    register('gone', { leaving: true })
    clock.advance(1_800_000)
    assert.deepEqual(expected().nodes, ['lost'])
    const lastSeenMs = clock.now() - 1_800_000
    clock.advance(1)
    assert.deepEqual(expected().nodes, [])
    assert.deepEqual(roster.list(), [
      { identity: 'lost', lastSeenMs, intervalSeconds: 600, version: '3.0.0', lostSinceMs: clock.now() - 1 },
    ])
    assert.equal(roster.forget('lost'), true)
    assert.equal(roster.forget('lost'), false)
    assert.deepEqual(roster.list(), [])
  })

  test('says that it may not have heard of everyone until an interval has passed', () => {
    const clock = new ManualClock()
    const roster = createRoster({ clock, log: silentLog, intervalSeconds: 600 })
    assert.deepEqual(roster.expected({ filter: EMPTY_FILTER }).undecided, [UNHEARD])
    clock.advance(600_000)
    assert.deepEqual(roster.expected({ filter: EMPTY_FILTER }).undecided, [])
  })

  test('is bounded in nodes; lost ones make room, and a full roster says that it does not know all', () => {
    const { clock, register, expected, roster } = started({ nodesMax: 2 })
    register('a')
    clock.advance(1_900_000)
    register('b')
    register('c')
    assert.deepEqual(expected(), { nodes: ['b', 'c'], undecided: [] })
    register('d')
    assert.equal(roster.size(), 2)
    assert.deepEqual(expected(), { nodes: ['b', 'c'], undecided: [UNHEARD] })
  })

  test('is bounded in text: facts beyond it, or of a single node beyond its share, are not kept', () => {
    const { register, expected } = started({ textBytesMax: 1000 })
    register('a', { facts: { note: 'x'.repeat(70_000) } })
    register('b', { facts: { note: 'y'.repeat(1000) } })
    register('c', { facts: { note: 'z' } })
    assert.deepEqual(expected({ facts: [{ fact: 'note', operator: '=~', value: '.' }] }), {
      nodes: ['b'],
      undecided: ['a', 'c'],
    })
  })

  test('survives a restart, and stays complete when it was short', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'troupe-roster-'))
    try {
      const file = join(directory, 'state', 'roster.json')
      const { clock, register, roster } = started({ file })
      register('web1')
      register('big', { facts: null, classes: ['a'] })
      await roster.stop()
      clock.advance(1000)
      const again = createRoster({ clock, log: silentLog, intervalSeconds: 600, file })
      await again.load()
      assert.deepEqual(again.list(), roster.list())
      const found = again.expected({
        filter: { ...EMPTY_FILTER, facts: [{ fact: 'os.release.major', operator: '==', value: '12' }] },
      })
      assert.deepEqual([found.nodes, found.undecided], [['web1'], ['big']])
      await again.stop()
      clock.advance(60_000)
      const later = createRoster({ clock, log: silentLog, intervalSeconds: 600, file })
      await later.load()
      assert.deepEqual(later.expected({ filter: EMPTY_FILTER }).undecided, [UNHEARD])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('does not put a file in the place of what is none, such as /dev/null', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'troupe-roster-'))
    try {
      const file = join(directory, 'roster.json')
      symlinkSync('/dev/null', file)
      const { register, roster } = started({ file })
      register('web1')
      await roster.stop()
      assert.ok(lstatSync(file).isSymbolicLink())
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('begins anew when its file is damaged, and says so', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'troupe-roster-'))
    try {
      const file = join(directory, 'roster.json')
      const { clock, register, roster } = started({ file })
      register('web1')
      await roster.stop()
      appendFileSync(file, '["half a no')
      const errors: string[] = []
      const log = { ...silentLog, error: (message: string) => void errors.push(message) }
      const again = createRoster({ clock, log, intervalSeconds: 600, file })
      await again.load()
      assert.equal(again.size(), 0)
      assert.match(errors[0] ?? '', /cannot read the roster/)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('list tells the facts that are asked for, of nodes that have them', () => {
    const { register, roster } = started()
    register('a')
    register('b', { facts: null })
    const facts = roster.list(['osfamily', 'os.release.major', 'nope']).map((node) => node.facts)
    assert.deepEqual(facts, [{ osfamily: 'Debian', 'os.release.major': '12' }, {}])
    assert.equal('facts' in (roster.list()[0] ?? {}), false)
  })

  test('count and countValues count nodes that are not lost, paths and members of lists included', () => {
    const { register, roster, clock } = started()
    register('gone', { classes: ['old'], agents: ['old'], facts: { osfamily: 'Solaris' } })
    clock.advance(4 * 600_000)
    register('a')
    register('b', { facts: { osfamily: 'RedHat', interfaces: ['eth0', 'lo'] } })
    register('c', { facts: null, classes: [] })
    const counted = (counts: { name: string; nodes: number }[]) => counts.map(({ name, nodes }) => `${name} ${nodes}`)
    const of = (what: 'facts' | 'classes' | 'agents') => counted([...roster.count(what).counts])
    assert.deepEqual(of('classes'), ['ntp 2', 'role::web 2'])
    assert.deepEqual(of('agents'), ['discovery 3', 'rpcutil 3'])
    const facts = ['osfamily 2', 'cores 1', 'interfaces 1', 'os 1', 'os.family 1', 'os.release 1', 'os.release.major 1']
    assert.deepEqual(of('facts'), facts)
    const values = (fact: string) => counted([...roster.countValues(fact).counts])
    assert.deepEqual(values('osfamily'), ['Debian 1', 'RedHat 1'])
    assert.deepEqual(values('os.release.major'), ['12 1'])
    assert.deepEqual(values('interfaces'), ['eth0 1', 'lo 1'])
    assert.deepEqual(values('os'), ['family 1', 'release 1'])
    assert.deepEqual(values('nope'), [])
  })
})
