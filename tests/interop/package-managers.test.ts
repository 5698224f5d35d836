// The agent `package` with real apt, dnf, rpm and zypper, each in a root of its own with a local repository: nothing of the machine is
// touched. Installs what it needs from Debian. `TROUPE_RECORD=1` writes the runs down for the unit tests. [M-051]

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createApt } from '../../src/agents/package/apt.ts'
import { createUpdatesMemory, rememberUpdates } from '../../src/agents/package/apt-updates.ts'
import { createDnf, DNF } from '../../src/agents/package/dnf.ts'
import { createPackageAgent } from '../../src/agents/package/package.ts'
import type { PackageManager } from '../../src/agents/package/package-system.ts'
import { createZypper, ZYPPER } from '../../src/agents/package/zypper.ts'
import { callAction } from '../../src/agents/test-host.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createHost } from '../../src/daemon/host.ts'
import { ActionFailed, type Agent } from '../../src/rpc/agent.ts'
import { parseDdl } from '../../src/rpc/ddl/parse.ts'
import type { Host } from '../../src/rpc/host.ts'
import { ensurePackage } from '../debian-package.ts'
import { dnfWords, makeDebRepository, makeRpmRepository } from './package-repository.ts'

const RECORD = process.env.TROUPE_RECORD !== undefined
const runs: object[] = []
let directory = ''
const clock = systemClock
const ddlFile = new URL('../../src/agents/package/package.ddl', import.meta.url)
const ddl = parseDdl(readFileSync(ddlFile, 'utf8'), { kind: 'agent', name: 'package', file: 'package.ddl' })
const signal = new AbortController().signal

before(() => {
  ensurePackage('rpm', '/usr/bin/rpmbuild')
  ensurePackage('dnf', DNF)
  ensurePackage('createrepo-c', '/usr/bin/createrepo_c')
  ensurePackage('zypper', ZYPPER)
  directory = mkdtempSync(join(tmpdir(), 'packages-'))
})
after(() => {
  if (directory !== '') rmSync(directory, { recursive: true, force: true })
  if (!RECORD) return
  const text = JSON.stringify(runs, null, 1).replaceAll(directory, '/test')
  writeFileSync(new URL('../fixtures/package/runs.json', import.meta.url), `${text}\n`)
})

/** The machine itself, its commands written down. */
function recordingHost(): Host {
  const host = createHost()
  return {
    async run(argv, options) {
      const result = await host.run(argv, options)
      runs.push({ command: argv.join(' '), status: result.status, stdout: result.stdout, stderr: result.stderr })
      return result
    },
  }
}

function agentWith(manager: PackageManager): Agent {
  const none = () => Promise.reject(new Error('there is no such manager here'))
  return createPackageAgent(ddl, { clock, packages: () => ({ manager: async () => manager, apt: none, yum: none }) })
}

async function failure(agent: Agent, action: string, data: Record<string, string | boolean>): Promise<ActionFailed> {
  const outcome = await callAction(agent, action, data).catch((error: unknown) => error)
  assert.ok(outcome instanceof ActionFailed, `${action} did not fail: ${JSON.stringify(outcome)}`)
  return outcome
}

/** What every package manager has to do, from an empty root on. */
async function everything(agent: Agent, one: string, two: string, absent: string): Promise<void> {
  const hello = { package: 'hello' }
  const ensure = async (name = 'hello') => (await callAction(agent, 'status', { package: name })).ensure
  assert.equal(await ensure(), absent)
  const planned = await callAction(agent, 'install', { package: 'greeter', noop: true })
  assert.deepEqual(names(planned.changes), ['greeter', 'hello'])
  assert.equal(await ensure('greeter'), absent, 'noop changed something')
  const first = await callAction(agent, 'install', { ...hello, version: one })
  assert.equal(first.ensure, one)
  assert.equal(first.exitcode, 0)
  assert.deepEqual(names(first.changes), ['hello'])
  await callAction(agent, 'install', { package: 'bystander' })
  const refused = await failure(agent, 'install', hello)
  assert.deepEqual([refused.statusCode, refused.message, refused.data.ensure], [1, 'Package is already installed', one])
  const updates = await callAction(agent, 'checkupdates', {})
  const outdated = updates.outdated_packages as { package: string; version: string; repo: string }[]
  assert.deepEqual(names(outdated), ['hello'])
  assert.equal(outdated[0]?.version, two)
  const plan = await callAction(agent, 'update', { ...hello, noop: true })
  assert.deepEqual([names(plan.changes), plan.ensure], [['hello'], one])
  assert.equal((await callAction(agent, 'update', hello)).ensure, two)
  assert.deepEqual((await callAction(agent, 'checkupdates', {})).outdated_packages, [])
  assert.equal(
    (await callAction(agent, 'install', { ...hello, version: one })).ensure,
    one,
    'an older version was asked for',
  )
  await callAction(agent, 'install', { package: 'greeter' })
  assert.equal((await callAction(agent, 'count', {})).output, '3')
  assert.match(String((await callAction(agent, 'md5', {})).output), /^[0-9a-f]{32}$/)
  const nosuch = await failure(agent, 'install', { package: 'nosuch' })
  assert.equal(nosuch.statusCode, 1)
  assert.match(nosuch.message, /^Could not install 'nosuch': .*nosuch/)
  assert.match((await failure(agent, 'install', { ...hello, version: '9.9' })).message, /^Could not install 'hello': /)
  for (const action of ['update', 'uninstall', 'purge']) {
    const absentNow = await failure(agent, action, { package: 'nosuch' })
    assert.deepEqual([absentNow.statusCode, absentNow.message], [1, 'Package is not present on the system'])
  }
  const removal = await callAction(agent, 'purge', { ...hello, noop: true })
  assert.deepEqual(names(removal.changes), ['greeter', 'hello'])
  const purged = await callAction(agent, 'purge', hello)
  assert.equal(purged.ensure, absent)
  assert.deepEqual(names(purged.changes), ['greeter', 'hello'])
  assert.equal((await callAction(agent, 'refresh', {})).exitcode, 0)
  const gone = await callAction(agent, 'uninstall', { package: 'bystander' })
  assert.deepEqual([gone.exitcode, names(gone.changes)], [0, ['bystander']])
}

/** Names without architecture, sorted. */
function names(changes: unknown): string[] {
  return (changes as { package: string }[]).map((change) => change.package.replace(/\.noarch$/, '')).sort()
}

test('package with real apt: status, install, update, downgrade, remove, purge, lists, plans', async () => {
  const root = join(directory, 'apt')
  const other = makeDebRepository(root)
  // With a memory, as the daemon has it: it must not show.
  const apt = rememberUpdates(createApt(recordingHost(), other), createHost(), createUpdatesMemory(), other)
  assert.equal((await apt.refresh(signal)).exitcode, 0)
  const agent = agentWith(apt)
  await everything(agent, '1:1.0-1', '1:2.0-1', 'purged')
  // A package whose script fails is there and is not: it can be purged.
  assert.match(
    (await failure(agent, 'install', { package: 'clumsy' })).message,
    /^Could not install 'clumsy': dpkg: error processing package clumsy \(--configure\): installed clumsy package post-inst/,
  )
  assert.equal((await callAction(agent, 'purge', { package: 'clumsy' })).ensure, 'purged')
  // Removed, not purged: configuration files are left and can be purged.
  await callAction(agent, 'install', { package: 'hello' })
  assert.equal((await callAction(agent, 'uninstall', { package: 'hello' })).ensure, 'absent')
  assert.equal((await callAction(agent, 'purge', { package: 'hello' })).ensure, 'purged')
})

test('package with real apt: says what it is doing while it does it', async () => {
  const apt = createApt(createHost(), makeDebRepository(join(directory, 'talking')))
  const said: { text: string; percent?: number }[] = []
  const progress = (text: string, percent?: number): void =>
    void said.push({ text, ...(percent === undefined ? {} : { percent }) })
  const call = (action: string, data: Record<string, string> = {}) =>
    callAction(agentWith(apt), action, data, {}, signal, progress)
  await call('refresh')
  await call('install', { package: 'greeter' })
  const texts = said.map(({ text }) => text)
  for (const step of [/^Running dpkg/, /^(Preparing|Unpacking) hello/, /^Configuring greeter|^Installed greeter/])
    assert.ok(
      texts.some((text) => step.test(text)),
      `${step} is not in ${JSON.stringify(texts)}`,
    )
  const percents = said.flatMap(({ percent }) => (percent === undefined ? [] : [percent]))
  assert.ok(percents.length > 4 && percents.every((percent) => percent >= 0 && percent <= 100))
})

test('package with real dnf and zypper: say what they are doing while they do it', async () => {
  const folder = join(directory, 'talking-rpm')
  const root = join(folder, 'root')
  mkdirSync(root, { recursive: true })
  const repository = makeRpmRepository(folder)
  const host = createHost()
  const words = ['--root', join(folder, 'other'), '--no-gpg-checks']
  mkdirSync(join(folder, 'other'))
  await host.run(['/usr/bin/zypper', ...words, '--non-interactive', 'addrepo', `dir:${repository}`, 'local'])
  const managers = [
    createDnf(host, DNF, { words: dnfWords(folder, repository, root), root }),
    createZypper(host, { words, root: join(folder, 'other') }),
  ]
  for (const manager of managers) {
    const said: string[] = []
    const agent = agentWith(manager)
    await callAction(agent, 'install', { package: 'greeter' }, {}, signal, (text, percent) =>
      said.push(`${percent === undefined ? '' : `${Math.round(percent)}% `}${text}`),
    )
    assert.ok(said.includes('50% Installing greeter-1.0-1.noarch'), `${manager.name}: ${said.join(', ')}`)
  }
})

test('package with real apt: two operators at once each get a true answer', async () => {
  const apt = createApt(createHost(), makeDebRepository(join(directory, 'two')))
  await apt.refresh(signal)
  const agent = agentWith(apt)
  const answers = async (action: string): Promise<string[]> => {
    const both = [1, 2].map(() => callAction(agent, action, { package: 'hello' }))
    const settled = await Promise.allSettled(both)
    return settled.map((one) => (one.status === 'fulfilled' ? `ok ${one.value.ensure}` : one.reason.message)).sort()
  }
  assert.deepEqual(await answers('install'), ['Package is already installed', 'ok 1:2.0-1'])
  assert.deepEqual(await answers('purge'), ['Package is not present on the system', 'ok purged'])
})

test('package with real apt: updates are worked out once, and again after anything has changed [R-044]', async () => {
  const root = join(directory, 'remembered')
  const other = makeDebRepository(root)
  const host = createHost()
  let simulations = 0
  const counting: Host = {
    run: (argv, options) => {
      if (argv.includes('dist-upgrade')) simulations++
      return host.run(argv, options)
    },
  }
  const apt = rememberUpdates(createApt(counting, other), host, createUpdatesMemory(), other)
  const agent = agentWith(apt)
  await apt.refresh(signal)
  await callAction(agent, 'install', { package: 'hello', version: '1:1.0-1' })
  const fresh = async () => (await createApt(host, other).outdated(signal)).output
  const changes: readonly (readonly [string, () => unknown])[] = [
    ['nothing yet', () => {}],
    ['a package', () => callAction(agent, 'install', { package: 'bystander' })],
    [
      'a pin',
      () =>
        writeFileSync(
          join(root, 'root/etc/apt/preferences.d/hello'),
          'Package: hello\nPin: version *\nPin-Priority: -1\n',
        ),
    ],
    ['no pin', () => rmSync(join(root, 'root/etc/apt/preferences.d/hello'))],
    ['a setting', () => writeFileSync(join(root, 'root/etc/apt/apt.conf.d/x'), 'APT::Get::Show-Versions "true";\n')],
    ['lists', () => writeFileSync(join(root, 'repository/Packages'), '')],
    ['lists that were fetched', () => apt.refresh(signal)],
  ]
  for (const [what, change] of changes) {
    await change()
    const before = simulations
    const { output } = await apt.outdated(signal)
    assert.deepEqual(await apt.outdated(signal), await apt.outdated(signal))
    assert.equal(simulations, before + 1, what)
    assert.equal(output, await fresh(), what)
  }
})

test('package with real apt: a held lock is a clear failure at once', async () => {
  const root = join(directory, 'locked')
  const other = makeDebRepository(root)
  const host = recordingHost()
  const agent = agentWith(createApt(host, other))
  await createApt(host, other).refresh(signal)
  // Holds the lock as apt does.
  const program = `import fcntl,sys,time
f=open(sys.argv[1],'w'); fcntl.lockf(f,fcntl.LOCK_EX); print('held',flush=True); time.sleep(60)`
  const { spawn } = await import('node:child_process')
  const holder = spawn('/usr/bin/python3', ['-c', program, join(other.adminDir, 'lock-frontend')], { stdio: 'pipe' })
  try {
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    const { statusCode, message } = await failure(agent, 'install', { package: 'hello' })
    assert.equal(statusCode, 1)
    assert.match(message, /^Could not install 'hello': Could not get lock .*lock-frontend\. It is held by process \d+/)
  } finally {
    holder.kill('SIGKILL')
  }
})

test('package with real apt: names that are patterns, options or removals never reach it', async () => {
  const agent = agentWith(createApt(recordingHost(), makeDebRepository(join(directory, 'names'))))
  for (const name of [
    '-oDebug::x',
    '; rm',
    'hello-',
    'hel*',
    '?installed',
    '~n.',
    './x.deb',
    'hello/stable',
    'hello=1.0-1',
  ]) {
    assert.equal((await failure(agent, 'install', { package: name })).statusCode, 4, name)
  }
  // A name that would be a regular expression is only a name.
  assert.match((await failure(agent, 'install', { package: 'hell.' })).message, /Unable to locate package hell\./)
})

test('package with real dnf and rpm: status, install, update, downgrade, remove, purge, lists, plans', async () => {
  const folder = join(directory, 'dnf')
  const root = join(folder, 'root')
  mkdirSync(root, { recursive: true })
  const repository = makeRpmRepository(folder)
  const dnf = createDnf(recordingHost(), DNF, { words: dnfWords(folder, repository, root), root })
  const agent = agentWith(dnf)
  await everything(agent, '1:1.0-1', '1:2.0-1', 'absent')
  assert.match(
    (await failure(agent, 'install', { package: 'clumsy' })).message,
    /^Could not install 'clumsy': .*clumsy/,
  )
  // rpm -e leaves alone what another package needs.
  await callAction(agent, 'install', { package: 'greeter' })
  assert.match((await failure(agent, 'uninstall', { package: 'hello' })).message, /needed by .*greeter/)
  assert.equal((await dnf.clean('all', signal)).exitcode, 0)
  assert.match((await dnf.clean('headers', signal)).failure ?? '', /headers/)
})

test('package with real zypper: status, install, update, downgrade, remove, purge, lists, plans', async () => {
  const folder = join(directory, 'zypper')
  const root = join(folder, 'root')
  mkdirSync(root, { recursive: true })
  const repository = makeRpmRepository(folder)
  const host = recordingHost()
  const words = ['--root', root, '--no-gpg-checks']
  const add = ['/usr/bin/zypper', ...words, '--non-interactive', 'addrepo', `dir:${repository}`, 'local'] as const
  assert.equal((await host.run(add)).status, 0)
  await everything(agentWith(createZypper(host, { words, root })), '1:1.0-1', '1:2.0-1', 'absent')
})
