import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { ActionFailed, type Agent } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import type { Host } from '#rpc/host.ts'
import { callAction, HurriedClock, type Recorded, recordedFiles, recordedHost } from '../test-host.ts'
import { createServiceAgent } from './service.ts'
import { isServiceName } from './services.ts'

const ddlText = readFileSync(new URL('service.ddl', import.meta.url), 'utf8')
const ddl = parseDdl(ddlText, { kind: 'agent', name: 'service', file: 'service.ddl', version: '3.0.0' })
const SYSTEMD = recordedFiles([], { '/proc/1/comm': 'systemd\n' })

function agentOn(host: Host, files = SYSTEMD): Agent {
  return createServiceAgent(ddl, { host, files, clock: new HurriedClock() })
}

const showCommand = (name: string): string =>
  `/usr/bin/systemctl show --property=LoadState --property=ActiveState --property=SubState --property=NeedDaemonReload --property=Result --property=ExecMainStatus --property=NRestarts -- ${name}`

/** What `systemctl show` prints; its order is its own. */
function show(name: string, over: Readonly<Record<string, string>> = {}): Recorded {
  const properties = {
    Result: 'success',
    NRestarts: '0',
    ExecMainStatus: '0',
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    NeedDaemonReload: 'no',
    ...over,
  }
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}`)
  return { command: showCommand(name), stdout: `${lines.join('\n')}\n` }
}

const STOPPED = { ActiveState: 'inactive', SubState: 'dead' }

/** The failure of an action: its code, message and outputs. */
async function failure(agent: Agent, action: string, service: string, settings: Record<string, string> = {}) {
  const outcome = await callAction(agent, action, { service }, settings).catch((error: unknown) => error)
  assert.ok(outcome instanceof ActionFailed, `${action} ${service} did not fail`)
  return { code: outcome.statusCode, message: outcome.message, data: outcome.data }
}

test('service.ddl: actions, outputs and labels of the published interface [agents 11]', () => {
  assert.deepEqual(
    ddl.actions.map(({ name, display, outputs, aggregates }) => ({
      name,
      display,
      outputs: outputs.map((output) => [output.name, output.displayAs]),
      aggregates: aggregates.length,
    })),
    ['status', 'start', 'stop', 'restart'].map((name) => ({
      name,
      display: name === 'status' ? 'always' : 'failed',
      outputs: [
        ['status', 'Service Status'],
        ['known', 'Known'],
        ...(name === 'status' ? [] : [['changes', 'Changes']]),
      ],
      aggregates: 1,
    })),
  )
  assert.equal(ddl.metadata.timeoutSeconds, 60)
})

test('service status: running, stopped, and a service the node does not have [R-041, M-050]', async () => {
  const missing = { ...STOPPED, LoadState: 'not-found' }
  const host = recordedHost([show('sshd'), show('ntp', STOPPED), show('nosuch', missing), show('getty@tty1.service')])
  const agent = agentOn(host)
  assert.deepEqual(await callAction(agent, 'status', { service: 'sshd' }), { status: 'running', known: true })
  assert.deepEqual(await callAction(agent, 'status', { service: 'ntp' }), { status: 'stopped', known: true })
  assert.deepEqual(await callAction(agent, 'status', { service: 'nosuch' }), { status: 'stopped', known: false })
  const instance = await callAction(agent, 'status', { service: 'getty@tty1.service' })
  assert.deepEqual(instance, { status: 'running', known: true })
})

test('service start: starts what is stopped, refuses what runs [R-038]', async () => {
  const start = { command: '/usr/bin/systemctl start -- sshd' }
  const host = recordedHost([show('sshd', STOPPED), show('sshd', STOPPED), start, show('sshd')])
  const changes = [{ action: 'start', service: 'sshd', from: 'stopped', to: 'running' }]
  const started = await callAction(agentOn(host), 'start', { service: 'sshd' })
  assert.deepEqual(started, { status: 'running', known: true, changes })
  assert.deepEqual(await failure(agentOn(recordedHost([show('sshd')])), 'start', 'sshd'), {
    code: 1,
    message: "Could not start 'sshd': Service is already running",
    data: { status: 'running', known: true },
  })
})

test('service stop: stops what runs, refuses what is stopped, says when there is no such service [R-039]', async () => {
  const stop = { command: '/usr/bin/systemctl stop -- sshd' }
  const host = recordedHost([show('sshd'), show('sshd'), stop, show('sshd', STOPPED)])
  const changes = [{ action: 'stop', service: 'sshd', from: 'running', to: 'stopped' }]
  const stopped = await callAction(agentOn(host), 'stop', { service: 'sshd' })
  assert.deepEqual(stopped, { status: 'stopped', known: true, changes })
  assert.deepEqual(await failure(agentOn(recordedHost([show('sshd', STOPPED)])), 'stop', 'sshd'), {
    code: 1,
    message: "Could not stop 'sshd': Service is already stopped",
    data: { status: 'stopped', known: true },
  })
  const missing = recordedHost([show('nosuch', { ...STOPPED, LoadState: 'not-found' })])
  const unknown = await failure(agentOn(missing), 'stop', 'nosuch')
  assert.equal(unknown.message, "Could not stop 'nosuch': Service is already stopped, unit not-found")
  assert.deepEqual(unknown.data, { status: 'stopped', known: false })
})

test('service restart: never asks first, reloads changed units, waits while the service is on its way [R-040]', async () => {
  const host = recordedHost([
    show('sshd', { NeedDaemonReload: 'yes' }),
    { command: '/usr/bin/systemctl daemon-reload' },
    { command: '/usr/bin/systemctl restart -- sshd' },
    show('sshd', { ActiveState: 'activating', SubState: 'start' }),
    show('sshd'),
  ])
  const changes = [{ action: 'restart', service: 'sshd', from: null, to: 'running' }]
  const restarted = await callAction(agentOn(host), 'restart', { service: 'sshd' })
  assert.deepEqual(restarted, { status: 'running', known: true, changes })
  assert.deepEqual(
    host.commands.map((command) => command.split(' ')[1]),
    ['show', 'daemon-reload', 'restart', 'show', 'show'],
  )
})

test('service restart: a service that did not come back is a failure with state and reason [B-030]', async () => {
  const restart = { command: '/usr/bin/systemctl restart -- web' }
  const failed = { ActiveState: 'failed', SubState: 'failed', Result: 'exit-code', ExecMainStatus: '3' }
  const fell = recordedHost([show('web'), restart, show('web', failed)])
  assert.deepEqual(await failure(agentOn(fell), 'restart', 'web'), {
    code: 1,
    message: "Could not restart 'web': Service did not come back, it is stopped: Result exit-code, exit status 3",
    data: { status: 'stopped', known: true },
  })
  const crashing = { ActiveState: 'activating', SubState: 'auto-restart', NRestarts: '4', Result: 'exit-code' }
  const loops = recordedHost([show('web'), restart, show('web', crashing)])
  assert.match((await failure(agentOn(loops), 'restart', 'web')).message, /did not come back/)
  // It runs whenever it is looked at, and is another process each time.
  const again = (times: number): Recorded => show('web', { NRestarts: String(times) })
  const falls = recordedHost([show('web'), restart, ...Array.from({ length: 10 }, (_, i) => again(i + 1))])
  assert.match((await failure(agentOn(falls), 'restart', 'web')).message, /did not come back.*started again 10 times$/)
  const second = recordedHost([show('web'), restart, again(1), again(1)])
  assert.equal((await callAction(agentOn(second), 'restart', { service: 'web' })).status, 'running')
  const stderr = 'Job for web.service failed because a timeout was exceeded.\nSee "systemctl status web.service".\n'
  const refused = recordedHost([show('web'), { ...restart, status: 1, stderr }, show('web', failed)])
  assert.match((await failure(agentOn(refused), 'restart', 'web')).message, /: Job for web\.service failed .*; See/)
})

test('service restart: nothing of the sort is known', async () => {
  const stderr = 'Failed to restart nosuch.service: Unit nosuch.service not found.\n'
  const missing = { ...STOPPED, LoadState: 'not-found' }
  const restart = { command: '/usr/bin/systemctl restart -- nosuch', status: 5, stderr }
  const host = recordedHost([show('nosuch', missing), restart, show('nosuch', missing)])
  assert.deepEqual(await failure(agentOn(host), 'restart', 'nosuch'), {
    code: 1,
    message: "Could not restart 'nosuch': Failed to restart nosuch.service: Unit nosuch.service not found.",
    data: { status: 'stopped', known: false },
  })
})

test('service: an init system that cannot be asked is a failure with its words', async () => {
  const stderr = "System has not been booted with systemd as init system (PID 1). Can't operate.\n"
  const host = recordedHost([{ command: showCommand('sshd'), status: 1, stderr }])
  const { code, message } = await failure(agentOn(host), 'status', 'sshd')
  assert.equal(code, 1)
  assert.equal(message, `Could not get the status of 'sshd': ${stderr.trim()}`)
})

test('service: Debian init scripts are run themselves, in the root directory [M-050]', async () => {
  const host = recordedHost([
    { command: '/etc/init.d/web status', status: 3 },
    { command: '/etc/init.d/web start' },
    { command: '/etc/init.d/web status' },
  ])
  const agent = agentOn(host, recordedFiles(['/etc/init.d/web'], { '/proc/1/comm': 'init\n' }))
  const changes = [{ action: 'start', service: 'web', from: 'stopped', to: 'running' }]
  const started = await callAction(agent, 'start', { service: 'web' })
  assert.deepEqual(started, { status: 'running', known: true, changes })
  assert.ok(host.runs.every(({ options }) => options.cwd === '/' && (options.timeoutSeconds ?? 99) < 60))
  assert.deepEqual(await callAction(agent, 'status', { service: 'nosuch' }), { status: 'stopped', known: false })
  const { message } = await failure(agent, 'stop', 'nosuch')
  assert.equal(message, "Could not stop 'nosuch': Service is already stopped, there is no /etc/init.d/nosuch")
})

test('service: RedHat init scripts go through service, sites may name their own program [M-050]', async () => {
  const host = recordedHost([
    { command: '/sbin/service httpd status', status: 2 },
    { command: '/sbin/service httpd restart' },
    { command: '/opt/bin/sv httpd status' },
  ])
  const agent = agentOn(host, recordedFiles(['/sbin/chkconfig', '/etc/init.d/httpd']))
  const { message, data } = await failure(agent, 'restart', 'httpd')
  assert.equal(
    message,
    "Could not restart 'httpd': Service did not come back, it is stopped: dead, its lock file is left",
  )
  assert.deepEqual(data, { status: 'stopped', known: true })
  const settings = { 'service.provider': 'service', 'service.service.servicecmd': '/opt/bin/sv' }
  const status = await callAction(agent, 'status', { service: 'httpd' }, settings)
  assert.deepEqual(status, { status: 'running', known: true })
  const wrong = await failure(agent, 'status', 'httpd', { 'service.provider': 'launchd' })
  assert.match(wrong.message, /cannot use plugin\.service\.provider = launchd: it has to be one of/)
})

test('service: one that hangs while it is stopped is a failure with its state, and its commands were bounded', async () => {
  const error = 'it was still running after 45 s'
  const host = recordedHost([
    { command: '/etc/init.d/web status' },
    { command: '/etc/init.d/web stop', status: 143, error },
    { command: '/etc/init.d/web status' },
  ])
  const agent = agentOn(host, recordedFiles(['/etc/init.d/web']))
  assert.deepEqual(await failure(agent, 'stop', 'web'), {
    code: 1,
    message: `Could not stop 'web': Service is still running: ${error}`,
    data: { status: 'running', known: true },
  })
  assert.ok(host.runs.every(({ options }) => options.signal !== undefined && (options.timeoutSeconds ?? 99) < 60))
})

test('service: names that are options, paths or commands are refused before anything runs', async () => {
  const agent = agentOn(recordedHost([]))
  for (const name of ['-oDebug', '--version', '; rm -rf /', '..', '.', 'a/b', 'a b', '', 'a\nb', '$(x)']) {
    for (const action of ['status', 'start', 'stop', 'restart']) {
      assert.equal((await failure(agent, action, name)).code, 4, `${action} ${JSON.stringify(name)}`)
    }
  }
  for (const name of ['sshd', 'getty@tty1.service', 'php8.2-fpm', 'pe-puppet', 'user@1000']) {
    assert.equal(isServiceName(name), true, name)
  }
})

test('service with noop: says what would be done, or why it could not, and does nothing', async () => {
  const missing = { ...STOPPED, LoadState: 'not-found' }
  const agent = agentOn(recordedHost([show('sshd'), show('ntp', STOPPED), show('nosuch', missing)]))
  const plan = async (action: string, service: string) => callAction(agent, action, { service, noop: true })
  const would = (action: string, service: string, from: string, to: string) => ({
    ...{ status: from, known: true, changes: [{ action, service, from, to }] },
  })
  assert.deepEqual(await plan('start', 'ntp'), would('start', 'ntp', 'stopped', 'running'))
  assert.deepEqual(await plan('stop', 'sshd'), would('stop', 'sshd', 'running', 'stopped'))
  assert.deepEqual(await plan('restart', 'sshd'), would('restart', 'sshd', 'running', 'running'))
  await assert.rejects(plan('start', 'sshd'), { message: "Could not start 'sshd': Service is already running" })
  await assert.rejects(plan('restart', 'nosuch'), { message: "Could not restart 'nosuch': unit not-found" })
  await assert.rejects(plan('start', 'nosuch'), { message: "Could not start 'nosuch': unit not-found" })
})

test('service: two operators on one service follow each other, and each gets a true answer', async () => {
  let running = true
  let acting = 0
  const host: Host = {
    async run(argv) {
      const [, verb, ...words] = argv
      const done = { status: 0, stdout: '', stderr: '', truncated: false }
      if (verb === 'show') {
        const state = running ? {} : STOPPED
        return { ...done, stdout: show(String(words.at(-1)), state).stdout ?? '' }
      }
      assert.equal(++acting, 1, 'two at once')
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
      running = verb !== 'stop'
      acting--
      return done
    },
  }
  const hurried = new HurriedClock()
  const still = new ManualClock()
  // Looking again comes at once, the end of anybody's patience never.
  const clock = Object.assign(still, {
    after: (ms: number, fn: () => void) => (ms < 1_000 ? hurried.after(ms, fn) : () => {}),
  })
  const agent = createServiceAgent(ddl, { host, files: SYSTEMD, clock })
  const outcomes = await Promise.allSettled(
    ['stop', 'stop', 'start', 'restart'].map((action) => callAction(agent, action, { service: 'web' })),
  )
  assert.deepEqual(
    outcomes.map((one) => (one.status === 'fulfilled' ? one.value.status : one.reason.message)),
    ['stopped', "Could not stop 'web': Service is already stopped", 'running', 'running'],
  )
})
