// A real Puppet deployment in a lab: puppetserver with its certificate authority on the first host, Puppet agents with signed
// certificates on all. Takes Debian's puppet-agent and puppetserver, a gigabyte of memory and about a minute to start: start it once
// per test run. Nothing of this machine's own Puppet is used or changed.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab, LabHost } from './lab.ts'

export interface PuppetLabOptions {
  /** Manifest of the environment production, e.g. `node default { include helloworld }`. */
  readonly manifest?: string
  /** Files of modules, by their path below `modules`, e.g. `helloworld/manifests/init.pp`. */
  readonly modules?: Readonly<Record<string, string>>
  /** Lines for the section `[agent]` of every puppet.conf. */
  readonly agentSettings?: string
}

export interface PuppetLab {
  readonly lab: Lab
  /** The host with puppetserver. */
  readonly master: LabHost
  /** Changes the manifest for the next runs. */
  writeManifest(text: string): Promise<void>
  /** One run on a host, to its end; rejects unless it succeeds (also with changes). Gives what Puppet printed. */
  runAgent(host: string): Promise<string>
}

const CODE = '/etc/puppet/code/environments/production'
const SERVER_READY_WITHIN_MS = 240_000
const AGENT_RUN_MS_MAX = 180_000

export const HELLO_MODULE = {
  'helloworld/manifests/init.pp': `class helloworld {\n  file { '/tmp/helloworld': content => "Hello from Puppet\\n" }\n}\n`,
} as const

/** Every host gets a certificate and its first run. Rejects with what went wrong when Debian's packages are missing. */
export async function startPuppet(lab: Lab, options: PuppetLabOptions = {}): Promise<PuppetLab> {
  const master = lab.hosts[0]!
  const missing = await master.exec([
    'sh',
    '-c',
    'command -v puppet && test -f /usr/share/puppetserver/puppetserver.jar',
  ])
  if (missing.code !== 0)
    throw new Error('a Puppet lab takes Debian packages: apt-get install puppet-agent puppetserver')
  const manifest = options.manifest ?? 'node default { include helloworld }\n'
  await Promise.all(lab.hosts.map((host) => prepareAgent(host, master.name, options.agentSettings ?? '')))
  const modules = Object.entries(options.modules ?? HELLO_MODULE)
  await Promise.all([
    master.writeFile(`${CODE}/manifests/site.pp`, manifest),
    ...modules.map(([path, text]) => master.writeFile(`${CODE}/modules/${path}`, text)),
  ])
  await startServer(master)
  const puppet: PuppetLab = {
    lab,
    master,
    writeManifest: (text) => master.writeFile(`${CODE}/manifests/site.pp`, text),
    runAgent: (host) => runAgent(lab.host(host)),
  }
  // One after the other: they would only compete for the server's first, slow compilations.
  for (const host of lab.hosts) await puppet.runAgent(host.name)
  return puppet
}

async function prepareAgent(host: LabHost, server: string, agentSettings: string): Promise<void> {
  const leftovers = ['/var/lib/puppet/ssl', '/var/lib/puppetserver', '/var/cache/puppet', '/etc/puppet/puppetserver/ca']
  await host.run(['rm', '-rf', ...leftovers, '/etc/puppet/code/environments'])
  // Debian's puppetserver only uses the ssl folder when it is there and its own.
  const folders = ['/var/lib/puppet/ssl', '/var/lib/puppetserver', '/var/log/puppetserver', '/run/puppetserver']
  const own = ['install', '-d', '-o', 'puppet', '-g', 'puppet', '-m', '771']
  await host.run([...own, '/var/lib/puppet', ...folders, '/var/cache/puppet', '/run/puppet', '/var/log/puppet'])
  // On a connection that was kept from the upload of the request for a certificate, the server answers only after half a minute.
  await host.writeFile(
    '/etc/puppet/puppet.conf',
    `[main]\nserver = ${server}\nhttp_keepalive_timeout = 0s\n[server]\nautosign = true\nenvironment_timeout = 0\n[agent]\n${agentSettings}`,
  )
}

/** As its unit does, with a smaller heap; checking the byte code of its thousands of classes would be a fifth of the start. */
async function startServer(master: LabHost): Promise<void> {
  const share = '/usr/share/puppetserver'
  const java = [
    ...['java', '-XX:+UnlockDiagnosticVMOptions', '-XX:-BytecodeVerificationRemote'],
    ...['-Xms512m', '-Xmx768m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    ...['-Djruby.logger.class=com.puppetlabs.jruby_utils.jruby.Slf4jLogger', '-Djruby.lib=/usr/share/jruby/lib'],
    ...['-jar', `${share}/puppetserver.jar`, '--config', '/etc/puppet/puppetserver/conf.d'],
    ...['--bootstrap-config', '/etc/puppet/puppetserver/services.d', '--restart-file', '/run/puppetserver/restart'],
  ]
  const line = `umask 027; exec ${java.join(' ')} > /var/log/puppetserver/console.log 2>&1`
  const start = `setsid setpriv --reuid puppet --regid puppet --init-groups sh -c '${line}' < /dev/null > /dev/null 2>&1 &`
  await master.run(['sh', '-c', `${start} echo $! > /run/puppetserver.pid`])
  const state = 'cat /run/puppetserver/restart; kill -0 $(cat /run/puppetserver.pid) || echo ended'
  for (const startedAt = performance.now(); performance.now() - startedAt < SERVER_READY_WITHIN_MS; await sleep(500)) {
    const { stdout } = await master.exec(['sh', '-c', state])
    if (stdout.startsWith('1')) return
    if (stdout.includes('ended')) break
  }
  const { stdout } = await master.exec(['sh', '-c', 'tail -n 30 /var/log/puppetserver/console.log'])
  throw new Error(`puppetserver does not come up:\n${stdout}`)
}

async function runAgent(host: LabHost): Promise<string> {
  const words = ['puppet', 'agent', '--test', '--color=false', '--waitforcert', '5']
  const { code, stdout, stderr } = await host.exec(words, { timeoutMs: AGENT_RUN_MS_MAX })
  if (code !== 0 && code !== 2) throw new Error(`${host.name}: puppet agent ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}
