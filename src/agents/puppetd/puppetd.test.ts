import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PATHS, summaryText } from '#puppet/agent/test-machine.ts'
import { RUBY_PUPPET, setUpPuppet } from '../test-puppet.ts'
import { createPuppetdAgent } from './puppetd.ts'

const setUp = (options = {}) => setUpPuppet('puppetd', createPuppetdAgent, options)
const NOW = 1_795_325_340

describe('puppetd [agents 10.2]', () => {
  test('has a handler for every action of its DDL; without Puppet it is not active', async () => {
    const { agent } = setUp()
    assert.deepEqual(Object.keys(agent.actions).sort(), agent.ddl.actions.map(({ name }) => name).sort())
    assert.equal(await agent.activate?.(undefined as never), true)
    assert.equal(await setUp({ programs: [] }).agent.activate?.(undefined as never), 'Puppet is not installed')
  })

  test('status in one sentence, with flags of 0 and 1', async () => {
    const { ask, machine } = setUp()
    machine.write(PATHS.summary, summaryText(NOW - 10))
    const stopped = { enabled: 1, running: 0, idling: 0, stopped: 1, starting: 0, status: 'stopped', lastrun: NOW - 10 }
    assert.deepEqual((await ask('status')).data, {
      ...stopped,
      output: 'Enabled, not running, last run 10 seconds ago',
    })
    machine.processes.set(7, [...RUBY_PUPPET, '--onetime'])
    assert.equal((await ask('status')).data.starting, 1)
    machine.write(PATHS.running, '7')
    const running = (await ask('status')).data
    assert.deepEqual([running.running, running.starting, running.status], [1, 0, 'running'])
    assert.equal(running.output, 'Enabled, running, last run 10 seconds ago')
    machine.write(PATHS.disabled, '{}')
    assert.match(String((await ask('status')).data.output), /^Disabled, running, /)
  })

  test('status of a node on which Puppet never ran says so [B-029]', async () => {
    const { data } = await setUp().ask('status')
    assert.deepEqual([data.lastrun, data.output], [0, 'Enabled, not running, last run never'])
  })

  test('status: state.yaml counts as it did in PE 2, and a broken summary by its age', async () => {
    const { ask, machine } = setUp()
    machine.write(PATHS.state, '')
    assert.equal((await ask('status')).data.lastrun, NOW)
    machine.files.delete(PATHS.state)
    machine.write(PATHS.summary, '{{{')
    assert.equal((await ask('status')).data.lastrun, NOW)
  })

  test('enable and disable, and what they refuse [R-033, R-034]', async () => {
    const { ask, machine } = setUp()
    assert.deepEqual(await ask('disable'), { code: 0, message: 'OK', data: { output: 'Lock created' } })
    assert.match(machine.files.get(PATHS.disabled)?.text ?? '', /"Disabled via MCollective by uid=500 at 20\d\d-/)
    assert.deepEqual([(await ask('disable')).code, (await ask('disable')).message], [1, 'Already disabled'])
    assert.deepEqual((await ask('enable')).data, { output: 'Lock removed' })
    assert.deepEqual([(await ask('enable')).code, (await ask('enable')).message], [1, 'Already unlocked'])
  })

  test("enable and disable leave Puppet 2.7's lock alone while it runs", async () => {
    const { ask, machine } = setUp({ settings: null })
    machine.write('/state/puppetdlock', '7')
    machine.processes.set(7, RUBY_PUPPET)
    for (const action of ['enable', 'disable']) {
      assert.deepEqual(await ask(action), { code: 1, message: "Currently running; can't remove lock", data: {} })
    }
    assert.equal((await ask('runonce')).message, 'Lock file and PID file exist; puppet agent appears to be running.')
    machine.write('/state/puppetdlock', '')
    assert.equal((await ask('runonce')).message, 'Lock file exists, but no PID file; puppet agent looks disabled.')
  })

  test('runonce starts a run that waits a random time, forced at once [R-035]', async () => {
    const { ask, started } = setUp()
    const { data } = await ask('runonce')
    assert.equal(
      data.output,
      "Started a Puppet run using the 'puppet agent --onetime --no-daemonize --splay --splaylimit 30' command",
    )
    await ask('runonce', { forcerun: true })
    await ask('runonce', {}, { 'puppetd.splaytime': '0' })
    await ask('runonce', {}, { 'puppetd.splaytime': '600' })
    assert.deepEqual(started(), [
      'agent --onetime --no-daemonize --splay --splaylimit 30',
      'agent --onetime --no-daemonize --no-splay',
      'agent --onetime --no-daemonize --no-splay',
      'agent --onetime --no-daemonize --splay --splaylimit 600',
    ])
  })

  test('runonce tells a daemon that waits', async () => {
    const { ask, machine, started } = setUp()
    machine.write(PATHS.pid, '1900')
    machine.processes.set(1900, RUBY_PUPPET)
    assert.equal((await ask('runonce')).data.output, 'Signalled daemonized puppet agent to run (process 1900)')
    assert.deepEqual([machine.signals, started()], [['SIGUSR1 1900'], []])
  })

  test('runonce never signals another program, and says what is wrong with a pid file', async () => {
    const { ask, machine, started } = setUp()
    machine.write(PATHS.pid, '1900')
    machine.processes.set(1900, ['/usr/sbin/sshd'])
    assert.equal((await ask('runonce')).code, 0)
    assert.deepEqual([machine.signals, started().length], [[], 1])
    machine.write(PATHS.pid, 'x')
    assert.deepEqual(await ask('runonce'), { code: 1, message: 'PID file does not contain a PID; got "x"', data: {} })
  })

  test('runonce refuses while disabled or running', async () => {
    const { ask, machine } = setUp()
    machine.write(PATHS.disabled, '{}')
    assert.deepEqual((await ask('runonce')).message, 'Lock file exists, but no PID file; puppet agent looks disabled.')
    machine.files.delete(PATHS.disabled)
    machine.write(PATHS.running, '7')
    machine.processes.set(7, RUBY_PUPPET)
    const { code, message } = await ask('runonce')
    assert.deepEqual([code, message], [1, 'Lock file and PID file exist; puppet agent appears to be running.'])
  })

  test('a run that cannot be started is code 1 with the reason', async () => {
    const { ask, machine } = setUp()
    machine.startDetached = () => Promise.reject(new Error('spawn EACCES'))
    const { code, message } = await ask('runonce')
    assert.equal(code, 1)
    assert.match(message, /^cannot start 'puppet agent --onetime .*': spawn EACCES$/)
    assert.match((await ask('runonce', {}, { 'puppetd.puppetd': '/opt/none agent' })).message, /no program \/opt\/none/)
  })

  test('last_run_summary: counts completed with zeros; a corrupt file is code 1 [R-036]', async () => {
    const { ask, machine } = setUp()
    const zeros = { failed: 0, changed: 0, total: 0, restarted: 0, out_of_sync: 0 }
    assert.deepEqual((await ask('last_run_summary')).data.resources, zeros)
    machine.write(PATHS.summary, summaryText(NOW))
    const { resources, time, changes } = (await ask('last_run_summary')).data
    assert.deepEqual(resources, { ...zeros, changed: 1, total: 8 })
    assert.deepEqual({ ...(time as object) }, { config_retrieval: 0.5, total: 4, last_run: NOW })
    assert.deepEqual({ ...(changes as object) }, { total: 1 })
    machine.write(PATHS.summary, '---\n\tbroken: [')
    const { code, message } = await ask('last_run_summary')
    assert.equal(code, 1)
    assert.match(message, /^cannot read \/public\/last_run_summary\.yaml: /)
  })
})
