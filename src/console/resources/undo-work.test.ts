import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Before } from './befores-shelf.ts'
import { restorationOf, sameCalls, wasSatisfied } from './undo-work.ts'

const before = (
  parameters: Record<string, unknown>,
  wanted: Before['step']['parameters'],
  more: Partial<Before['step']> = {},
): Before => ({
  ...{ node: 'web1', order: 0, parameters, unknown: [] },
  step: { type: 'user', title: 'gopher', parameters: wanted, secrets: [], ...more },
})

test('restorationOf: what was absent is removed, by its provider, and homes stay', () => {
  const user = restorationOf(before({ ensure: 'absent' }, { ensure: 'present', managehome: true }))
  assert.deepEqual(
    [user.inputs.parameters, user.word, user.left],
    [{ ensure: 'absent' }, 'removed', ['its home directory']],
  )
  const gem = restorationOf(
    before({ ensure: 'purged', provider: 'apt' }, { ensure: '1.0', provider: 'apt' }, { type: 'package' }),
  )
  assert.deepEqual(gem.inputs.parameters, { ensure: 'purged', provider: 'apt' })
})

test('restorationOf: only what the clone set is put back; what was empty is emptied; unknown secrets stay', () => {
  const wanted = { ensure: 'present', shell: '/bin/bash', comment: 'x', groups: ['a'], password: '$6$new', uid: 7 }
  const was = { ensure: 'present', shell: '/bin/sh', home: '/x', uid: 9 }
  const { inputs, left, word } = restorationOf(before(was, wanted, { secrets: ['password'], avoidConflict: 'uid' }))
  assert.deepEqual(inputs.parameters, {
    ensure: 'present',
    shell: '/bin/sh',
    comment: '',
    groups: [],
    membership: 'inclusive',
  })
  assert.deepEqual([left, word, inputs.avoid_conflict], [['password'], 'restored', undefined])
})

test('wasSatisfied: a group that was there already is none of ours', () => {
  assert.equal(wasSatisfied(before({ ensure: 'present', gid: 4 }, { ensure: 'present' }, { type: 'group' })), true)
  assert.equal(wasSatisfied(before({ ensure: 'absent' }, { ensure: 'present' })), false)
  assert.equal(
    wasSatisfied(before({ ensure: 'present', groups: ['a', 'b'] }, { ensure: 'present', groups: ['b'] })),
    true,
  )
  assert.equal(wasSatisfied(before({ ensure: '1' }, { ensure: '2' }, { type: 'package' })), false)
})

test('sameCalls: nodes with the same before are one call', () => {
  const one = (node: string, shell: string) =>
    restorationOf({ ...before({ ensure: 'present', shell }, { shell: 'x' }), node })
  const calls = sameCalls([one('a', '1'), one('b', '2'), one('c', '1')])
  assert.deepEqual(
    calls.map(({ befores }) => befores.map(({ node }) => node)),
    [['a', 'c'], ['b']],
  )
})
