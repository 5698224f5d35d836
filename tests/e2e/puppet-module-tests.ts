// The Puppet module, applied for real: by puppetserver and agents, with the package's init scripts, in a lab that somebody else has started
// and stops. What was there before is taken down; the collective that the module makes stays up. [R-006, R-014..R-018, B-018]

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Collective } from '../../lab/collective.ts'
import type { LabHost } from '../../lab/lab.ts'
import type { PuppetLab } from '../../lab/puppet.ts'

export interface PuppetModuleLab {
  readonly puppet: PuppetLab
  readonly collective: Collective
  /** The Debian package, as hosts see it. */
  readonly deb: string
}

const ETC = '/etc/puppetlabs/mcollective'
const CODE = '/etc/puppet/code/environments/production'
const REPORT = '/var/cache/puppet/state/last_run_report.yaml'
const SECRET = 'edited by hand 8471'
const SECRET_AGAIN_AFTER_MS = 1100

export function puppetModuleTests(get: () => PuppetModuleLab): void {
  const hosts = (): readonly LabHost[] => get().puppet.lab.hosts
  const master = (): LabHost => get().puppet.master
  const node = (): LabHost => hosts()[1]!

  /** Nodes that answer to what peadmin has. */
  async function answering(): Promise<string[]> {
    const { stdout } = await get().collective.mco('mco find --discovery-timeout 4')
    return stdout.split('\n').filter(Boolean).sort()
  }

  async function untilAllAnswer(): Promise<void> {
    let found: string[] = []
    for (let i = 0; i < 20; i++, await sleep(250)) {
      found = await answering()
      if (found.length === hosts().length) return
    }
    assert.fail(`only ${found.join(', ')} answer`)
  }

  async function run(host: LabHost): Promise<string> {
    const printed = await get().puppet.runAgent(host.name)
    assert.doesNotMatch(printed, /^(Error|Warning):/m)
    return printed
  }

  async function filesWith(host: LabHost, text: string, ...folders: string[]): Promise<string[]> {
    const { stdout } = await host.exec(['grep', '-rlF', '-e', text, ...folders])
    return stdout.split('\n').filter(Boolean)
  }

  /** In the words of Puppet's own report. */
  async function showsChange(host: LabHost): Promise<void> {
    const report = await host.run(['cat', REPORT])
    const source = '/Stage[main]/Troupe::Config/File[/etc/puppetlabs/mcollective/server.cfg]/content'
    const message = report.slice(0, report.indexOf(source)).split('message: ').at(-1)
    assert.match(message ?? '', /^content changed '\{\w+\}\w+'\s+to '\{\w+\}\w+'\s+source: "?$/)
  }

  test('module: it parses, and its functions obey their rules', { timeout: 120_000 }, async () => {
    const host = node()
    const module = '/opt/troupe/puppet-module'
    const parts = ['manifests', 'functions', 'types'].map((part) => `${module}/${part}`)
    const [parsed] = await Promise.all([
      host.run(['puppet', 'parser', 'validate', '--color=false', ...parts]),
      host.run(['sh', '-c', `puppet epp validate ${module}/templates/*.epp`]),
    ])
    assert.equal(parsed, '')
    await host.run(['sh', '-c', `mkdir -p /tmp/modules && ln -sfn ${module} /tmp/modules/troupe`])
    const functions = '/opt/troupe/tests/fixtures/puppet-module/functions.pp'
    const { code, stdout, stderr } = await host.exec(['puppet', 'apply', '--modulepath', '/tmp/modules', functions])
    assert.equal(code, 0, stdout + stderr)
  })

  test('module: a run on the master and one on a node make a collective with a random password [R-006, R-014, R-015]', {
    timeout: 240_000,
  }, async () => {
    const { puppet, collective, deb } = get()
    for (const host of hosts()) await collective.stopNode(host.name)
    await master().run(['sh', '-c', 'kill $(cat /run/broker.pid)'])
    const old = `${ETC} /var/lib/mcollective /home/peadmin/.mcollective /usr/local/bin/mco* /usr/local/bin/troupe-broker`
    for (const host of hosts()) await host.run(['sh', '-c', `rm -rf ${old}`])
    await master().run(['cp', '-r', '/opt/troupe/puppet-module', `${CODE}/modules/troupe`])
    const troupe = `class { 'troupe': package_source => '${deb}', package_provider => 'dpkg' }`
    await puppet.writeManifest(
      `node default { include helloworld\n ${troupe} }\nnode '${master().name}' { include helloworld\n ${troupe}\n include troupe::master }\n`,
    )
    await run(master())
    await run(node())
    await untilAllAnswer()
    const password = (await master().run(['cat', `${ETC}/credentials`])).trim()
    assert.match(password, /^[\w-]{40,}$/)
    assert.equal((await node().run(['cat', `${ETC}/credentials`])).trim(), password)
    const modes = async (host: LabHost, ...files: string[]): Promise<string> =>
      host.run(['stat', '-c', '%U %G %a', ...files])
    const own = [`${ETC}/credentials`, `${ETC}/server.cfg`]
    assert.equal(
      await modes(master(), ...own, '/home/peadmin/.mcollective'),
      'root root 600\nroot root 600\npeadmin peadmin 600\n',
    )
    assert.equal(await modes(node(), ...own), 'root root 600\nroot root 600\n')
    assert.equal(
      await modes(master(), `${ETC}/distributed`, `${ETC}/distributed/credentials`),
      'root puppet 750\nroot puppet 640\n',
    )
    assert.deepEqual(await filesWith(node(), password, '/var/log', '/var/cache/puppet/state'), [])
  })

  test('module: an edited password takes effect with the runs of master and node; reports show server.cfg, and not what it is [R-016..R-018]', {
    timeout: 240_000,
  }, async () => {
    await sleep(SECRET_AGAIN_AFTER_MS)
    await master().writeFile(`${ETC}/credentials`, `# ours\n${SECRET}\n`, { mode: 0o600 })
    let printed = await run(master())
    await showsChange(master())
    // The node has the former password, so it does not believe what is asked of it, and does not answer.
    let found = await answering()
    for (let i = 0; i < 5 && found.length === 0; i++) found = await answering()
    assert.deepEqual(found, [master().name])
    printed += await run(node())
    await untilAllAnswer()
    await showsChange(node())
    assert.equal(await node().run(['cat', `${ETC}/credentials`]), `# ours\n${SECRET}\n`)
    const dated = /^# Credentials of (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/m
    const [one, other] = await Promise.all(hosts().map((host) => host.run(['cat', `${ETC}/server.cfg`])))
    assert.ok(dated.test(one!))
    assert.equal(dated.exec(one!)?.[1], dated.exec(other!)?.[1])

    assert.ok(!printed.includes(SECRET))
    const places = ['/var/log', '/var/cache/puppet', '/var/lib/puppet', '/var/lib/puppetserver']
    assert.deepEqual(await filesWith(master(), SECRET, ...places), [])
    // The catalog of the node, which only root may read there, holds what the node holds.
    const catalog = `/var/cache/puppet/client_data/catalog/${node().name}.json`
    assert.deepEqual(await filesWith(node(), SECRET, '/var/log', '/var/cache/puppet', '/var/lib/puppet'), [catalog])
    const { code } = await node().exec(['cat', catalog], { user: 'nobody' })
    assert.notEqual(code, 0)
  })

  test('module: with mco credentials rotate no node is ever out of reach [B-018]', { timeout: 240_000 }, async () => {
    await sleep(SECRET_AGAIN_AFTER_MS)
    await master().run(['mco', 'credentials', 'rotate'])
    await untilAllAnswer()
    await run(master())
    await untilAllAnswer()
    await run(node())
    await untilAllAnswer()
    const files = ['credentials', 'credentials.previous'].map((name) => `${ETC}/${name}`)
    const [theirs, ours] = await Promise.all([node().run(['cat', ...files]), master().run(['cat', ...files])])
    assert.equal(theirs, ours)
    assert.ok(theirs.includes(SECRET))
  })

  test('module: a run that finds everything as it should be changes nothing', { timeout: 240_000 }, async () => {
    await Promise.all(
      hosts().map(async (host) => {
        const printed = await run(host)
        assert.deepEqual(
          printed.split('\n').filter((line) => /^Notice: \//.test(line)),
          [],
        )
        assert.match(await host.run(['cat', REPORT]), /^status: unchanged$/m)
      }),
    )
  })
}
