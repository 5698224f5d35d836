// The operating system's packages: what is in them, and that what they install runs. The Debian package is installed with dpkg in a lab
// host and removed again, the RPM package with rpm below a folder.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createLab, type Lab } from '../../lab/lab.ts'
import { ensurePackage } from '../debian-package.ts'
import { buildPackage } from './build-package.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const PROGRAMS = ['mco', 'mcollectived', 'troupe-broker']
/** Where a package may have files. */
const PLACES =
  /^\/(usr\/lib\/troupe\/|usr\/s?bin\/(mco|mcollectived|troupe-broker)$|usr\/share\/(man|doc\/troupe|bash-completion|zsh|fish)\/|(usr\/)?lib\/systemd\/system\/(mcollective|troupe-broker|troupe-console)\.service$|etc\/(init\.d\/(mcollective|troupe-broker|troupe-console)|logrotate\.d\/mcollective)$)/

let folder: string
let deb: string
let rpm: string
let lab: Lab

before(async () => {
  ensurePackage('rpm', '/usr/bin/rpmbuild')
  // Not /tmp: a lab host has its own.
  folder = mkdtempSync('/var/tmp/troupe-package-')
  deb = buildPackage('deb', folder)
  rpm = buildPackage('rpm', folder)
  lab = await createLab({ hosts: ['node.example.com'] })
})
after(async () => {
  await lab?.down()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

interface Entry {
  readonly mode: string
  readonly owner: string
  readonly path: string
}

/** Lines of `dpkg-deb --contents` and of `rpm -qlv`, links without their targets. */
function entries(text: string): Entry[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, mode, owner, path] =
        /^(\S{10})\s+(?:\d+\s+)?(\w+[/\s]\s*\w+)\s+.*?\s\.?(\/\S*)(?: -> \S+)?$/.exec(line) ?? []
      assert.ok(mode && owner && path, `cannot read: ${line}`)
      return { mode, owner: owner.replace(/\W+/, ' '), path }
    })
}

function listing(kind: 'deb' | 'rpm'): Entry[] {
  const words = kind === 'deb' ? ['dpkg-deb', '--contents', deb] : ['rpm', '-qlv', '--package', rpm]
  return entries(execFileSync(words[0]!, words.slice(1), { encoding: 'utf8', maxBuffer: 1e7 }))
}

for (const kind of ['deb', 'rpm'] as const) {
  test(`${kind}: files are root's, nobody else may write them, and they lie in their places`, () => {
    const found = listing(kind)
    assert.ok(found.length > 50)
    assert.deepEqual(
      found.filter(({ owner, mode }) => owner !== 'root root' || !/^(l|[-d]...([r-])-([x-])\2-\3$)/.test(mode)),
      [],
    )
    const files = found.filter(({ mode }) => !mode.startsWith('d'))
    assert.deepEqual(
      files.filter(({ path }) => !PLACES.test(path)),
      [],
    )
    const paths = new Set(files.map(({ path }) => path))
    const wanted = [
      ...['/usr/bin/mco', '/usr/sbin/mcollectived', '/usr/sbin/troupe-broker', '/usr/lib/troupe/dist/main/mco.mjs'],
      ...['/usr/share/man/man1/mco-ping.1.gz', '/usr/share/man/man8/troupe-broker.8.gz'],
      ...['/usr/share/bash-completion/completions/mco', '/usr/share/doc/troupe/third-party-licenses.gz'],
    ]
    assert.deepEqual(
      wanted.filter((path) => !paths.has(path)),
      [],
    )
  })
}

test('deb: dpkg installs it, the programs run from it on their own Node, and it goes without a trace', {
  timeout: 120_000,
}, async () => {
  const host = lab.host('node.example.com')
  await host.run(['rm', '-f', ...PROGRAMS.map((name) => `/usr/local/bin/${name}`)])
  await host.run(['dpkg', '--no-triggers', '-i', deb], { timeoutMs: 100_000 })
  for (const name of PROGRAMS) {
    const said = await host.run(['sh', '-c', `PATH=/usr/bin:/usr/sbin:/bin; exec ${name} --version`])
    assert.equal(said, `${name} ${version}\n`)
  }
  assert.match(
    await host.run(['sh', '-c', 'cd /usr/lib/troupe && ls']),
    /^bin\ndist\ninit-functions\nnode_modules\npackage\.json\n$/,
  )
  const library = "import('/usr/lib/troupe/dist/main/index.mjs').then((troupe) => console.log(typeof troupe.connect))"
  const node = (await host.run(['sh', '-c', 'echo /usr/lib/troupe/node_modules/*/bin/node'])).trim()
  assert.equal(await host.run([node, '-e', library]), 'function\n')
  // Nothing is started or enabled that nobody has configured.
  const status = await host.exec(['/etc/init.d/mcollective', 'status'])
  assert.deepEqual([status.code, status.stdout], [3, 'mcollective is not running\n'])
  const start = await host.exec(['/etc/init.d/mcollective', 'start'])
  assert.deepEqual([start.code, start.stderr], [6, 'mcollective: /etc/puppetlabs/mcollective/server.cfg is missing\n'])
  await host.run(['dpkg', '--no-triggers', '--purge', 'troupe'])
  const left = 'ls -d /usr/lib/troupe /etc/init.d/mcollective /var/lib/mcollective /usr/bin/mco 2> /dev/null | wc -l'
  assert.equal((await host.run(['sh', '-c', left])).trim(), '0')
})

test('init script: a broker is started, survives a second start, is stopped; one that cannot start says why', {
  timeout: 120_000,
}, async () => {
  const host = lab.host('node.example.com')
  await host.run(['dpkg', '--no-triggers', '-i', deb], { timeoutMs: 100_000 })
  const config = '/etc/puppetlabs/mcollective/broker.cfg'
  const script = '/etc/init.d/troupe-broker'
  await host.writeFile(config, 'broker.listen = 127.0.0.1:0\nbroker.tls = 1\n')
  const failed = await host.exec([script, 'start'])
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /troupe-broker: .*broker\.tls\.cert is missing/s)
  await host.writeFile(
    config,
    'broker.listen = 127.0.0.1:0\nbroker.tls = 0\nbroker.account.node.role = node\nbroker.account.node.password = only-a-test\nlogfile = /var/log/puppetlabs/mcollective/broker.log\n',
  )
  assert.equal(await host.run([script, 'start']), 'troupe-broker is started\n')
  assert.match(await host.run([script, 'start']), /^troupe-broker is running already \(process \d+\)\n$/)
  const before = await host.run(['cat', '/run/troupe-broker.pid'])
  assert.equal(await host.run([script, 'restart']), 'troupe-broker is stopped\ntroupe-broker is started\n')
  assert.notEqual(await host.run(['cat', '/run/troupe-broker.pid']), before)
  assert.equal(await host.run([script, 'stop']), 'troupe-broker is stopped\n')
  // Somebody else's process with the number of a broker that crashed is left alone.
  await host.run(['sh', '-c', 'echo 1 > /run/troupe-broker.pid'])
  const crashed = await host.exec([script, 'status'])
  assert.deepEqual([crashed.code, crashed.stdout], [1, 'troupe-broker is not running\n'])
})

test('init script: the console goes to the background and is stopped; one that cannot start says why', {
  timeout: 120_000,
}, async () => {
  const host = lab.host('node.example.com')
  const config = '/etc/puppetlabs/mcollective/client.cfg'
  const script = '/etc/init.d/troupe-console'
  const lines =
    'identity = master.example.com\nplugin.psk = only-a-test\nplugin.activemq.pool.1.host = 127.0.0.1\nplugin.activemq.pool.1.port = 1\nplugin.activemq.pool.1.ssl = 0\n'
  await host.writeFile(config, `${lines}console.listen = nowhere.invalid:4433\n`)
  const failed = await host.exec([script, 'start'])
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /cannot go to the background: cannot serve the console on nowhere\.invalid/)
  await host.writeFile(config, `${lines}console.listen = 127.0.0.1:0\n`)
  assert.equal(await host.run([script, 'start']), 'troupe-console is started\n')
  assert.match(await host.run([script, 'status']), /^troupe-console is running \(process \d+\)\n$/)
  assert.match(await host.run(['cat', '/var/log/puppetlabs/mcollective/troupe-console.log']), /no broker, so no node/)
  assert.equal(await host.run([script, 'stop']), 'troupe-console is stopped\n')
})

test('rpm: rpm installs it below a folder, and the programs run from there', { timeout: 120_000 }, () => {
  const into = join(folder, 'root')
  const words = ['--root', into, '--nodeps', '--noscripts', '--install', rpm]
  execFileSync('rpm', words, { stdio: 'pipe' })
  for (const [name, place] of [
    ['mco', 'bin'],
    ['mcollectived', 'sbin'],
    ['troupe-broker', 'sbin'],
  ] as const) {
    const said = execFileSync(join(into, 'usr', place, name), ['--version'], {
      encoding: 'utf8',
      env: { PATH: '/bin' },
    })
    assert.equal(said, `${name} ${version}\n`)
  }
  const query = ['--root', into, '-q', '--queryformat', '%{NAME} %{VERSION} %{ARCH}', 'troupe']
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as 'x64']
  assert.equal(execFileSync('rpm', query, { encoding: 'utf8' }), `troupe ${version} ${architecture}`)
})
