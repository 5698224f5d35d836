import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MASKED } from '#base/secret-names.ts'
import type { CloneRequest } from '../api/resources.ts'
import { cloneSteps, concealed, createInputs, shownStep } from './clone-steps.ts'

const GROUPS = new Map([
  ['100', 'users'],
  ['27', 'sudo'],
  ['1010', 'gophers'],
])
const GOPHER = {
  ...{ ensure: 'present', comment: 'Gopher', uid: 1010, gid: 1010, groups: ['users', 'sudo'], home: '/home/gopher' },
  ...{ shell: '/bin/bash', password: MASKED, password_min_age: 1, password_max_age: 90 },
}

function stepsOf(
  type: string,
  parameters: Record<string, unknown>,
  options: CloneRequest['options'] = {},
  revealed: Record<string, unknown> = {},
  title = 'gopher',
) {
  return cloneSteps({
    ...{ type, node: 'web1', resource: { title, parameters, managed: undefined }, revealed, options },
    groupName: (gid) => GROUPS.get(String(gid)),
    gidOf: (group) => [...GROUPS].find(([, name]) => name === group)?.[0],
  })
}

describe('cloneSteps', () => {
  test('a user: its groups first, by name; no ids, no ages; the password only when it is shown', () => {
    const { steps, warnings, isSystem } = stepsOf('user', GOPHER)
    assert.deepEqual(
      steps.map(({ type, title }) => `${type} ${title}`),
      ['group gophers', 'group users', 'group sudo', 'user gopher'],
    )
    assert.deepEqual(steps.at(-1)?.parameters, {
      ...{ ensure: 'present', comment: 'Gopher', home: '/home/gopher', shell: '/bin/bash' },
      ...{ gid: 'gophers', groups: ['users', 'sudo'] },
    })
    assert.deepEqual(steps[0]?.parameters, { ensure: 'present' })
    assert.equal(isSystem, false)
    assert.match(
      warnings.join('\n'),
      /password is not cloned: web1 .*reveal_sensitive[\s\S]*members of sudo may do what root may/,
    )
  })

  test('a password that the node shows goes along and is never shown', () => {
    const { steps, warnings } = stepsOf('user', GOPHER, {}, { password: '$6$secret' })
    const user = steps.at(-1)
    assert.ok(user)
    assert.equal(user.parameters.password, '$6$secret')
    assert.equal(shownStep(user).properties.password, MASKED)
    assert.match(warnings.join(), /password comes from web1/)
    assert.equal(concealed('cannot set $6$secret', steps), `cannot set ${MASKED}`)
  })

  test('options: ids where they are free, ages, home, without groups', () => {
    const kept = stepsOf('user', GOPHER, { keepIds: true, passwordAges: true, createHome: true })
    assert.deepEqual(createInputs(kept.steps[0]!), {
      ...{ type: 'group', title: 'gophers', parameters: { ensure: 'present', gid: 1010 }, avoid_conflict: 'gid' },
    })
    const inputs = createInputs(kept.steps.at(-1)!, true)
    assert.deepEqual([inputs.avoid_conflict, inputs.noop], ['uid', true])
    const { uid, password_min_age, password_max_age, managehome } = kept.steps.at(-1)!.parameters
    assert.deepEqual([uid, password_min_age, password_max_age, managehome], [1010, 1, 90, true])
    const alone = stepsOf('user', GOPHER, { groups: false })
    assert.deepEqual(
      alone.steps.map(({ title }) => title),
      ['gophers', 'gopher'],
    )
    assert.equal(alone.steps.at(-1)?.parameters.groups, undefined)
  })

  test('accounts of the system are told', () => {
    assert.equal(stepsOf('user', { ...GOPHER, uid: 33 }).isSystem, true)
    assert.equal(stepsOf('user', { ...GOPHER, uid: '0' }).isSystem, true)
    assert.equal(stepsOf('user', GOPHER, {}, {}, 'root').isSystem, true)
    assert.equal(stepsOf('group', { ensure: 'present', gid: 27 }, {}, {}, 'sudo').isSystem, true)
    assert.equal(stepsOf('group', { ensure: 'present', gid: 5000 }, {}, {}, 'staff').isSystem, false)
  })

  test('a package takes its version and provider, a host not the file, a group its members when asked', () => {
    const parameters = (type: string, given: Record<string, unknown>, options = {}) =>
      stepsOf(type, given, options).steps[0]?.parameters
    assert.deepEqual(parameters('package', { ensure: '1.2', provider: 'apt', status: 'x' }), {
      ensure: '1.2',
      provider: 'apt',
    })
    assert.deepEqual(parameters('host', { ensure: 'present', ip: '192.0.2.1', target: '/etc/hosts' }), {
      ensure: 'present',
      ip: '192.0.2.1',
    })
    const group = { ensure: 'present', gid: 5, members: ['a'] }
    assert.deepEqual(parameters('group', group), { ensure: 'present' })
    assert.deepEqual(parameters('group', group, { members: true, keepIds: true }), {
      ensure: 'present',
      gid: 5,
      members: ['a'],
    })
  })

  test('a node that lies slips in no other name, metaparameter or parameter of a known type', () => {
    const lies = {
      name: 'root',
      title: 'root',
      noop: false,
      notify: 'Exec[x]',
      tag: 'x',
      allowdupe: true,
      managehome: true,
    }
    assert.deepEqual(
      Object.keys(stepsOf('cron', { ensure: 'present', command: 'x', ...lies }).steps[0]?.parameters ?? {}).sort(),
      [...['allowdupe', 'command', 'ensure', 'managehome']],
    )
    const user = stepsOf('user', { ...GOPHER, ...lies }).steps.at(-1)?.parameters ?? {}
    for (const name of Object.keys(lies)) assert.equal(Object.hasOwn(user, name), false, name)
    const { steps } = stepsOf('user', { ...GOPHER, groups: [1, {}, '', 'users', 'users', '__proto__'] })
    assert.deepEqual(steps.at(-1)?.parameters.groups, ['users', '__proto__'])
  })
})
