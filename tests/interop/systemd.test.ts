// The agent `service` and the units of our packages with a real systemd as the init of a host. What it says about units that fail, hang,
// are masked or unknown is what the agent has to make sense of. [agents 11, M-050, B-030]

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createServiceAgent } from '../../src/agents/service/service.ts'
import { callAction } from '../../src/agents/test-host.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createHost, createHostFiles } from '../../src/daemon/host.ts'
import { ActionFailed, type Agent } from '../../src/rpc/agent.ts'
import { parseDdl } from '../../src/rpc/ddl/parse.ts'
import { ensurePackage } from '../debian-package.ts'
import { bootSystemd, type SystemdHost } from './systemd-host.ts'

const ddlFile = new URL('../../src/agents/service/service.ddl', import.meta.url)
const ddl = parseDdl(readFileSync(ddlFile, 'utf8'), { kind: 'agent', name: 'service', file: 'service.ddl' })
const RUNNING = { status: 'running', known: true }
const STOPPED = { status: 'stopped', known: true }
let host: SystemdHost
let agent: Agent

before(async () => {
  ensurePackage('puppet-agent', '/usr/bin/puppet')
  host = await bootSystemd()
  const [programs, files] = [createHost(), createHostFiles()]
  const there = (path: string): string => `/proc/${host.pid}/root${path}`
  agent = createServiceAgent(ddl, {
    host: { run: (words, options) => programs.run([...host.enter, ...words] as [string, ...string[]], options) },
    files: { isProgram: (path) => files.isProgram(there(path)), readText: (path) => files.readText(there(path)) },
    clock: systemClock,
  })
})
after(() => host?.down())

const service = (lines: string): string => `[Service]\n${lines}\n`
const call = (action: string, name: string, more: object = {}) => callAction(agent, action, { service: name, ...more })
const mainPid = async (name: string): Promise<number> =>
  Number(await host.run(['systemctl', 'show', '--property=MainPID', '--value', '--', name]))

async function failure(action: string, name: string, signal?: AbortSignal): Promise<ActionFailed> {
  const outcome = await callAction(agent, action, { service: name }, {}, signal).catch((error: unknown) => error)
  assert.ok(outcome instanceof ActionFailed, `${action} ${name} did not fail: ${JSON.stringify(outcome)}`)
  assert.equal(outcome.statusCode, 1)
  return outcome
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(250)) if (await check()) return
  const { stdout } = await host.exec(['journalctl', '--no-pager', '--lines=30'])
  assert.fail(`${what} does not come about:\n${stdout}`)
}

test('service with the real systemd: start, status, restart, stop; noop does nothing', async () => {
  await host.unit('web.service', service('ExecStart=/usr/bin/sleep infinity'))
  assert.deepEqual(await call('status', 'web'), STOPPED)
  const changes = (action: string, from: string | null, to: string) => [{ action, service: 'web', from, to }]
  const plan = await call('start', 'web', { noop: true })
  assert.deepEqual(plan, { ...STOPPED, changes: changes('start', 'stopped', 'running') })
  assert.deepEqual(await call('status', 'web'), STOPPED)
  assert.deepEqual(await call('start', 'web'), { ...RUNNING, changes: changes('start', 'stopped', 'running') })
  const first = await mainPid('web')
  assert.ok(first > 0)
  assert.match((await failure('start', 'web')).message, /already running/)
  assert.deepEqual(await call('status', 'web.service'), RUNNING)
  assert.deepEqual(await call('restart', 'web'), { ...RUNNING, changes: changes('restart', null, 'running') })
  assert.notEqual(await mainPid('web'), first)
  assert.deepEqual(await call('stop', 'web'), { ...STOPPED, changes: changes('stop', 'running', 'stopped') })
  assert.match((await failure('stop', 'web')).message, /^Could not stop 'web': Service is already stopped$/)
})

test('service with the real systemd: a unit file that was changed is read again', async () => {
  await host.unit('moved.service', service('ExecStart=/usr/bin/sleep 1000'))
  await call('start', 'moved')
  const edit = 'sleep 1.1; sed -i s/1000/2000/ /etc/systemd/system/moved.service'
  await host.run(['sh', '-c', edit])
  assert.deepEqual((await call('restart', 'moved')).status, 'running')
  const words = readFileSync(`/proc/${host.pid}/root/proc/${await mainPid('moved')}/cmdline`, 'utf8')
  assert.equal(words, '/usr/bin/sleep\u00002000\u0000')
})

test('service with the real systemd: what does not come back is a failure with its reason', async () => {
  await host.unit('weak.service', service('ExecStart=/bin/sh -c "exit 3"'))
  await host.unit('absent.service', service('ExecStart=/usr/bin/no-such-program'))
  await host.unit('late.service', service('Type=notify\nTimeoutStartSec=1\nExecStart=/usr/bin/sleep infinity'))
  await host.unit('empty.service', '[Service]\n')
  const why = {
    weak: /^Could not start 'weak': Service did not come back, it is stopped: Result exit-code, exit status 3$/,
    absent: /did not come back, it is stopped: Result exit-code, exit status 203$/,
    late: /did not come back, it is stopped: Job for late\.service failed because a timeout was exceeded\./,
    empty: /did not come back, it is stopped: .*has a bad unit file setting/,
  }
  for (const [name, message] of Object.entries(why)) {
    const failed = await failure('start', name)
    assert.match(failed.message, message)
    assert.deepEqual(failed.data, STOPPED)
  }
})

test('service with the real systemd: one that systemd starts again and again did not come back', async () => {
  const crashes = 'Restart=always\nRestartSec=50ms\nExecStart=/bin/sh -c "sleep 0.3; exit 4"'
  await host.unit('crash.service', service(crashes))
  const { message, data } = await failure('start', 'crash')
  assert.match(
    message,
    /^Could not start 'crash': Service did not come back, it is stopped: Result (exit-code|start-limit-hit)/,
  )
  assert.deepEqual(data, STOPPED)
})

test('service with the real systemd: one that comes up at the second attempt is running', async () => {
  const second =
    'Restart=on-failure\nRestartSec=50ms\nExecStart=/bin/sh -c "mkdir /run/first || exec sleep infinity; exit 1"'
  await host.unit('second.service', service(second))
  assert.equal((await call('start', 'second')).status, 'running')
})

test('service with the real systemd: hangs on stop: ended by systemd, or left to it when the time is over', async () => {
  const deaf = `ExecStart=/bin/sh -c "trap '' TERM; while :; do sleep 0.1; done"`
  await host.unit('deaf.service', service(`${deaf}\nTimeoutStopSec=1`))
  await host.unit('endless.service', service(`${deaf}\nTimeoutStopSec=infinity`))
  for (const name of ['deaf', 'endless']) await call('start', name)
  assert.equal((await call('stop', 'deaf')).status, 'stopped')
  const abort = new AbortController()
  const stopping = failure('stop', 'endless', abort.signal)
  await pause(1000)
  const pid = await mainPid('endless')
  abort.abort()
  await stopping
  assert.equal(await mainPid('endless'), pid, 'the service itself was not to be killed')
  await host.run(['systemctl', 'kill', '--signal=KILL', 'endless'])
})

test('service with the real systemd: masked, unknown, and instances of a template', async () => {
  await host.run(['sh', '-c', 'ln -s /dev/null /etc/systemd/system/masked.service; systemctl daemon-reload'])
  assert.deepEqual(await call('status', 'masked'), STOPPED)
  assert.match((await failure('start', 'masked')).message, /Unit masked\.service is masked/)
  assert.match((await failure('restart', 'masked')).message, /Unit masked\.service is masked/)
  assert.deepEqual(await call('status', 'nosuch'), { status: 'stopped', known: false })
  assert.match((await failure('stop', 'nosuch')).message, /already stopped, unit not-found$/)
  const { message, data } = await failure('restart', 'nosuch')
  assert.match(message, /^Could not restart 'nosuch': .*Unit nosuch\.service not found\.$/)
  assert.deepEqual(data, { status: 'stopped', known: false })
  await host.unit('each@.service', service('ExecStart=/usr/bin/sleep %i'))
  assert.equal((await call('start', 'each@1234')).status, 'running')
  assert.deepEqual(await call('status', 'each@1.service'), STOPPED)
})

test('units of the packages: systemd finds nothing wrong with them', async () => {
  const { code, stdout, stderr } = await host.exec([
    'systemd-analyze',
    'verify',
    '--man=no',
    'mcollective.service',
    'troupe-broker.service',
    'troupe-console.service',
  ])
  assert.deepEqual([code, stdout, stderr], [0, '', ''])
})

const answers = async (): Promise<boolean> =>
  (await host.exec(['su', '-', 'peadmin', '-c', 'mco find --dt 1'], 8000)).stdout === 'master.example.com\n'

test('units of the packages: broker and node start, answer, and hold what they promise', async () => {
  await host.run(['mco', 'setup', 'master'])
  await host.run(['systemctl', 'start', 'troupe-broker', 'mcollective'])
  await until('the node', answers)
  const status = readFileSync(`/proc/${host.pid}/root/proc/${await mainPid('troupe-broker')}/status`, 'utf8')
  for (const line of [/^CapEff:\t0+$/m, /^CapBnd:\t0+$/m, /^NoNewPrivs:\t1$/m, /^Seccomp:\t2$/m])
    assert.match(status, line)
  // As root with all rights, and yet: only the mounts of the unit are between it and these files.
  const inside = ['nsenter', '--mount', '--target', String(await mainPid('troupe-broker')), '--']
  const look = 'cat /etc/shadow; ls -A /home; touch /etc/x /usr/x; ls -A /dev | wc -l'
  const { stdout, stderr } = await host.exec([...inside, 'sh', '-c', look])
  assert.match(stdout, /^\d\d?\n$/, 'it sees passwords, homes or devices')
  assert.match(stderr, /'\/etc\/x': Read-only file system\n.*'\/usr\/x': Read-only file system/)
})

test('units of the packages: the console serves, reaches the broker, reads what it must and nothing else', async () => {
  await host.run(['systemctl', 'start', 'troupe-console'])
  const log = async (): Promise<string> => host.run(['journalctl', '--no-pager', '--unit=troupe-console'])
  await until('the console', async () => /Console https:\/\/127\.0\.0\.1:4433\n/.test(await log()))
  assert.doesNotMatch(await log(), /#token=|could not|cannot|no broker/)
  const status = readFileSync(`/proc/${host.pid}/root/proc/${await mainPid('troupe-console')}/status`, 'utf8')
  // CAP_DAC_READ_SEARCH and CAP_NET_BIND_SERVICE.
  for (const line of [/^CapBnd:\t0+404$/m, /^NoNewPrivs:\t1$/m, /^Seccomp:\t2$/m]) assert.match(status, line)
  const inside = ['nsenter', '--mount', '--target', String(await mainPid('troupe-console')), '--']
  const { stdout, stderr } = await host.exec([
    ...inside,
    'sh',
    '-c',
    'cat /etc/shadow; ls -A /home; touch /etc/x /usr/x',
  ])
  assert.equal(stdout, '', 'it sees passwords or homes')
  assert.match(stderr, /'\/etc\/x': Read-only file system\n.*'\/usr\/x': Read-only file system/)
  assert.match(await host.run(['mco', 'console', 'link', '-c', '/etc/puppetlabs/mcollective/client.cfg']), /#token=/)
  await host.run(['systemctl', 'stop', 'troupe-console'])
  const shown = await host.run(['systemctl', 'show', '--property=ActiveState,Result', '--', 'troupe-console'])
  assert.deepEqual(shown.trim().split('\n').sort(), ['ActiveState=inactive', 'Result=success'])
})

test('units of the packages: the node is restarted when it crashes, reloaded, and stopped without a delay', async () => {
  const first = await mainPid('mcollective')
  await host.run(['systemctl', 'kill', '--kill-who=main', '--signal=KILL', 'mcollective'])
  await until('the node after a crash', async () => ![0, first].includes(await mainPid('mcollective')) && answers())
  const second = await mainPid('mcollective')
  await host.run(['systemctl', 'reload', 'mcollective'])
  await until('the node after a reload', answers)
  assert.equal(await mainPid('mcollective'), second)
  await host.run(['systemctl', 'restart', 'troupe-broker'])
  await until('the node after a restart of the broker', answers)
  await host.run(['systemctl', 'stop', 'mcollective', 'troupe-broker'])
  for (const name of ['mcollective', 'troupe-broker']) {
    const shown = await host.run(['systemctl', 'show', '--property=ActiveState,Result', '--', name])
    assert.deepEqual(shown.trim().split('\n').sort(), ['ActiveState=inactive', 'Result=success'], name)
  }
})

test('units of the packages: a Puppet run outlives the node it was asked of', async () => {
  const script = '#!/bin/sh\n[ "$1" = config ] && exec /usr/bin/puppet "$@"\nexec sleep 600\n'
  const fake = `printf '%s' '${script}' > /root/agent && chmod 755 /root/agent`
  const config = 'echo "plugin.puppet.command = /root/agent" >> /etc/puppetlabs/mcollective/server.cfg'
  await host.run(['sh', '-c', `${fake} && ${config} && systemctl start troupe-broker mcollective`])
  await until('the node', answers)
  await host.run(['su', '-', 'peadmin', '-c', 'mco puppet runonce --force'])
  const units = (): Promise<string> =>
    host.run(['systemctl', 'list-units', '--plain', '--no-legend', '--state=running', 'run-*'])
  assert.match(await units(), /^run-\w+\.service .*Puppet run asked for through mcollectived/)
  await host.run(['systemctl', 'stop', 'mcollective'])
  assert.match(await units(), /^run-\w+\.service /)
})
