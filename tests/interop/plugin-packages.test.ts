// What `mco plugin package` makes, taken by the real dpkg and the real Puppet: installed in a root and a libdir of their own, looked at, and
// taken away again. Needs root for dpkg; installs puppet-agent from Debian. [M-011, cli 8.7]

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Collective, startCollective } from '../conformance/mco-in-memory.ts'
import { ensurePackage } from '../debian-package.ts'

let collective: Collective
let directory = ''
/** `./name` of the plugin as the generator writes it, with a file only operators need. */
let files: Record<string, string>

before(async () => {
  ensurePackage('puppet-agent', '/usr/bin/puppet')
  directory = mkdtempSync(join(tmpdir(), 'plugin-packages-'))
  collective = await startCollective([])
  const made = await collective.run([
    ...['plugin', 'generate', 'agent', 'demo_one', 'actions=hello', '--pluginversion', '1.2.3'],
    ...['--author', 'Ops <ops@example.com>', '--description', "It's a \\demo of $things\nPackage: evil"],
  ])
  files = Object.fromEntries([...made.written].map(([path, text]) => [path, String(text)]))
  files['demo_one/aggregate/median.mjs'] = 'export default {}\n'
  files['after.sh'] = '#!/bin/sh\ntouch "$DPKG_ROOT/ran-$1"\n'
})
after(async () => {
  if (directory !== '') rmSync(directory, { recursive: true, force: true })
  await collective.stop()
})

/** Makes packages of the plugin; gives paths of the files written. */
async function packed(...words: string[]): Promise<string[]> {
  const made = await collective.run(['plugin', 'package', 'demo_one', ...words], { files })
  assert.equal(made.code, 0, made.stderr)
  return [...made.written].map(([name, bytes]) => {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
    return path
  })
}

function run(program: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  assert.equal(status, 0, `${program} ${words.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

test('plugin package --format deb: dpkg reads, installs and removes what it made', async () => {
  const debs = await packed('--format', 'deb', '--revision', '2', '--postinstall', 'after.sh', '--vendor', 'Example')
  assert.deepEqual(
    debs.map((path) => path.slice(directory.length + 1)),
    ['common', 'agent', 'client'].map((part) => `mcollective-demo-one-${part}_1.2.3-2_all.deb`),
  )
  const [common = '', agent = '', client = ''] = debs
  const field = (deb: string, name: string): string => run('dpkg-deb', '--field', deb, name).trim()
  assert.match(run('dpkg-deb', '--info', agent), /new Debian package, version 2\.0\.[\s\S]* postinst /)
  assert.equal(field(agent, 'Depends'), 'mcollective-demo-one-common (= 1.2.3-2)')
  assert.equal(field(agent, 'Maintainer'), 'Ops <ops@example.com>')
  assert.equal(field(agent, 'Vendor'), 'Example')
  assert.equal(field(agent, 'Package'), 'mcollective-demo-one-agent')
  assert.match(field(agent, 'Description'), /It's a \\?demo of \$things Package: evil/)
  assert.match(
    run('dpkg-deb', '--contents', agent),
    /^-rw-r--r-- root\/root .*\/usr\/share\/mcollective\/mcollective\/agent\/demo_one\.ts$/m,
  )
  const root = join(directory, 'root')
  mkdirSync(join(root, 'var/lib/dpkg/updates'), { recursive: true })
  mkdirSync(join(root, 'var/lib/dpkg/info'))
  writeFileSync(join(root, 'var/lib/dpkg/status'), '')
  const dpkg = (...words: string[]) =>
    spawnSync('dpkg', [`--root=${root}`, '--force-script-chrootless', '--log=/dev/null', ...words], {
      encoding: 'utf8',
    })
  const alone = dpkg('-i', agent)
  assert.notEqual(alone.status, 0, 'the agent without its DDL')
  assert.match(alone.stderr, /depends on mcollective-demo-one-common/)
  const all = dpkg('-i', common, agent, client)
  assert.equal(all.status, 0, all.stderr)
  const at = (path: string): string => join(root, 'usr/share/mcollective/mcollective', path)
  for (const path of ['agent/demo_one.ddl', 'agent/demo_one.ts', 'aggregate/median.mjs'])
    assert.equal(readFileSync(at(path), 'utf8'), files[`demo_one/${path}`], path)
  assert.ok(existsSync(join(root, 'ran-configure')), 'the script after the installation')
  assert.equal(dpkg('--verify').stdout, '', 'the sums are right')
  assert.equal(
    dpkg('--purge', 'mcollective-demo-one-client', 'mcollective-demo-one-agent', 'mcollective-demo-one-common').status,
    0,
  )
  assert.ok(!existsSync(join(root, 'usr/share/mcollective')))
})

test('plugin package --format deb: dependencies, product and path as asked', async () => {
  const [common = ''] = await packed(
    ...['--format', 'debpackage', '--dependency', 'jq (>= 1.6)', '--dependency', 'python3'],
    ...['--mcname', 'troupe', '--mcversion', '3.0', '--pluginpath', '/opt/plugins/', '--pluginversion', '9'],
  )
  assert.equal(run('dpkg-deb', '--field', common, 'Depends').trim(), 'troupe (>= 3.0), jq (>= 1.6), python3')
  assert.match(common, /_9-1_all\.deb$/)
  assert.match(run('dpkg-deb', '--contents', common), / \.\/opt\/plugins\/mcollective\/agent\/demo_one\.ddl$/m)
})

test('plugin package --format puppet: Puppet installs the module, validates it, and applies it', async () => {
  const [module = ''] = await packed('--format', 'puppet', '--vendor', 'example')
  assert.match(module, /example-mcollective_agent_demo_one-1\.2\.3\.tar\.gz$/)
  const at = (...path: string[]): string => join(directory, 'puppet', ...path)
  mkdirSync(at('modules'), { recursive: true })
  const settings = ['vardir', 'confdir', 'rundir', 'logdir'].map((name) => `--${name}=${at(name)}`)
  const puppet = (...words: string[]): string => run('puppet', ...words, ...settings, '--color=false')
  puppet(
    'module',
    'install',
    module,
    '--ignore-dependencies',
    '--target-dir',
    at('modules'),
    '--modulepath',
    at('modules'),
  )
  const installed = at('modules', 'mcollective_agent_demo_one')
  puppet('parser', 'validate', join(installed, 'manifests'))
  mkdirSync(at('share'))
  const manifest = (parameters: string): string => `
service { 'mcollective':
  ensure     => running,
  provider   => base,
  hasstatus  => true,
  start      => '/bin/true',
  stop       => '/bin/true',
  status     => '/bin/true',
  restart    => '/bin/touch ${at('restarted')}',
}
class { 'mcollective_agent_demo_one': libdir => '${at('share', 'libdir')}', ${parameters} }
`
  const apply = (parameters: string): string => {
    writeFileSync(at('site.pp'), manifest(parameters))
    const words = [
      'apply',
      '--detailed-exitcodes',
      '--modulepath',
      at('modules'),
      ...settings,
      '--color=false',
      at('site.pp'),
    ]
    const { status, stdout, stderr } = spawnSync('puppet', words, { encoding: 'utf8' })
    assert.ok(status === 0 || status === 2, `${status}: ${stdout}${stderr}`)
    return status === 2 ? 'changed' : 'unchanged'
  }
  const there = (path: string): boolean => existsSync(at('share/libdir/mcollective', path))
  assert.equal(apply(''), 'changed')
  assert.deepEqual(['agent/demo_one.ddl', 'agent/demo_one.ts', 'aggregate/median.mjs'].map(there), [true, true, false])
  assert.equal(statSync(at('share/libdir/mcollective/agent/demo_one.ts')).mode & 0o777, 0o644)
  assert.ok(existsSync(at('restarted')), 'the service was told')
  rmSync(at('restarted'))
  assert.equal(apply(''), 'unchanged')
  assert.ok(!existsSync(at('restarted')))
  assert.equal(apply('client => true'), 'changed')
  assert.ok(there('aggregate/median.mjs'))
  assert.equal(apply("client => true, ensure => 'absent'"), 'changed')
  assert.deepEqual([there('agent/demo_one.ddl'), there('agent')], [false, true])
})

test('plugin package: programs stay executable in every format', async () => {
  const program = { path: '/usr/share/x/run.sh', bytes: Buffer.from('#!/bin/sh\n'), executable: true }
  const { debOf } = await import('../../src/cli/deb-package.ts')
  const base = {
    name: 'x1',
    version: '1',
    maintainer: 'a',
    summary: 's',
    description: [],
    depends: [],
    scripts: new Map(),
  }
  const deb = join(directory, 'x.deb')
  writeFileSync(deb, debOf({ ...base, files: [program] }, 0))
  assert.match(run('dpkg-deb', '--contents', deb), /^-rwxr-xr-x .*run\.sh$/m)
  const { puppetModuleOf } = await import('../../src/cli/puppet-module.ts')
  const { bytes } = puppetModuleOf(
    {
      ...{ name: 'x', owner: 'site', version: '1.0.0', author: 'a', license: 'b', url: '', summary: '', libdir: '/x' },
      parts: new Map([['agent', [{ ...program, path: 'mcollective/agent/x/run.sh' }]]]),
    },
    0,
  )
  const listing = execFileSync('tar', ['-tzvf', '-'], { input: bytes, encoding: 'utf8' })
  assert.match(listing, /^-rwxr-xr-x .*run\.sh$/m)
})

test('plugin package refuses what no format can hold, before anything is written', async () => {
  for (const [words, why] of [
    [['--format', 'rpm'], /No \.rpm is made here/],
    [['--format', 'zip'], /known are ospackage, deb, puppet and tar/],
    [['--format', 'deb', '--pluginversion', 'one'], /cannot be the version of a Debian package/],
    [['--format', 'puppet', '--pluginversion', '1.0'], /which has three numbers/],
    [['--format', 'puppet', '--vendor', 'a b'], /letters and digits/],
    [['--format', 'puppet', '--dependency', 'jq'], /--dependency goes with --format deb/],
    [['--format', 'deb', '--dependency', '; rm'], /Cannot depend on/],
    [['--format', 'deb', '--pluginpath', '../x'], /cannot be a --pluginpath/],
    [['--format', 'deb', '--preinstall', 'nosuch'], /Cannot read --preinstall nosuch/],
    [['--format', 'deb', '--preinstall', 'demo_one/agent/demo_one.ts'], /is no script/],
  ] as const) {
    const { code, stderr, written } = await collective.run(['plugin', 'package', 'demo_one', ...words], { files })
    assert.deepEqual([code, written.size], [1, 0], words.join(' '))
    assert.match(stderr, why)
  }
  const odd = { ...files, "demo_one/util/it's.rb": '' }
  const ran = await collective.run(['plugin', 'package', 'demo_one', '--format', 'puppet'], { files: odd })
  assert.match(ran.stderr, /cannot package .*it's\.rb in a Puppet module/)
})
