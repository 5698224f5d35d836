import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '#base/clock.ts'
import { PACKAGE_OUTPUT_CHARACTERS_MAX } from '#base/limits.ts'
import type { Values } from '#message/request.ts'
import { ActionFailed, type Agent } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import type { Host, HostFiles } from '#rpc/host.ts'
import { callAction, type Recorded, recordedFiles, recordedHost } from '../test-host.ts'
import { createPackageAgent } from './package.ts'
import { createPackages, isPackageName } from './packages.ts'

const ddlText = readFileSync(new URL('package.ddl', import.meta.url), 'utf8')
const ddl = parseDdl(ddlText, { kind: 'agent', name: 'package', file: 'package.ddl', version: '3.0.0' })

const DEBIAN = recordedFiles(['/usr/bin/apt-get'], { '/etc/os-release': 'NAME="Debian"\nID=debian\n' })
const FEDORA = recordedFiles(['/usr/bin/dnf', '/usr/bin/yum'], { '/etc/os-release': 'ID=fedora\n' })
const CENTOS_5 = recordedFiles(['/usr/bin/yum'])

function agentOn(host: Host, files: HostFiles = DEBIAN, clock = new ManualClock()): Agent {
  return createPackageAgent(ddl, {
    clock,
    packages: (node) => createPackages({ host, files }, (name) => node.setting(name)),
  })
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders of dpkg-query
const DPKG_QUERY = '/usr/bin/dpkg-query -W --showformat ${Status} ${Package} ${Version} ${Architecture}\\n --'
const RPM_QUERY =
  '/usr/bin/rpm -q --nosignature --nodigest --qf %{NAME} %|EPOCH?{%{EPOCH}}:{0}| %{VERSION} %{RELEASE} %{ARCH}\\n --'
const dpkg = (name: string, stdout: string): Recorded => ({ command: `${DPKG_QUERY} ${name}`, stdout: `${stdout}\n` })
const noDpkg = (name: string): Recorded => ({
  command: `${DPKG_QUERY} ${name}`,
  status: 1,
  stderr: `dpkg-query: no packages found matching ${name}\n`,
})
const INSTALL =
  '/usr/bin/apt-get -q -o APT::Status-Fd=3 -y -o DPkg::Options::=--force-confold -o APT::Cmd::Pattern-Only=true install --'

async function failure(agent: Agent, action: string, data: Values, settings: Record<string, string> = {}) {
  const outcome = await callAction(agent, action, data, settings).catch((error: unknown) => error)
  assert.ok(outcome instanceof ActionFailed, `${action} did not fail: ${JSON.stringify(outcome)}`)
  return { code: outcome.statusCode, message: outcome.message, data: outcome.data }
}

/** Runs written down by tests/interop/package-managers.test.ts; `find` picks one by its words and status. */
const RUNS: readonly (Recorded & { status: number })[] = JSON.parse(
  readFileSync(new URL('../../../tests/fixtures/package/runs.json', import.meta.url), 'utf8'),
)
function real(words: RegExp, printed: RegExp): Recorded {
  const found = RUNS.find(
    ({ command, stdout = '', stderr = '' }) => words.test(command) && printed.test(stdout + stderr),
  )
  assert.ok(found, `no recorded run of ${words} printed ${printed}`)
  return found
}

test('package.ddl: actions, inputs, outputs, labels and summaries of the published interface [agents 12]', () => {
  const of = (name: string) => {
    const action = ddl.actions.find((each) => each.name === name)
    assert.ok(action, name)
    return {
      display: action.display,
      inputs: action.inputs.map((input) => input.name).join(' '),
      outputs: action.outputs.map((output) => `${output.name}=${output.displayAs}`).join(', '),
      aggregates: action.aggregates.map((aggregate) => aggregate.output).join(' '),
    }
  }
  const state =
    'output=Output, epoch=Epoch, arch=Arch, ensure=Ensure, version=Version, provider=Provider, name=Name, release=Release'
  const acting = { display: 'failed', outputs: `${state}, exitcode=Exit Code, changes=Changes`, aggregates: 'ensure' }
  assert.deepEqual(of('install'), { ...acting, inputs: 'package version noop' })
  for (const name of ['update', 'uninstall', 'purge']) assert.deepEqual(of(name), { ...acting, inputs: 'package noop' })
  assert.deepEqual(of('status'), { display: 'always', inputs: 'package', outputs: state, aggregates: 'ensure arch' })
  const counted = (label: string) => ({
    display: 'failed',
    inputs: '',
    outputs: `output=${label}, exitcode=Exit Code`,
    aggregates: 'output',
  })
  assert.deepEqual(of('count'), counted('Count'))
  assert.deepEqual(of('md5'), counted('MD5'))
  const updates = 'output=Output, outdated_packages=Outdated Packages, exitcode=Exit Code'
  const check = { display: 'always', inputs: '', aggregates: '' }
  for (const name of ['checkupdates', 'checkupdate'])
    assert.deepEqual(of(name), { ...check, outputs: `package_manager=Package Manager, ${updates}` })
  for (const name of ['yum_checkupdates', 'apt_checkupdates'])
    assert.deepEqual(of(name), { ...check, outputs: updates })
  assert.equal(of('yum_clean').inputs, 'mode')
  assert.equal(ddl.metadata.timeoutSeconds, 180)
})

test('package status: apt installed, with other architectures, removed, half-way, purged, never heard of [R-046]', async () => {
  const two = 'deinstall ok config-files libc6 2.36-9 i386\ninstall ok installed libc6 1:2.36-9+deb12u10 amd64'
  const host = recordedHost([
    dpkg('bash', 'install ok installed bash 5.2.15-2+b8 amd64'),
    dpkg('libc6', two),
    dpkg('gone', 'deinstall ok config-files gone 1.0 all'),
    dpkg('half', 'install ok half-configured half 1.0 all'),
    dpkg('purged', 'unknown ok not-installed purged  '),
    noDpkg('nosuch'),
  ])
  const agent = agentOn(host)
  const status = async (name: string) => callAction(agent, 'status', { package: name })
  assert.deepEqual(await status('bash'), {
    ...{ ensure: '5.2.15-2+b8', name: 'bash', epoch: null, version: '5.2.15', release: '2+b8', arch: 'amd64' },
    provider: 'apt',
  })
  const { ensure, epoch, version, release, arch } = await status('libc6')
  assert.deepEqual([ensure, epoch, version, release, arch], ['1:2.36-9+deb12u10', '1', '2.36', '9+deb12u10', 'amd64'])
  for (const [name, expected] of Object.entries({ gone: 'absent', half: 'absent', purged: 'purged', nosuch: 'purged' }))
    assert.equal((await status(name)).ensure, expected, name)
})

test('package status: rpm with and without epoch, several versions, absent, a broken database [R-046]', async () => {
  const kernels = 'kernel 0 5.14.0 1.el9 x86_64\nkernel 0 5.14.0 2.el9 x86_64\n'
  const host = recordedHost([
    { command: `${RPM_QUERY} hello`, stdout: 'hello 1 2.0 1 noarch\n' },
    { command: `${RPM_QUERY} kernel`, stdout: kernels },
    { command: `${RPM_QUERY} nosuch`, status: 1, stdout: 'package nosuch is not installed\n' },
    { command: `${RPM_QUERY} broken`, status: 1, stderr: 'error: cannot open Packages database in /var/lib/rpm\n' },
  ])
  const agent = agentOn(host, FEDORA)
  assert.deepEqual(await callAction(agent, 'status', { package: 'hello' }), {
    ...{ ensure: '1:2.0-1', name: 'hello', epoch: '1', version: '2.0', release: '1', arch: 'noarch', provider: 'dnf' },
  })
  assert.equal((await callAction(agent, 'status', { package: 'kernel' })).ensure, '5.14.0-2.el9')
  assert.equal((await callAction(agent, 'status', { package: 'nosuch' })).ensure, 'absent')
  const { code, message } = await failure(agent, 'status', { package: 'broken' })
  assert.deepEqual([code, message.slice(0, 61)], [1, "Could not get the status of 'broken': error: cannot open Pack"])
})

test('package install: what apt did, its output without its progress, and the state afterwards [R-042]', async () => {
  const made = real(/ -y .* install -- greeter$/, /Unpacking greeter/)
  const { stdout = '' } = made
  const host = recordedHost([
    noDpkg('greeter'),
    { ...made, command: `${INSTALL} greeter`, stdout: `(Reading 5%\r(Reading 50%\r(Reading done.\n${stdout}` },
    dpkg('greeter', 'install ok installed greeter 1.0-1 all'),
  ])
  const result = await callAction(agentOn(host), 'install', { package: 'greeter' })
  assert.equal(result.ensure, '1.0-1')
  assert.equal(result.exitcode, 0)
  assert.match(String(result.output), /^\(Reading done\.\nReading package lists/)
  assert.deepEqual(result.changes, [{ action: 'install', package: 'greeter', from: null, to: '1.0-1' }])
})

test('package install: refusals and failures are code 1 with reason and state, as recorded from apt [agents 17 A10]', async () => {
  const installed = recordedHost([dpkg('bash', 'install ok installed bash 5.2.15-2+b8 amd64')])
  const refused = await failure(agentOn(installed), 'install', { package: 'bash' })
  assert.deepEqual([refused.code, refused.message], [1, 'Package is already installed'])
  assert.equal(refused.data.ensure, '5.2.15-2+b8')
  const fails: [RegExp, RegExp][] = [
    [
      /Could not get lock/,
      /^Could not install 'x': Could not get lock .*lock-frontend\. It is held by process \d+ \(python3\); Unable to acquire/,
    ],
    [/Unable to locate package nosuch/, /^Could not install 'x': Unable to locate package nosuch$/],
    [
      /error processing package clumsy/,
      /^Could not install 'x': dpkg: error processing package clumsy \(--configure\): installed clumsy/,
    ],
  ]
  for (const [printed, message] of fails) {
    const run = { ...real(/apt-get .* install/, printed), command: `${INSTALL} x` }
    const {
      code,
      message: said,
      data,
    } = await failure(agentOn(recordedHost([noDpkg('x'), run])), 'install', { package: 'x' })
    assert.equal(code, 1)
    assert.match(said, message)
    assert.equal(data.exitcode, 100)
    assert.match(String(data.output), printed)
  }
})

test('package install: dnf and yum do not wait for a lock, and say who holds it', async () => {
  const locks = {
    dnf: 'RPMDB already locked by 17141\n  The application with PID 17141 is: dnf\n    State  : Running\n',
    yum: 'Existing lock /var/run/yum.pid: another copy is running as pid 17141.\n',
  }
  for (const [program, stderr] of Object.entries(locks)) {
    const command = `/usr/bin/${program} --setopt=exit_on_lock=True -y install -- quick`
    const absent = { command: `${RPM_QUERY} quick`, status: 1, stdout: 'package quick is not installed\n' }
    const host = recordedHost([absent, { command, status: 200, stdout: 'Running transaction check\n', stderr }])
    const agent = agentOn(host, program === 'dnf' ? FEDORA : CENTOS_5)
    const { code, message } = await failure(agent, 'install', { package: 'quick' })
    assert.deepEqual([code, message], [1, `Could not install 'quick': ${stderr.split('\n')[0]}`])
  }
})

test('package install: a success that installed nothing is a failure', async () => {
  const virtual = recordedHost([noDpkg('mta'), { command: `${INSTALL} mta` }])
  const { message } = await failure(agentOn(virtual), 'install', { package: 'mta' })
  assert.match(message, /^Could not install 'mta': the package manager did not install it/)
  const wanted = INSTALL.replace('install --', '--allow-downgrades install --')
  const old = dpkg('hello', 'install ok installed hello 1:2.0-1 all')
  const host = recordedHost([old, { command: `${wanted} hello=1.0` }])
  const kept = await failure(agentOn(host), 'install', { package: 'hello', version: '1.0' })
  assert.equal(kept.message, "Could not install 'hello': version 1:2.0-1 is installed, not 1.0")
  const same = recordedHost([old, { command: `${wanted} hello=2.0` }])
  assert.equal((await callAction(agentOn(same), 'install', { package: 'hello', version: '2.0' })).ensure, '1:2.0-1')
})

test('package update, uninstall, purge: refuse what is not there; apt purges what configuration was left [R-043, R-045]', async () => {
  for (const action of ['update', 'uninstall', 'purge']) {
    const { code, message, data } = await failure(agentOn(recordedHost([noDpkg('x')])), action, { package: 'x' })
    assert.deepEqual([code, message, data.ensure], [1, 'Package is not present on the system', 'purged'])
  }
  const purge =
    '/usr/bin/apt-get -q -o APT::Status-Fd=3 -y -o DPkg::Options::=--force-confold -o APT::Cmd::Pattern-Only=true remove --purge -- x'
  const stdout = 'Purging configuration files for x (1.0) ...\n'
  const host = recordedHost([dpkg('x', 'deinstall ok config-files x 1.0 all'), { command: purge, stdout }, noDpkg('x')])
  const { ensure, changes } = await callAction(agentOn(host), 'purge', { package: 'x' })
  assert.deepEqual([ensure, changes], ['purged', [{ action: 'purge', package: 'x', from: '1.0', to: null }]])
  const rpm = recordedHost([{ command: `${RPM_QUERY} x`, status: 1, stdout: 'package x is not installed\n' }])
  assert.equal(
    (await failure(agentOn(rpm, FEDORA), 'purge', { package: 'x' })).message,
    'Package is not present on the system',
  )
})

test('package with noop: says what would change and changes nothing, as recorded from apt and dnf', async () => {
  const hello = dpkg('hello', 'install ok installed hello 1:2.0-1 all')
  const command = '/usr/bin/apt-get -q --simulate -o APT::Cmd::Pattern-Only=true remove --purge -- hello'
  const apt = recordedHost([hello, { ...real(/--simulate .* remove --purge -- hello$/, /Purg greeter/), command }])
  const planned = await callAction(agentOn(apt), 'purge', { package: 'hello', noop: true })
  assert.deepEqual(planned.changes, [
    { action: 'purge', package: 'greeter', from: '1.0-1', to: null },
    { action: 'purge', package: 'hello', from: '1:1.0-1', to: null },
  ])
  const dnf = recordedHost([
    { command: `${RPM_QUERY} hello`, stdout: 'hello 1 1.0 1 noarch\n' },
    {
      ...real(/dnf .*--assumeno upgrade -- hello$/, /Upgrading:/),
      command: '/usr/bin/dnf --setopt=exit_on_lock=True --assumeno upgrade -- hello',
    },
  ])
  const { changes, ensure } = await callAction(agentOn(dnf, FEDORA), 'update', { package: 'hello', noop: true })
  assert.deepEqual(
    [changes, ensure],
    [[{ action: 'upgrade', package: 'hello.noarch', from: null, to: '1:2.0-1' }], '1:1.0-1'],
  )
})

test('package checkupdates: apt, with new packages and origins of several suites [R-044]', async () => {
  const stdout = `The following packages will be upgraded:
  bash libgcrypt20-dev
Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Inst libgcrypt20-dev [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Inst linux-image-6.1.0-40-amd64 (6.1.153-1 Debian:12.15/oldstable [amd64])
Inst local [1] (2 [all])
Remv old-thing [1.0]
Conf bash (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
`
  const command = '/usr/bin/apt-get -q --simulate dist-upgrade'
  const agent = agentOn(recordedHost([{ command, stdout }]))
  const { package_manager, exitcode, outdated_packages, output } = await callAction(agent, 'checkupdates', {})
  assert.deepEqual([package_manager, exitcode, output], ['apt', 0, stdout.trimEnd()])
  assert.deepEqual(outdated_packages, [
    { package: 'bash', version: '5.2.15-2+b13', repo: 'Debian:12.15/oldstable' },
    {
      package: 'libgcrypt20-dev',
      version: '1.10.1-3+deb12u1',
      repo: 'Debian:12.15/oldstable, Debian-Security:12/oldstable-security',
    },
    { package: 'linux-image-6.1.0-40-amd64', version: '6.1.153-1', repo: 'Debian:12.15/oldstable' },
    { package: 'local', version: '2', repo: '' },
  ])
  assert.deepEqual((await callAction(agent, 'checkupdate', {})).outdated_packages, outdated_packages)
  assert.equal((await callAction(agent, 'apt_checkupdates', {})).package_manager, undefined)
})

test('package checkupdates: dnf and yum, exit code 100, broken lines, notices, obsoletes [R-094]', async () => {
  const dnf = {
    ...real(/dnf .*check-update$/, /hello\.noarch/),
    command: '/usr/bin/dnf --setopt=exit_on_lock=True -q check-update',
  }
  const now = await callAction(agentOn(recordedHost([dnf]), FEDORA), 'checkupdates', {})
  assert.deepEqual(
    [now.package_manager, now.exitcode, now.outdated_packages],
    ['dnf', 100, [{ package: 'hello.noarch', version: '1:2.0-1', repo: 'local' }]],
  )
  const stdout = `
Security: kernel-core-5.14.0-2.el9.x86_64 is an installed security update
kernel.i686                           2.6.18-274.7.1.el5               updates
a-package-with-a-very-long-name-indeed.noarch
                                      1.0-1                            updates
openssh.i386                          4.3p2-72.el5_7.5                 updates
Obsoleting Packages
new.i386                              1.0-1                            updates
    old.i386                          0.9-1                            installed
`
  const yum = { command: '/usr/bin/yum --setopt=exit_on_lock=True -q check-update', status: 100, stdout }
  const five = await callAction(agentOn(recordedHost([yum]), CENTOS_5), 'yum_checkupdates', {})
  assert.deepEqual(five.outdated_packages, [
    { package: 'kernel.i686', version: '2.6.18-274.7.1.el5', repo: 'updates' },
    { package: 'a-package-with-a-very-long-name-indeed.noarch', version: '1.0-1', repo: 'updates' },
    { package: 'openssh.i386', version: '4.3p2-72.el5_7.5', repo: 'updates' },
  ])
  const broken = recordedHost([{ ...yum, status: 1, stdout: '', stderr: 'Error: Cannot find a valid baseurl\n' }])
  const { code, message, data } = await failure(agentOn(broken, CENTOS_5), 'checkupdates', {})
  assert.deepEqual([code, message], [1, 'Could not check for updates: Cannot find a valid baseurl'])
  assert.deepEqual([data.exitcode, data.package_manager], [1, 'yum'])
})

test('package count, md5: lines of what is installed; rpm lists are sorted, so that nodes can be compared', async () => {
  const list = '||/ Name Version\n+++-====\nii  bash 5.2 amd64 shell\nrc  gone 1.0 all gone\nii  zsh 5.9 amd64 shell\n'
  const apt = agentOn(recordedHost([{ command: '/usr/bin/dpkg --list', stdout: list }]))
  assert.deepEqual(await callAction(apt, 'count', {}), { output: '2', exitcode: 0 })
  const digest = (await callAction(apt, 'md5', {})).output
  assert.equal(digest, '3269298f1ee68244059788b4e1d19e3b')
  const md5 = async (stdout: string) =>
    (await callAction(agentOn(recordedHost([{ command: '/usr/bin/rpm -qa', stdout }]), FEDORA), 'md5', {})).output
  assert.equal(await md5('a-1\nb-2\n'), await md5('b-2\na-1\n'))
  assert.notEqual(await md5('a-1\nb-2\n'), await md5('a-1\nb-3\n'))
  const cut = agentOn(recordedHost([{ command: '/usr/bin/dpkg --list', stdout: list, truncated: true }]))
  assert.match((await failure(cut, 'count', {})).message, /more to say than can be read/)
})

test('package yum_clean, apt_update, refresh: their tool, the configured mode, what is missing', async () => {
  const host = recordedHost([
    { command: '/usr/bin/dnf --setopt=exit_on_lock=True clean metadata', stdout: '5 files removed\n' },
    { command: '/usr/bin/dnf --setopt=exit_on_lock=True clean all', stdout: '0 files removed\n' },
    { command: '/usr/bin/dnf --setopt=exit_on_lock=True makecache', stdout: 'Metadata cache created.\n' },
  ])
  const agent = agentOn(host, FEDORA)
  const settings = { 'package.yum_clean_mode': 'metadata' }
  assert.deepEqual(await callAction(agent, 'yum_clean', {}, settings), { output: '5 files removed', exitcode: 0 })
  assert.deepEqual(await callAction(agent, 'yum_clean', { mode: 'all' }, settings), {
    output: '0 files removed',
    exitcode: 0,
  })
  const refreshed = { package_manager: 'dnf', output: 'Metadata cache created.', exitcode: 0 }
  assert.deepEqual(await callAction(agent, 'refresh', {}), refreshed)
  const apt = await failure(agent, 'apt_update', {})
  assert.deepEqual([apt.code, apt.message], [1, 'Cannot find apt-get at /usr/bin/apt-get'])
  const yum = await failure(agentOn(recordedHost([])), 'yum_checkupdates', {})
  assert.deepEqual([yum.code, yum.message], [1, 'Cannot find yum at /usr/bin/yum'])
  const nothing = await failure(agentOn(recordedHost([]), recordedFiles([])), 'checkupdates', {})
  assert.deepEqual([nothing.code, nothing.message], [1, 'Cannot find a compatible package system to check updates'])
})

test('package: the family of the system decides when tools of several are installed; a setting overrules it', async () => {
  const all = ['/usr/bin/apt-get', '/usr/bin/dnf', '/usr/bin/yum', '/usr/bin/zypper']
  const families = {
    'ID=ubuntu\nID_LIKE=debian': 'apt',
    'ID="opensuse-leap"\nID_LIKE="suse opensuse"': 'zypper',
    'ID="rocky"': 'dnf',
  }
  for (const [text, expected] of Object.entries(families)) {
    const parts = { host: recordedHost([]), files: recordedFiles(all, { '/etc/os-release': text }) }
    assert.equal((await createPackages(parts, () => undefined).manager()).name, expected)
    assert.equal((await createPackages(parts, () => 'yum').manager()).name, 'yum')
    await assert.rejects(
      createPackages(parts, () => 'pkgng').manager(),
      /has to be one of puppet, apt, dnf, yum, zypper/,
    )
  }
})

test('package: names that are options, patterns or commands are refused before anything runs', async () => {
  const names = [
    '-oDebug::x',
    '; rm',
    'a b',
    'a\nb',
    "a'b",
    'foo-',
    'lib*',
    './x.deb',
    '/etc/passwd',
    'a/b',
    'a=1',
    '@core',
    '',
  ]
  for (const name of names) {
    assert.equal(isPackageName(name), false, name)
    for (const action of ['install', 'update', 'uninstall', 'purge', 'status'])
      assert.equal((await failure(agentOn(recordedHost([])), action, { package: name })).code, 4)
  }
  for (const name of [
    'bash',
    'g++',
    'libstdc++6',
    'libc6:i386',
    'java-1.8.0-openjdk.x86_64',
    'R',
    '7zip',
    'python3.11',
  ])
    assert.equal(isPackageName(name), true, name)
  for (const version of ['*', '-1', '1 2', '1;2', ''])
    assert.equal((await failure(agentOn(recordedHost([])), 'install', { package: 'bash', version })).code, 4)
})

test('package: long output is cut in its middle', async () => {
  const stdout = `first line\n${'x'.repeat(3 * PACKAGE_OUTPUT_CHARACTERS_MAX)}\nlast line\n`
  const agent = agentOn(recordedHost([{ command: '/usr/bin/apt-get -q -o APT::Status-Fd=3 update', stdout }]))
  const output = String((await callAction(agent, 'apt_update', {})).output)
  assert.ok(output.length < PACKAGE_OUTPUT_CHARACTERS_MAX + 100)
  assert.match(output, /^first line\n/)
  assert.match(output, /characters left out\]\nx+\nlast line$/)
})

test('package: changes go one at a time; what takes too long is answered and goes on', async () => {
  const clock = new ManualClock()
  const ended = Promise.withResolvers<void>()
  const began: string[] = []
  const host: Host = {
    async run(argv) {
      if (argv[0] === '/usr/bin/apt-get') {
        began.push(String(argv.at(-1)))
        await ended.promise
      }
      return {
        status: argv[0] === '/usr/bin/apt-get' ? 0 : 1,
        stdout: '',
        stderr: 'no packages found',
        truncated: false,
      }
    },
  }
  const agent = agentOn(host, DEBIAN, clock)
  const first = failure(agent, 'install', { package: 'first' })
  await setImmediate()
  await setImmediate()
  const second = failure(agent, 'install', { package: 'second' })
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  assert.deepEqual(began, ['first'])
  clock.advance(165_000)
  assert.match((await first).message, /^Could not install 'first': it is still running after 165 s and goes on/)
  assert.match(
    (await second).message,
    /had to wait 165 s for another change of this node \(install 'first'\) and was given up/,
  )
  ended.resolve()
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  assert.deepEqual(began, ['first'], 'a change that was given up is not made up for')
})
