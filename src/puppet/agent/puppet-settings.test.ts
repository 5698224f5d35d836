import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { createPuppetSettings } from './puppet-settings.ts'
import { createTestMachine, PATHS, PUPPET } from './test-machine.ts'

const clock = new ManualClock()

test('createPuppetSettings: asks Puppet once, however many want to know', async () => {
  const machine = createTestMachine({ clock })
  const source = createPuppetSettings(machine)
  const [settings] = await Promise.all([source.get(), source.get(), source.get()])
  await source.get()
  assert.equal(machine.commands.length, 1)
  assert.deepEqual(machine.commands[0]?.slice(0, 5), [PUPPET, 'config', 'print', '--section', 'agent'])
  assert.deepEqual(settings, {
    program: PUPPET,
    locks: { kind: 'two', disabled: PATHS.disabled, running: PATHS.running },
    pidFile: PATHS.pid,
    summaryFile: PATHS.summary,
    reportFile: PATHS.report,
    stateFile: PATHS.state,
    resourceFile: PATHS.resources,
    portOption: '--serverport',
  })
})

test('createPuppetSettings: asks again behind the scenes when puppet.conf or the program changed', async () => {
  const machine = createTestMachine({ clock })
  const source = createPuppetSettings(machine)
  await source.get()
  machine.write('/etc/puppet/puppet.conf', 'new')
  machine.answers[0] = { words: ['config'], result: { stdout: 'pidfile = /elsewhere\npuppetdlockfile = /l\n' } }
  assert.equal((await source.get()).pidFile, PATHS.pid, 'the old answer serves meanwhile')
  for (let i = 0; i < 5; i++) await nextTurn()
  assert.equal((await source.get()).pidFile, '/elsewhere')
})

test('createPuppetSettings: what Puppet said is kept from one start to the next, while program and puppet.conf are as they were', async () => {
  const machine = createTestMachine({ clock })
  let text: string | undefined
  const memory = {
    read: async () => text,
    write: async (now: string) => {
      text = now
    },
  }
  const ask = () => createPuppetSettings(machine, {}, memory).get()
  const first = await ask()
  assert.deepEqual([await ask(), machine.commands.length], [first, 1])
  machine.write('/etc/puppet/puppet.conf', 'new')
  assert.deepEqual([await ask(), machine.commands.length], [first, 2])
  machine.write(PUPPET, 'another version')
  assert.deepEqual([await ask(), machine.commands.length], [first, 3])
  assert.deepEqual([await ask(), machine.commands.length], [first, 3])
  // The operator's own files still win.
  assert.equal((await createPuppetSettings(machine, { pidFile: '/own/pid' }, memory).get()).pidFile, '/own/pid')
  const kept = text ?? ''
  const unusable = ['', '{', 'null', '[]', '{"version":1}', kept.replace('"version":1', '"version":0')]
  for (const [i, bad] of [...unusable, kept.replace(PUPPET, '/other/puppet')].entries()) {
    text = bad
    assert.deepEqual([await ask(), machine.commands.length], [first, 4 + i], bad)
    assert.equal(text, kept)
  }
})

test('createPuppetSettings: Puppet 2.7 is asked its own way and has one lock', async () => {
  const machine = createTestMachine({ clock, settings: null })
  const settings = await createPuppetSettings(machine).get()
  assert.deepEqual(settings.locks, { kind: 'one', file: '/state/puppetdlock' })
  assert.equal(settings.portOption, '--masterport')
})

test('createPuppetSettings: files the operator names win', async () => {
  const machine = createTestMachine({ clock, programs: ['/opt/puppet/bin/puppet'] })
  const settings = await createPuppetSettings(machine, {
    command: '/opt/puppet/bin/puppet agent',
    lockFile: '/own/lock',
    pidFile: '/own/pid',
    summaryFile: '/own/summary',
    stateFile: '/own/state',
  }).get()
  assert.equal(settings.program, '/opt/puppet/bin/puppet')
  assert.deepEqual(settings.locks, { kind: 'one', file: '/own/lock' })
  assert.deepEqual(
    [settings.pidFile, settings.summaryFile, settings.stateFile],
    ['/own/pid', '/own/summary', '/own/state'],
  )
})

test('createPuppetSettings: no Puppet, one that fails and one that hangs are told apart', async () => {
  const refused = (why: RegExp) => (error: unknown) =>
    isTroupeError(error, 'RPC_PUPPET_ABSENT') && why.test(error.message)
  const none = createPuppetSettings(createTestMachine({ clock, programs: [] }))
  assert.equal(await none.present(), false)
  await assert.rejects(none.get(), refused(/there is no program puppet/))
  const broken = createTestMachine({ clock })
  broken.answers[0] = {
    words: [],
    result: { status: 1, stderr: '\u001b[1;31mError: Could not parse /etc/puppet.conf\u001b[0m\n' },
  }
  await assert.rejects(createPuppetSettings(broken).get(), refused(/: Error: Could not parse \/etc\/puppet\.conf$/))
  const slow = createTestMachine({ clock })
  slow.answers[0] = { words: [], result: { status: 143, error: 'it was still running after 60 s' } }
  const source = createPuppetSettings(slow)
  await assert.rejects(source.get(), refused(/still running after 60 s/))
  slow.answers[0] = { words: [], result: { status: 0, stdout: 'pidfile = /p\npuppetdlockfile = /l\n' } }
  assert.equal((await source.get()).pidFile, '/p', 'a failure is not kept')
})
