import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { createPuppetAgent } from './puppet-agent.ts'
import { isPuppet, isSingleRun } from './puppet-process.ts'
import { createTestMachine, PATHS, type TestMachineOptions } from './test-machine.ts'

function setUp(options: Partial<TestMachineOptions> = {}) {
  const machine = createTestMachine({ clock: new ManualClock(), ...options })
  return { machine, puppet: createPuppetAgent(machine) }
}
const two = () => setUp()
/** Puppet 2.7 knows no `config print --section`. */
const one = () => setUp({ settings: null })
const ONE_LOCK = '/state/puppetdlock'
const RUBY_PUPPET = ['/opt/puppetlabs/puppet/bin/ruby', '/opt/puppetlabs/puppet/bin/puppet', 'agent', '--onetime']

test('isPuppet: Ruby with Puppet in its words, or what Puppet calls itself', () => {
  for (const words of [
    RUBY_PUPPET,
    ['/usr/bin/ruby1.8', '/usr/sbin/puppetd'],
    ['ruby', '/usr/bin/puppet', 'agent'],
    ['puppet agent: applying configuration'],
    ['/usr/bin/puppet', 'agent'],
    ['/opt/puppet/sbin/puppetd', '--onetime'],
  ])
    assert.equal(isPuppet(words), true, words.join(' '))
  for (const words of [
    ['/usr/bin/java', '-jar', 'puppetserver.jar'],
    ['vim', '/etc/puppet/puppet.conf'],
    ['/usr/bin/ruby', '/usr/bin/irb'],
    ['puppetdb'],
    [],
  ])
    assert.equal(isPuppet(words), false, words.join(' '))
  assert.equal(isSingleRun(RUBY_PUPPET), true)
  assert.equal(isSingleRun(['ruby', '/usr/bin/puppet', 'agent', '--no-daemonize']), false)
  assert.equal(isSingleRun(['systemd-run', '--', '/usr/bin/puppet', 'agent', '--onetime']), false)
})

test('state: nothing there is enabled and stopped', async () => {
  assert.deepEqual(await two().puppet.state(), {
    enabled: true,
    disableMessage: '',
    applying: false,
    daemonPid: undefined,
  })
})

test('state: a catalogue lock counts only while its process lives and is Puppet', async () => {
  const { machine, puppet } = two()
  machine.write(PATHS.running, '4711')
  assert.equal((await puppet.state()).applying, false, 'the process is gone')
  machine.processes.set(4711, ['/usr/bin/postgres'])
  assert.equal((await puppet.state()).applying, false, 'another program has the id by now')
  machine.processes.set(4711, RUBY_PUPPET)
  assert.equal((await puppet.state()).applying, true)
  for (const content of ['', 'x', '-1', '0', '4711 4711', '99999999999']) {
    machine.write(PATHS.running, content)
    assert.equal((await puppet.state()).applying, false, JSON.stringify(content))
  }
})

test('state: the daemon is there while its pid file names a living Puppet', async () => {
  const { machine, puppet } = two()
  machine.write(PATHS.pid, '12\n')
  assert.equal((await puppet.state()).daemonPid, undefined)
  machine.processes.set(12, ['puppet', 'agent'])
  assert.equal((await puppet.state()).daemonPid, 12)
})

test('state: the reason in the lock, whoever wrote it', async () => {
  const { machine, puppet } = two()
  for (const [content, message] of [
    ['{"disabled_message":"my reason"}', 'my reason'],
    ['', ''],
    ['{}', ''],
    ['null', ''],
    ['{"disabled_message":7}', ''],
    ['kaputt {\nmore', 'kaputt {'],
  ] as const) {
    machine.write(PATHS.disabled, content)
    const { enabled, disableMessage } = await puppet.state()
    assert.deepEqual([enabled, disableMessage], [false, message])
  }
})

test('singleRun: a run that has not taken the lock yet', async () => {
  const { machine, puppet } = two()
  assert.equal(await puppet.singleRun(), false)
  machine.processes.set(9, RUBY_PUPPET)
  assert.equal(await puppet.singleRun(), true)
})

test('enable and disable: two locks, a run in progress does not matter', async () => {
  const { machine, puppet } = two()
  machine.write(PATHS.running, '5')
  machine.processes.set(5, RUBY_PUPPET)
  assert.equal(await puppet.enable(), 'already')
  assert.equal(await puppet.disable('why "so"'), 'done')
  assert.equal(machine.files.get(PATHS.disabled)?.text, '{"disabled_message":"why \\"so\\""}')
  assert.equal(await puppet.disable('another'), 'already')
  assert.match(machine.files.get(PATHS.disabled)?.text ?? '', /why/, 'the first reason stays')
  assert.equal(await puppet.enable(), 'done')
  assert.equal((await puppet.state()).enabled, true)
})

test('enable and disable: the one lock of Puppet 2.7, empty is disabled, with a living process running [M-048]', async () => {
  const { machine, puppet } = one()
  assert.equal(await puppet.disable('why'), 'done')
  assert.equal(machine.files.get(ONE_LOCK)?.text, '')
  assert.deepEqual([(await puppet.state()).enabled, await puppet.disable('why')], [false, 'already'])
  assert.equal(await puppet.enable(), 'done')
  assert.equal(await puppet.enable(), 'already')
  machine.write(ONE_LOCK, '77')
  machine.processes.set(77, ['ruby', '/usr/sbin/puppetd'])
  assert.deepEqual([(await puppet.state()).applying, (await puppet.state()).enabled], [true, true])
  assert.deepEqual([await puppet.enable(), await puppet.disable('why')], ['running', 'running'])
  machine.processes.clear()
  assert.equal((await puppet.state()).applying, false, 'a stale lock')
  assert.equal(await puppet.enable(), 'already')
  assert.equal(await puppet.disable('why'), 'done')
})
