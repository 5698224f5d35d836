// The agent `service` with real init scripts and real processes in a directory of their own, and with the real systemctl of a machine that
// was not booted by systemd. [M-050, B-030]

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createServiceAgent } from '../../src/agents/service/service.ts'
import { callAction } from '../../src/agents/test-host.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createHost, createHostFiles } from '../../src/daemon/host.ts'
import { ActionFailed, type Agent } from '../../src/rpc/agent.ts'
import { parseDdl } from '../../src/rpc/ddl/parse.ts'
import type { Host } from '../../src/rpc/host.ts'
import { ensurePackage } from '../debian-package.ts'

const ddlFile = new URL('../../src/agents/service/service.ddl', import.meta.url)
const ddl = parseDdl(readFileSync(ddlFile, 'utf8'), { kind: 'agent', name: 'service', file: 'service.ddl' })
const SCRIPTS = '/etc/init.d/'
let directory: string

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'init-'))
})
after(async () => {
  for (const name of ['web', 'stubborn']) {
    const pid = pidOf(name)
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }
  rmSync(directory, { recursive: true })
})

/** A script as Debian's packages have them: `stop` is what differs. */
function script(name: string, program: string, stop: string): void {
  const pidFile = join(directory, `${name}.pid`)
  const text = `#!/bin/sh
. /lib/lsb/init-functions
case "$1" in
  start) start-stop-daemon --start --quiet --background --make-pidfile --pidfile ${pidFile} --exec ${program} ;;
  stop) ${stop.replaceAll('PIDFILE', pidFile)} ;;
  restart) $0 stop; $0 start ;;
  status) status_of_proc -p ${pidFile} ${program.split(' ')[0]} ${name} ;;
  *) echo "Usage: $0 {start|stop|restart|status}" >&2; exit 3 ;;
esac
`
  writeFileSync(join(directory, name), text, { mode: 0o755 })
}

function pidOf(name: string): number | undefined {
  const file = join(directory, `${name}.pid`)
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8'))
  return existsSync(`/proc/${pid}/stat`) && !/ Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? pid : undefined
}

/** The machine itself, with the directory in the place of /etc/init.d. */
function agent(comm = 'init\n'): Agent {
  const [host, files] = [createHost(), createHostFiles()]
  const moved = (path: string): string =>
    path.startsWith(SCRIPTS) ? join(directory, path.slice(SCRIPTS.length)) : path
  const movedHost: Host = { run: ([program, ...words], options) => host.run([moved(program), ...words], options) }
  const movedFiles = {
    isProgram: (path: string) => files.isProgram(moved(path)),
    readText: async (path: string) => (path === '/proc/1/comm' ? comm : files.readText(path)),
  }
  return createServiceAgent(ddl, { host: movedHost, files: movedFiles, clock: systemClock })
}

async function failure(action: string, service: string, signal?: AbortSignal, comm?: string): Promise<ActionFailed> {
  const outcome = await callAction(agent(comm), action, { service }, {}, signal).catch((error: unknown) => error)
  assert.ok(outcome instanceof ActionFailed, `${action} did not fail: ${JSON.stringify(outcome)}`)
  return outcome
}

test('service with real init scripts: start, status, restart, stop of a real process', async () => {
  script('web', '/usr/bin/sleep -- 60', 'start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile PIDFILE')
  const on = { service: 'web' }
  assert.deepEqual(await callAction(agent(), 'status', on), { status: 'stopped', known: true })
  const started = [{ action: 'start', service: 'web', from: 'stopped', to: 'running' }]
  assert.deepEqual(await callAction(agent(), 'start', on), { status: 'running', known: true, changes: started })
  const first = pidOf('web')
  const plan = [{ action: 'stop', service: 'web', from: 'running', to: 'stopped' }]
  assert.deepEqual((await callAction(agent(), 'stop', { ...on, noop: true })).changes, plan)
  assert.equal(pidOf('web'), first, 'noop did something')
  assert.ok(first)
  assert.match((await failure('start', 'web')).message, /already running/)
  const restarted = [{ action: 'restart', service: 'web', from: null, to: 'running' }]
  assert.deepEqual(await callAction(agent(), 'restart', on), { status: 'running', known: true, changes: restarted })
  assert.notEqual(pidOf('web'), first)
  const stopped = [{ action: 'stop', service: 'web', from: 'running', to: 'stopped' }]
  assert.deepEqual(await callAction(agent(), 'stop', on), { status: 'stopped', known: true, changes: stopped })
  assert.equal(pidOf('web'), undefined)
  assert.deepEqual(await callAction(agent(), 'status', { service: 'nosuch' }), { status: 'stopped', known: false })
})

test('service with real init scripts: one that falls over is a failure with its state', async () => {
  // Says that it was started; its process is gone and has left its pid file.
  writeFileSync(join(directory, 'weak'), '#!/bin/sh\n[ "$1" = status ] && exit 1\nexit 0\n', { mode: 0o755 })
  const { statusCode, message, data } = await failure('restart', 'weak')
  assert.equal(statusCode, 1)
  assert.match(
    message,
    /^Could not restart 'weak': Service did not come back, it is stopped: dead, its pid file is left$/,
  )
  assert.deepEqual(data, { status: 'stopped', known: true })
})

test('service with real init scripts: one that hangs on stop is left alone, its stop is ended with all it started', async () => {
  const child = join(directory, 'child.pid')
  script('stubborn', '/usr/bin/sleep -- 60', `sh -c 'trap "" TERM; echo $$ > ${child}; exec sleep 50' & wait; sleep 50`)
  await callAction(agent(), 'start', { service: 'stubborn' })
  const abort = new AbortController()
  const stopping = failure('stop', 'stubborn', abort.signal)
  for (let i = 0; i < 200 && !existsSync(child); i++) await pause(20)
  await pause(100)
  abort.abort()
  await stopping
  const pid = Number(readFileSync(child, 'utf8'))
  for (let i = 0; i < 200 && existsSync(`/proc/${pid}`); i++) await pause(20)
  assert.equal(existsSync(`/proc/${pid}`), false, 'what the script had started is still there')
  assert.ok(pidOf('stubborn'), 'the service itself was not to be killed')
})

test('service with the real systemctl: what it says when it cannot work is the reason', async () => {
  ensurePackage('systemd', '/usr/bin/systemctl')
  if (/systemd/.test(readFileSync('/proc/1/comm', 'utf8'))) {
    const outcome = await callAction(agent('systemd\n'), 'status', { service: 'no-such-service' })
    assert.deepEqual(outcome, { status: 'stopped', known: false })
  } else {
    const { statusCode, message } = await failure('status', 'ssh', undefined, 'systemd\n')
    assert.equal(statusCode, 1)
    assert.match(message, /^Could not get the status of 'ssh': .*(not been booted with systemd|connect to bus)/)
  }
})
