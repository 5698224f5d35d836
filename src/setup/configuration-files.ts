// Texts of client.cfg, server.cfg and broker.cfg for a collective on the embedded broker. What each key means, and every other
// key, is docs/reference/settings.md; where the files go is up to the caller. [wire 9.1] [cli 2.2]

import type { IdentityFiles } from './identity-files.ts'

export interface BrokerAccess {
  /** e.g. `puppetmaster.example.com`; must be one of the names in the broker's certificate. */
  readonly host: string
  readonly port: number
  readonly user: string
  /** Absent: the certificate is the login. */
  readonly password?: string
  /** Absolute path of the authority's certificate. */
  readonly caFile: string
  /** Absolute paths of the certificate to show, e.g. Puppet's, and its key. */
  readonly certificate?: { readonly certificate: string; readonly key: string }
}

interface MemberFile {
  readonly identity: string
  readonly broker: BrokerAccess
  /** The pre-shared key: the absolute paths of its files, or itself; or what the aes scheme needs. */
  readonly key:
    | { readonly file: string; readonly previousFile: string }
    | { readonly text: string }
    | { readonly aes: IdentityFiles }
  /** The first is the main one. Default `mcollective`. */
  readonly collectives?: readonly string[]
  readonly libdir: string
  readonly stateDirectory: string
  /** Absolute path of the roster. */
  readonly rosterFile: string
}

export interface ServerFile extends MemberFile {
  readonly logFile: string
  readonly auditFile: string
  /** true: this node keeps the roster. */
  readonly keepsRoster: boolean
  readonly registerIntervalSeconds: number
  /** `yaml`: the facts.yaml beside the file. */
  readonly factSource: 'auto' | 'yaml'
  readonly classesFile?: string
  /** Agents this node shall not have, e.g. `['puppetd']`. */
  readonly inactiveAgents?: readonly string[]
}

export interface BrokerFile {
  /** e.g. `127.0.0.1`. */
  readonly address: string
  readonly port: number
  readonly certificateFile: string
  readonly keyFile: string
  readonly caFile: string
  /** Of nodes null: each logs in with a certificate of `caFile` that has its identity as common name. */
  readonly passwords: { readonly client: string; readonly node: string | null }
  readonly logFile: string
}

export const CLIENT_ACCOUNT = 'client'
export const NODE_ACCOUNT = 'node'

export interface ClientFile extends MemberFile {
  /** Where `mco console` listens, e.g. `127.0.0.1:4433`; absent: the default. */
  readonly consoleListen?: string
}

export function clientConfig(file: ClientFile): string {
  return lines('What mco reads to find the broker and to be believed by nodes.', [
    ['identity', file.identity],
    ...member(file),
    ...(file.consoleListen === undefined ? [] : [['console.listen', file.consoleListen] as const]),
    ['logger_type', 'console'],
  ])
}

export function serverConfig(file: ServerFile): string {
  return lines('What mcollectived reads to make this machine a node.', [
    ['identity', file.identity],
    ...member(file),
    ['registerinterval', file.registerIntervalSeconds],
    ['roster', file.keepsRoster ? 1 : 0],
    ['factsource', file.factSource],
    ...(file.classesFile === undefined ? [] : [['classesfile', file.classesFile] as const]),
    ...(file.inactiveAgents ?? []).map((agent) => [`plugin.${agent}.activate_agent`, 0] as const),
    ['rpcaudit', 1],
    ['plugin.rpcaudit.logfile', file.auditFile],
    ['logger_type', 'file'],
    ['logfile', file.logFile],
  ])
}

export function brokerConfig(file: BrokerFile): string {
  return lines('What the embedded broker reads.', [
    ['broker.listen', `${file.address}:${file.port}`],
    ['broker.tls.cert', file.certificateFile],
    ['broker.tls.key', file.keyFile],
    ['broker.tls.ca', file.caFile],
    [`broker.account.${CLIENT_ACCOUNT}.role`, 'client'],
    [`broker.account.${CLIENT_ACCOUNT}.password`, file.passwords.client],
    [`broker.account.${NODE_ACCOUNT}.role`, 'node'],
    ...nodeLogin(file.passwords.node),
    ['logger_type', 'file'],
    ['logfile', file.logFile],
  ])
}

function nodeLogin(password: string | null): Setting[] {
  const account = `broker.account.${NODE_ACCOUNT}`
  if (password !== null) return [[`${account}.password`, password]]
  return [
    [`${account}.certificate`, '*'],
    [`${account}.identity`, 'certificate'],
  ]
}

function member({ broker, collectives, ...file }: MemberFile): Setting[] {
  const pool = 'plugin.activemq.pool.1'
  const [main] = collectives ?? []
  return [
    ...(collectives && main !== undefined
      ? ([
          ['collectives', collectives.join(',')],
          ['main_collective', main],
        ] as const)
      : []),
    ['connector', 'activemq'],
    [`${pool}.host`, broker.host],
    [`${pool}.port`, broker.port],
    [`${pool}.user`, broker.user],
    ...(broker.password === undefined ? [] : [[`${pool}.password`, broker.password] as const]),
    [`${pool}.ssl`, 1],
    [`${pool}.ssl.ca`, broker.caFile],
    ...(broker.certificate === undefined
      ? []
      : ([
          [`${pool}.ssl.cert`, broker.certificate.certificate],
          [`${pool}.ssl.key`, broker.certificate.key],
        ] as const)),
    // A broker that was away is found again within seconds, however long it was away.
    ['plugin.activemq.max_reconnect_delay', 5],
    ...security(file.key),
    ['libdir', file.libdir],
    ['statedir', file.stateDirectory],
    ['rosterfile', file.rosterFile],
  ]
}

function security(key: MemberFile['key']): Setting[] {
  if ('aes' in key) {
    return [
      ['securityprovider', 'aes'],
      ...Object.entries(key.aes).map(([name, file]): Setting => [`plugin.aes.${name}`, file]),
    ]
  }
  if ('text' in key) {
    return [
      ['securityprovider', 'psk'],
      ['plugin.psk', key.text],
    ]
  }
  return [
    ['securityprovider', 'psk'],
    ['plugin.psk.file', key.file],
    ['plugin.psk.previous_file', key.previousFile],
  ]
}

type Setting = readonly [key: string, value: string | number]

function lines(about: string, settings: readonly Setting[]): string {
  return `# ${about}\n${settings.map(([key, value]) => `${key} = ${value}\n`).join('')}`
}
