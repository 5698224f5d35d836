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
