// A working collective in a lab, laid out as Puppet Enterprise 2.0 has it: broker and a node on the first host, a node on every
// other; the account peadmin there may use mco, its configuration is ~/.mcollective. [R-006, R-015, R-019, R-020, R-021]

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAuthority, issueServerCertificate } from '../src/setup/certificates.ts'
import {
  type BrokerAccess,
  brokerConfig,
  CLIENT_ACCOUNT,
  clientConfig,
  NODE_ACCOUNT,
  serverConfig,
} from '../src/setup/configuration-files.ts'
import type { Lab, LabHost } from './lab.ts'

export interface Collective {
  readonly lab: Lab
  /** The host with the broker and the account peadmin. */
  readonly master: LabHost
  /** Runs a shell command line as peadmin on the master, e.g. `mco('mco ping')`. */
  mco(line: string, options?: { input?: string; timeoutMs?: number }): ReturnType<LabHost['exec']>
  /** Stops a node's daemon with SIGTERM and starts it again. */
  stopNode(host: string): Promise<void>
  startNode(host: string): Promise<void>
}

export interface CollectiveOptions {
  /** Facts per host, written as facts.yaml. */
  readonly facts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Puppet classes per host; `puppet`: those of the Puppet that runs there. */
  readonly classes?: Readonly<Record<string, readonly string[]>> | 'puppet'
  /** Lines added to server.cfg of every node. */
  readonly serverSettings?: string
}

const ETC = '/etc/puppetlabs/mcollective'
const LOGS = '/var/log/puppetlabs/mcollective'
const LIBDIR = '/opt/puppet/libexec/mcollective'
const CLASSES = '/var/opt/lib/pe-puppet/classes.txt'
const PORT = 61_613
const READY_WITHIN_MS = 30_000

/** Makes keys and configuration on all hosts, starts broker and nodes, and waits until every node answers. */
export async function startCollective(lab: Lab, options: CollectiveOptions = {}): Promise<Collective> {
  const master = lab.hosts[0]!
  const nowMs = Date.now()
  const secret = (): string => randomBytes(24).toString('base64url')
  const [psk, passwords] = [secret(), { client: secret(), node: secret() }]
  const authority = await createAuthority(`Troupe CA of ${master.name}`, { nowMs })
  const broker = await issueServerCertificate(authority, { names: [master.name], nowMs, days: 30 })
  await master.run(['useradd', '--create-home', '--shell', '/bin/bash', 'peadmin'])
  const access = (user: string, password: string): BrokerAccess => {
    return { host: master.name, port: PORT, user, password, caFile: `${ETC}/ssl/ca.pem` }
  }
  const classes = options.classes === 'puppet' ? undefined : (options.classes ?? {})
  const shared = { libdir: LIBDIR, stateDirectory: '/var/lib/mcollective', key: { text: psk } }
  const member = { ...shared, rosterFile: '/var/lib/mcollective/roster.json' }

  await Promise.all([
    master.writeFile(`${ETC}/credentials`, `${psk}\n`, { mode: 0o600 }),
    master.writeFile(`${ETC}/ssl/broker.pem`, broker.certificate),
    master.writeFile(`${ETC}/ssl/broker.key`, broker.key, { mode: 0o600 }),
    master.writeFile(
      `${ETC}/broker.cfg`,
      brokerConfig({
        ...{ address: '0.0.0.0', port: PORT, passwords, logFile: `${LOGS}/broker.log` },
        ...{ certificateFile: `${ETC}/ssl/broker.pem`, keyFile: `${ETC}/ssl/broker.key`, caFile: `${ETC}/ssl/ca.pem` },
      }),
      { mode: 0o600 },
    ),
    master.writeFile(
      '/home/peadmin/.mcollective',
      clientConfig({ ...member, identity: master.name, broker: access(CLIENT_ACCOUNT, passwords.client) }),
      { mode: 0o600, owner: 'peadmin' },
    ),
    ...lab.hosts.map(async (host) => {
      await host.run(['mkdir', '-p', LIBDIR, LOGS, '/var/lib/mcollective'])
      await host.writeFile(`${ETC}/ssl/ca.pem`, authority.certificate)
      if (classes) {
        await host.writeFile(CLASSES, (classes[host.name] ?? ['settings']).map((name) => `${name}\n`).join(''))
      }
      const facts = options.facts?.[host.name]
      if (facts) await host.writeFile(`${ETC}/facts.yaml`, JSON.stringify(facts))
      const text = serverConfig({
        ...{ ...member, identity: host.name, broker: access(NODE_ACCOUNT, passwords.node) },
        ...(classes ? { classesFile: CLASSES } : {}),
        ...{
          logFile: `${LOGS}/mcollective.log`,
          auditFile: `${LOGS}/mcollective-audit.log`,
          keepsRoster: host === master,
        },
        ...{ registerIntervalSeconds: 300, factSource: facts ? ('yaml' as const) : ('auto' as const) },
      })
      await host.writeFile(`${ETC}/server.cfg`, `${text}${options.serverSettings ?? ''}`, { mode: 0o600 })
    }),
  ])

  const collective = collectiveOf(lab)
  await runInBackground(master, `troupe-broker --config ${ETC}/broker.cfg`, 'broker')
  await Promise.all(lab.hosts.map((host) => collective.startNode(host.name)))
  await untilAllAnswer(collective)
  return collective
}

/** The collective of a lab in which one was started, perhaps by another process. */
export function collectiveOf(lab: Lab): Collective {
  const master = lab.hosts[0]!
  return {
    lab,
    master,
    mco: (line, more) => master.exec(['bash', '-c', line], { user: 'peadmin', ...more }),
    stopNode: (name) => stopInBackground(lab.host(name), 'mcollectived'),
    startNode: (name) =>
      runInBackground(lab.host(name), `mcollectived --config ${ETC}/server.cfg --no-daemonize`, 'mcollectived'),
  }
}

async function runInBackground(host: LabHost, line: string, name: string): Promise<void> {
  await host.run(['setsid', 'sh', '-c', `${line} >> ${LOGS}/${name}.out 2>&1 & echo $! > /run/${name}.pid`])
}

async function stopInBackground(host: LabHost, name: string): Promise<void> {
  const script = 'pid=$(cat "/run/$0.pid"); kill "$pid"; while [ -e "/proc/$pid" ]; do sleep 0.05; done'
  await host.run(['sh', '-c', script, name])
}

async function untilAllAnswer(collective: Collective): Promise<void> {
  const wanted = collective.lab.hosts.map((host) => host.name).toSorted()
  let last = ''
  for (const startedAt = performance.now(); performance.now() - startedAt < READY_WITHIN_MS; await sleep(250)) {
    const { stdout, stderr } = await collective.mco('mco find')
    if (stdout.split('\n').filter(Boolean).toSorted().join() === wanted.join()) return
    last = stdout + stderr
  }
  const logs = await Promise.all(collective.lab.hosts.map((host) => host.exec(['sh', '-c', `tail -n 15 ${LOGS}/*`])))
  throw new Error(
    `the collective does not come up; mco find says:\n${last}\n${logs.map((log, i) => `${wanted[i]}:\n${log.stdout}`).join('\n')}`,
  )
}
