// What we read and write of the Puppet agent's state against the real one, Debian's Puppet 7: settings, locks written by either side,
// runs, summaries, single resources. All its folders are temporary ones; the Puppet of this machine is left alone. [agents 9.1, 10.1]

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHost } from '../../src/daemon/host.ts'
import { createLocalMachine } from '../../src/puppet/agent/local-machine.ts'
import { createPuppetAgent, type PuppetAgent } from '../../src/puppet/agent/puppet-agent.ts'
import { ensurePackage } from '../debian-package.ts'

const PUPPET = '/usr/bin/puppet'
let root: string
/** A program that is the real Puppet with folders of its own. */
let program: string
let puppet: PuppetAgent
const machine = createLocalMachine(createHost().run)

before(() => {
  if (!existsSync(PUPPET)) ensurePackage('puppet-agent', PUPPET)
  root = mkdtempSync(join(tmpdir(), 'puppet-agent-'))
  program = join(root, 'puppet')
  const folders = ['conf', 'var', 'public', 'run', 'log'].map((name) => `--${name}dir ${join(root, name)}`).join(' ')
  writeFileSync(program, `#!/bin/sh\nexec ${PUPPET} "$@" ${folders}\n`)
  chmodSync(program, 0o755)
  // A master that cannot be reached, at once.
  execFileSync('mkdir', ['-p', join(root, 'conf')])
  writeFileSync(join(root, 'conf', 'puppet.conf'), '[main]\nserver = localhost\nserverport = 1\nreport = false\n')
  puppet = createPuppetAgent(machine, { command: `${program} agent` })
})
after(() => rmSync(root, { recursive: true, force: true }))

/** With reports, which the configuration switches off: single resources must get theirs all the same. */
const real = (...words: string[]) =>
  spawnSync(program, [...words, ...(words[0] === 'apply' ? ['--report'] : [])], { encoding: 'utf8' })

test('settings: all files are where this Puppet says, two locks, --serverport', async () => {
  const settings = await puppet.settings()
  assert.deepEqual(settings.locks, {
    kind: 'two',
    disabled: join(root, 'var/state/agent_disabled.lock'),
    running: join(root, 'var/state/agent_catalog_run.lock'),
  })
  assert.equal(settings.pidFile, join(root, 'run/agent.pid'))
  assert.equal(settings.summaryFile, join(root, 'public/last_run_summary.yaml'))
  assert.equal(settings.portOption, '--serverport')
})

test('Puppet never ran: nothing is known and nothing fails', async () => {
  assert.deepEqual([await puppet.lastRunAt(), await puppet.lastActivityAt()], [0, 0])
  assert.deepEqual(await puppet.logs(), [])
  assert.deepEqual(Object.keys(await puppet.managedByType()), [])
})

test('the real Puppet obeys our lock and shows our reason', async () => {
  assert.equal(await puppet.disable('because "we" said so'), 'done')
  const run = real('agent', '--onetime', '--no-daemonize', '--verbose', '--color=false')
  assert.equal(run.status, 1)
  assert.match(run.stdout, /administratively disabled \(Reason: 'because "we" said so'\)/)
  assert.equal(real('agent', '--enable').status, 0)
  assert.equal((await puppet.state()).enabled, true)
})

test('we read the lock of the real Puppet and remove it', async () => {
  assert.equal(real('agent', '--disable', "it's mine").status, 0)
  assert.deepEqual([(await puppet.state()).enabled, (await puppet.state()).disableMessage], [false, "it's mine"])
  assert.equal(await puppet.disable('ours'), 'already')
  assert.equal(await puppet.enable(), 'done')
  const run = real('agent', '--onetime', '--no-daemonize', '--verbose', '--color=false')
  assert.doesNotMatch(run.stdout, /administratively disabled/)
})

test('startRun: the run lives on its own in its own session, and is seen before it holds the lock', async () => {
  const before = await puppet.lastRunAt()
  const command = await puppet.startRun(`${program} agent`, ['--onetime', '--no-daemonize', '--color=false'], {
    splay: false,
  })
  assert.equal(command, `${program} agent --onetime --no-daemonize --color=false --no-splay`)
  let seen = false
  for (let i = 0; i < 600 && !seen; i++) {
    seen = await puppet.singleRun()
    if (!seen) await sleep(50)
  }
  assert.ok(seen, 'the run is seen while it loads')
  for (let i = 0; i < 600 && (await puppet.singleRun()); i++) await sleep(100)
  assert.equal(await puppet.singleRun(), false)
  assert.ok((await puppet.lastRunAt()) >= before)
})

test('apply: changes a file, tells what it did, and leaves summary, report and state of the agent alone [A7]', async () => {
  // A run to have files that could be spoiled.
  real('apply', '-e', `file { '${join(root, 'managed')}': content => 'x' }`)
  const { summaryFile, reportFile, stateFile } = await puppet.settings()
  const files = [summaryFile, reportFile, stateFile]
  for (const file of files) assert.ok(existsSync(file), file)
  const stamps = files.map((file) => [statSync(file).mtimeMs, statSync(file).ino, readFileSync(file, 'utf8')])
  const target = join(root, "a 'hostile' $(name) é")
  const file = { type: 'File', title: target, parameters: { ensure: 'file', content: "it's; `x` $y\né" } }
  const first = await puppet.apply(file)
  assert.deepEqual([first.failed, first.changed], [false, true])
  assert.equal(readFileSync(target, 'utf8'), "it's; `x` $y\né")
  assert.match(first.logs.map(({ message }) => message).join('\n'), /defined content as/)
  const again = await puppet.apply(file)
  assert.deepEqual([again.failed, again.changed, again.events.length], [false, false, 0])
  const gone = await puppet.apply({ ...file, parameters: { ensure: 'absent' } }, { noop: true })
  assert.deepEqual([gone.changed, gone.events[0]?.status, existsSync(target)], [false, 'noop', true])
  assert.deepEqual(
    files.map((path) => [statSync(path).mtimeMs, statSync(path).ino, readFileSync(path, 'utf8')]),
    stamps,
  )
})

test('apply: failures, unknown types and impossible parameters say why', async () => {
  const failed = await puppet.apply({ type: 'Exec', title: '/bin/false', parameters: {} })
  assert.equal(failed.failed, true)
  assert.match(failed.events[0]?.message ?? '', /returned 1 instead of one of \[0\]/)
  await assert.rejects(
    puppet.apply({ type: 'Nosuchtype', title: 'x', parameters: {} }),
    /Could not find type nosuchtype/,
  )
  await assert.rejects(puppet.apply({ type: 'File', title: 'relative', parameters: {} }), /must be fully qualified/)
  await assert.rejects(puppet.apply({ type: 'File', title: '/tmp/x', parameters: { nosuch: '1' } }), /nosuch/)
})

test('summary and logs: those of a real run are read whole', async () => {
  real('apply', '-e', "notify { 'hello': } exec { '/bin/false': }")
  const summary = await puppet.summary()
  assert.deepEqual([summary.resources.failed, summary.resources.changed], [1, 1])
  assert.ok(Math.abs(summary.lastRunAt - Date.now() / 1000) < 120)
  const logs = await puppet.logs()
  assert.ok(logs.some(({ level, message }) => level === 'notice' && message === 'hello'))
  assert.ok(logs.some(({ level, message }) => level === 'err' && /returned 1/.test(message)))
})
