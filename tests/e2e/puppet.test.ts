// puppetd and puppet against a real Puppet deployment: puppetserver with its certificate authority, agents with signed certificates.
// The transcripts of puppet-transcripts/ first, then what can go wrong, then the Puppet module. Installs Debian's packages. [R-033..R-037, R-067..R-075, B-016]

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Collective, startCollective } from '../../lab/collective.ts'
import { createLab, type Lab } from '../../lab/lab.ts'
import { HELLO_MODULE, type PuppetLab, startPuppet } from '../../lab/puppet.ts'
import { addService } from '../../lab/service.ts'
import { ensurePackage } from '../debian-package.ts'
import { buildPackage } from './build-package.ts'
import { puppetModuleTests } from './puppet-module-tests.ts'
import { difference, parseTranscript } from './transcript.ts'

const MASTER = 'puppetmaster.example.com'
const AGENT = 'agent.example.com'
const STATE = '/var/cache/puppet/state'
const SUMMARY = '/var/cache/puppet/public/last_run_summary.yaml'
/** A run that takes its time, so that runs would overlap if they could. */
const SLOW = "node default { include helloworld\n exec { '/bin/sleep 6': } }\n"
const QUICK = 'node default { include helloworld }\n'
const folder = new URL('./puppet-transcripts/', import.meta.url)

let lab: Lab
let puppet: PuppetLab
let collective: Collective
let packages: string
let deb: string

before(async () => {
  if (!existsSync('/usr/bin/puppet')) ensurePackage('puppet-agent', '/usr/bin/puppet')
  if (!existsSync('/usr/bin/puppetserver')) ensurePackage('puppetserver', '/usr/bin/puppetserver')
  // Before the hosts are made, so that they have it; not in /tmp, of which each has its own.
  packages = mkdtempSync('/var/tmp/troupe-package-')
  deb = buildPackage('deb', packages)
  lab = await createLab({ hosts: [MASTER, AGENT] })
  for (const host of lab.hosts) await addService(host, 'ssh')
  puppet = await startPuppet(lab, { modules: HELLO_MODULE, manifest: QUICK })
  collective = await startCollective(lab, {
    classes: 'puppet',
    serverSettings: 'plugin.puppet.resource_type_whitelist = file\n',
  })
})
after(async () => {
  await lab?.down()
  if (packages !== undefined) rmSync(packages, { recursive: true, force: true })
})

interface Status {
  readonly applying: boolean
  readonly starting: boolean
  readonly lastrun: number
  readonly message: string
}

async function statuses(): Promise<Map<string, Status>> {
  const { stdout } = await collective.mco('mco rpc puppet status --json')
  const replies = JSON.parse(stdout) as { sender: string; data: Status }[]
  return new Map(replies.map(({ sender, data }) => [sender, data]))
}

/** Waits until neither host runs Puppet. */
async function untilCalm(): Promise<void> {
  for (let i = 0; i < 240; i++) {
    const all = [...(await statuses()).values()]
    if (all.length === 2 && all.every(({ applying, starting }) => !applying && !starting)) return
    await sleep(500)
  }
  assert.fail('Puppet runs for ever')
}

for (const file of readdirSync(folder).sort()) {
  test(`transcript ${file}`, { timeout: 300_000 }, async () => {
    for (const step of parseTranscript(readFileSync(new URL(file, folder), 'utf8'))) {
      const { stdout, code } = await collective.mco(`${step.command} 2>&1`, { timeoutMs: 120_000 })
      const wrong = difference(step, stdout, code)
      if (wrong !== undefined) assert.fail(wrong)
      if (step.command.includes('runall')) await untilCalm()
    }
  })
}

test('runall 1 never lets two runs overlap, by what the runs themselves wrote [R-069]', {
  timeout: 300_000,
}, async () => {
  await puppet.writeManifest(SLOW)
  for (const command of ['puppetd', 'puppet']) {
    const { stdout, code } = await collective.mco(`mco ${command} runall 1`, { timeoutMs: 200_000 })
    assert.equal(code, 0, stdout)
    await untilCalm()
    const spans = await Promise.all(
      lab.hosts.map(async (host) => {
        const report = await host.run(['head', '-n', '4', `${STATE}/last_run_report.yaml`])
        const startedAt = Date.parse(/^time: '(.+)'$/m.exec(report)?.[1] ?? '') / 1000
        return { startedAt, endedAt: Number(/last_run: (\d+)/.exec(await host.run(['cat', SUMMARY]))?.[1]) }
      }),
    )
    const [first, second] = spans.sort((a, b) => a.startedAt - b.startedAt)
    assert.ok(first && second && first.endedAt - first.startedAt >= 6, JSON.stringify(spans))
    // last_run has whole seconds.
    assert.ok(second.startedAt >= first.endedAt, `${command}: ${JSON.stringify(spans)}`)
  }
})

test('a run goes on when the daemon that started it is restarted', { timeout: 120_000 }, async () => {
  const before = (await statuses()).get(AGENT)?.lastrun ?? 0
  await collective.mco(`mco puppetd runonce --force -I ${AGENT}`)
  await collective.stopNode(AGENT)
  await sleep(500)
  await collective.startNode(AGENT)
  await sleep(2000)
  await untilCalm()
  assert.ok(((await statuses()).get(AGENT)?.lastrun ?? 0) > before)
})

test('two operators at once, and one who comes while Puppet runs: one run, true answers', {
  timeout: 240_000,
}, async () => {
  await untilCalm()
  await puppet.writeManifest(SLOW)
  const asked = ['puppetd', 'puppet'].map((command) => collective.mco(`mco ${command} runonce --force -I ${AGENT}`))
  for (const { stdout, code } of await Promise.all(asked)) {
    // Who comes a moment later may find the other's run there already.
    assert.ok(code === 0 || /appears to be running|currently applying/.test(stdout), stdout)
  }
  const host = lab.host(AGENT)
  const applying = `for i in $(seq 600); do test -s ${STATE}/agent_catalog_run.lock && exit 0; sleep 0.1; done; exit 1`
  await host.run(['sh', '-c', applying], { timeoutMs: 90_000 })
  for (const [command, told] of [
    ['mco puppetd runonce', /Lock file and PID file exist; puppet agent appears to be running\./],
    ['mco puppet runonce', /Puppet is currently applying a catalog, cannot run now/],
  ] as const) {
    const { stdout, code } = await collective.mco(`${command} -I ${AGENT}`)
    assert.equal(code, 2, stdout)
    assert.match(stdout, told)
  }
  await untilCalm()
  await puppet.writeManifest(QUICK)
})

test('a puppet.conf that cannot be read is told of by name; afterwards all is well without a restart', {
  timeout: 120_000,
}, async () => {
  const host = lab.host(AGENT)
  const find = () => collective.mco(`mco rpc puppetral find type=user title=root -I ${AGENT} 2>&1`)
  await host.run(['sh', '-c', 'mv /etc/puppet/puppet.conf /etc/puppet/kept && mkdir /etc/puppet/puppet.conf'])
  const { stdout, code } = await find()
  assert.equal(code, 2, stdout)
  assert.match(stdout, /Request Aborted\s+the Puppet worker could not be started: .*puppet\.conf/)
  assert.equal((await collective.mco(`mco puppetd status -I ${AGENT}`)).code, 0)
  await host.run(['sh', '-c', 'rmdir /etc/puppet/puppet.conf && mv /etc/puppet/kept /etc/puppet/puppet.conf'])
  const after = await find()
  assert.equal(after.code, 0, after.stdout)
})

test('a run that was killed leaves a lock that does not count', { timeout: 120_000 }, async () => {
  await collective.mco(`mco puppetd runonce --force -I ${AGENT}`)
  const host = lab.host(AGENT)
  const kill = `for i in $(seq 300); do test -s ${STATE}/agent_catalog_run.lock && break; sleep 0.1; done; kill -9 $(cat ${STATE}/agent_catalog_run.lock); sleep 0.2; cat ${STATE}/agent_catalog_run.lock`
  assert.match(await host.run(['sh', '-c', kill]), /^\d+$/)
  const status = (await statuses()).get(AGENT)
  assert.deepEqual([status?.applying, status?.starting], [false, false])
  await puppet.writeManifest(QUICK)
  const { code } = await collective.mco(`mco puppetd runonce --force -I ${AGENT}`)
  assert.equal(code, 0)
  await untilCalm()
})

test('a daemon that waits is told to run; options are refused', { timeout: 120_000 }, async () => {
  const host = lab.host(AGENT)
  await host.run(['puppet', 'agent', '--runinterval', '3600'])
  // A daemon runs at once when it starts.
  for (let i = 0; i < 200 && !(await statuses()).get(AGENT)?.message.startsWith('Currently idling'); i++)
    await sleep(300)
  await untilCalm()
  const before = (await statuses()).get(AGENT)?.lastrun ?? 0
  const refused = await collective.mco(`mco puppet runonce --noop -I ${AGENT}`)
  assert.match(refused.stdout, /Cannot specify any custom puppet options when the daemon is running/)
  const told = await collective.mco(`mco puppetd runonce --display all -I ${AGENT}`)
  assert.match(told.stdout, /Signalled daemonized puppet agent to run \(process \d+\)/)
  let lastrun = before
  for (let i = 0; i < 100 && lastrun === before; i++) {
    await sleep(300)
    lastrun = (await statuses()).get(AGENT)?.lastrun ?? 0
  }
  assert.ok(lastrun > before)
  await host.run(['sh', '-c', 'kill $(cat /run/puppet/agent.pid)'])
})

test('mco puppet runonce --noop says what would change, --wait what was changed', { timeout: 180_000 }, async () => {
  const host = lab.host(AGENT)
  await untilCalm()
  await host.run(['rm', '-f', '/tmp/helloworld'])
  const line = / {3}File\[\/tmp\/helloworld\] ensure: absent -> file\n/
  const tried = await collective.mco(`mco puppet runonce --noop --force -I ${AGENT}`, { timeoutMs: 120_000 })
  assert.equal(tried.code, 0, tried.stdout)
  assert.match(tried.stdout, /^agent\.example\.com +1 change would be made\n/m)
  assert.match(tried.stdout, line)
  assert.equal((await host.exec(['test', '-e', '/tmp/helloworld'])).code, 1, 'it was no try')
  const done = await collective.mco(`mco puppet runonce --wait --force -I ${AGENT}`, { timeoutMs: 120_000 })
  assert.equal(done.code, 0, done.stdout)
  assert.match(done.stdout, /^agent\.example\.com +1 change made\n/m)
  assert.match(done.stdout, line)
  assert.equal((await host.exec(['test', '-e', '/tmp/helloworld'])).code, 0)
})

test('a single resource changes nothing that Puppet says of its own runs [A7]', { timeout: 120_000 }, async () => {
  const host = lab.host(AGENT)
  const before = await host.run(['sh', '-c', `cat ${SUMMARY}; stat -c %y ${STATE}/*`])
  const { stdout } = await collective.mco(`mco puppet resource file /tmp/single ensure=file content=x -I ${AGENT}`)
  assert.match(stdout, /Changed: true/)
  assert.equal(await host.run(['cat', '/tmp/single']), 'x')
  assert.equal(await host.run(['sh', '-c', `cat ${SUMMARY}; stat -c %y ${STATE}/*`]), before)
})

test('a corrupt summary is told by name and the node stays well', { timeout: 60_000 }, async () => {
  const host = lab.host(AGENT)
  await host.run(['sh', '-c', `cp ${SUMMARY} /tmp/kept; head -c 100 /dev/urandom > ${SUMMARY}`])
  const { stdout, code } = await collective.mco(`mco puppetd summary -I ${AGENT}`)
  assert.equal(code, 2)
  assert.match(stdout, /Request Aborted\s+cannot read \/var\/cache\/puppet\/public\/last_run_summary\.yaml/)
  assert.equal((await collective.mco(`mco puppetd status -I ${AGENT}`)).code, 0)
  await host.run(['cp', '/tmp/kept', SUMMARY])
})

test('a node that vanishes is told; the others run', { timeout: 240_000 }, async () => {
  await puppet.writeManifest(SLOW)
  const running = collective.mco('mco puppet runall 1', { timeoutMs: 200_000 })
  for (let i = 0; i < 300; i++) {
    if ((await lab.host(AGENT).exec(['test', '-s', `${STATE}/agent_catalog_run.lock`])).code === 0) break
    await sleep(100)
  }
  await collective.stopNode(AGENT)
  const { stdout, code } = await running
  assert.match(stdout, new RegExp(`Host ${AGENT} failed to respond multiple times\\. Skipping\\.`))
  assert.match(stdout, new RegExp(`${MASTER} schedule status: Started a Puppet run`))
  assert.equal(code, 2)
  await collective.startNode(AGENT)
  await puppet.writeManifest(QUICK)
})

// From here on the collective is the module's.
puppetModuleTests(() => ({ puppet, collective, deb }))

test('with a master that is gone runs fail, and runall still comes to its end', { timeout: 240_000 }, async () => {
  await untilCalm()
  await puppet.master.run(['sh', '-c', 'kill -9 $(cat /run/puppetserver.pid)'])
  const { stdout, code } = await collective.mco('mco puppetd runall 1', { timeoutMs: 200_000 })
  assert.equal(code, 0, stdout)
  assert.match(stdout, /puppetmaster\.example\.com schedule status: OK/)
})
