// `mco setup master`: everything the master of a collective needs - authority, certificate of the broker, password, broker accounts,
// configuration, the operator's files. A second run keeps keys and passwords, renews what nears its end and follows changed
// choices. The account itself is made by main.

import { existsSync, readFileSync } from 'node:fs'
import { TroupeError } from '#base/errors.ts'
import { makeFolders } from '#base/make-folders.ts'
import {
  type BrokerAccess,
  brokerConfig,
  CLIENT_ACCOUNT,
  clientConfig,
  NODE_ACCOUNT,
  serverConfig,
} from './configuration-files.ts'
import { credentialFiles } from './credentials.ts'
import { type IdentityFolder, prepareIdentityFolder } from './identity-files.ts'
import {
  type Choices,
  claimDirectory,
  DEFAULT_STATE_DIRECTORY,
  type Item,
  type Layout,
  layoutOf,
  type MasterRecord,
  type Operator,
  type PuppetCertificate,
  readRecord,
  saveRecord,
} from './installed.ts'
import {
  damaged,
  ensureAuthority,
  ensureBrokerCertificate,
  ensurePresharedKey,
  newSecret,
  writeUnlessEdited,
} from './kept-files.ts'
import { copyForOperator } from './operator-copies.ts'
import { makeFolder, save } from './private-files.ts'
import { DEFAULT_PORT } from './state-directory.ts'

export interface MasterOptions {
  /** Absolute path, e.g. `/etc/puppetlabs/mcollective`. */
  readonly directory: string
  /** What was asked for; the rest is as it was chosen before, else the default. */
  readonly asked: Partial<Choices>
  /** Identity unless one was chosen, e.g. `puppetmaster.example.com`. */
  readonly hostName: string
  /** Makes sure that the account is there and tells its home and ids. */
  readonly operator: (chosen: NonNullable<Choices['operator']>) => Operator
  /** Finds Puppet's certificate of this host. */
  readonly puppetCertificate: () => PuppetCertificate
  /** Address the broker listens on, e.g. `[::]`. */
  readonly listenAddress: string
  readonly nowMs: number
}

export interface MasterMade {
  readonly record: MasterRecord
  readonly items: readonly Item[]
  /** true: there was none before. */
  readonly created: boolean
}

const REGISTER_INTERVAL_SECONDS = 300
export const OPERATOR_ACCOUNT = 'peadmin'

/** Throws SETUP_DAMAGED, SETUP_UNSAFE_DIRECTORY, USAGE_INVALID, and what `operator` and `puppetCertificate` throw. */
export async function prepareMaster(options: MasterOptions): Promise<MasterMade> {
  const { directory, nowMs } = options
  const before = readRecord(layoutOf(directory, '').record)
  if (before?.role === 'node') {
    const message = `will not make a master in ${directory}: this machine joined another one as the node ${before.identity}; choose another --directory, or move that one away`
    throw new TroupeError('USAGE_INVALID', message)
  }
  const puppet =
    (options.asked.puppetCertificates ?? before?.puppetCertificates) ? options.puppetCertificate() : undefined
  const record = chooseMaster(options, before, puppet)
  const operator = record.operator ? options.operator(record.operator) : undefined
  claimDirectory(directory)
  const layout = layoutOf(directory, record.stateDirectory)
  saveRecord(layout.record, record)
  makeFolder(layout.at('ssl'))
  for (const folder of [layout.stateDirectory, layout.logs]) makeFolders(folder, 0o755)

  const items: Item[] = []
  const complete = before?.complete ?? false
  if (puppet) copyCertificates(layout, puppet, items)
  else await ensureCertificates(layout, record, complete, nowMs, items)
  if (record.security === 'psk') {
    const path = credentialFiles(directory).current
    items.push({ what: 'password of the collective', path, fate: ensurePresharedKey(path, complete) })
  }
  const passwords = ensurePasswords(layout.brokerPasswords, complete, items)
  const keys = record.security === 'aes' ? identities(layout, record, nowMs, items) : undefined
  writeConfigurations({ layout, record, puppet, passwords, keys, items }, options.listenAddress)
  if (operator) {
    const fate = operator.isNew ? 'made' : 'kept'
    if (operator.owner) items.push({ what: `account ${operator.account}`, path: operator.home, fate })
    items.push(...copyForOperator({ layout, record, operator, password: passwords.client }))
  }
  record.complete = true
  saveRecord(layout.record, record)
  return { record, items, created: before === undefined }
}

function chooseMaster(
  { asked, hostName }: MasterOptions,
  before: MasterRecord | undefined,
  puppet: PuppetCertificate | undefined,
): MasterRecord {
  if (before && asked.security !== undefined && asked.security !== before.security) {
    const message = `will not change the security scheme from ${before.security} to ${asked.security} here: nodes that know only the former would be cut off; docs/security.md has the steps that leave nobody behind`
    throw new TroupeError('USAGE_INVALID', message)
  }
  const defaults: Choices = {
    ...{
      identity: puppet?.name ?? hostName,
      port: DEFAULT_PORT,
      collectives: ['mcollective'],
      names: [],
      security: 'psk',
    },
    ...{ stateDirectory: DEFAULT_STATE_DIRECTORY, puppetCertificates: false, operator: { account: OPERATOR_ACCOUNT } },
  }
  const { version, role, complete, written, ...chosen } = before ?? {
    version: 1,
    role: 'master',
    complete: false,
    written: {},
  }
  const record = {
    ...defaults,
    ...chosen,
    ...asked,
    version: 1,
    role: 'master',
    complete,
    written: { ...written },
  } as const
  if (puppet && record.identity !== puppet.name) {
    const message = `cannot be ${record.identity} with Puppet's certificate, which is of ${puppet.name}: nodes log in with the name in their certificate`
    throw new TroupeError('USAGE_INVALID', message)
  }
  return record
}

async function ensureCertificates(
  { ca, broker }: Layout,
  { identity, names }: MasterRecord,
  complete: boolean,
  nowMs: number,
  items: Item[],
): Promise<void> {
  const { authority, fate } = await ensureAuthority(ca, { identity, complete, nowMs })
  items.push({ what: 'certificate authority', path: ca.certificate, fate })
  const short = identity.split('.')[0]!
  const all = [identity, ...new Set([...(short === identity ? [] : [short]), ...names])] as [string, ...string[]]
  const issued = await ensureBrokerCertificate(broker, authority, { names: all, nowMs })
  items.push({ what: 'certificate of the broker', path: broker.certificate, ...issued })
}

/** Puppet's files belong to Puppet's account, and a broker that may not override that could not read them. */
function copyCertificates({ ca, broker }: Layout, puppet: PuppetCertificate, items: Item[]): void {
  const copies = [
    ["Puppet's certificate authority", puppet.authority, ca.certificate],
    ["Puppet's certificate for the broker", puppet.certificate, broker.certificate],
    ['its private key', puppet.key, broker.key],
  ] as const
  for (const [what, from, to] of copies) {
    const text = readFileSync(from, 'utf8')
    const current = existsSync(to) ? readFileSync(to, 'utf8') : undefined
    if (current !== text) save(to, text)
    items.push({ what, path: to, fate: current === undefined ? 'made' : current === text ? 'kept' : 'changed' })
  }
}

export interface BrokerPasswords {
  readonly client: string
  readonly node: string
}

function ensurePasswords(file: string, complete: boolean, items: Item[]): BrokerPasswords {
  const isThere = existsSync(file)
  if (!isThere && complete) throw damaged(file, 'it is missing')
  if (!isThere) {
    const passwords = [CLIENT_ACCOUNT, NODE_ACCOUNT].map((name) => `${name} = ${newSecret(32)}\n`)
    save(
      file,
      `# Accounts of the broker. They stay as they are when the password of the collective is changed.\n${passwords.join('')}`,
    )
  }
  items.push({ what: 'passwords of the broker accounts', path: file, fate: isThere ? 'kept' : 'made' })
  return readBrokerPasswords(file)
}

/** Throws SETUP_DAMAGED. */
export function readBrokerPasswords(file: string): BrokerPasswords {
  const text = readFileSync(file, 'utf8')
  const of = (account: string): string => {
    const password = new RegExp(`^\\s*${account}\\s*=\\s*(\\S+)\\s*$`, 'm').exec(text)?.[1]
    if (password === undefined) throw damaged(file, `it has no line '${account} = PASSWORD'`)
    return password
  }
  return { client: of(CLIENT_ACCOUNT), node: of(NODE_ACCOUNT) }
}

function identities(layout: Layout, record: MasterRecord, nowMs: number, items: Item[]): IdentityFolder {
  const folder = layout.at('aes')
  const isThere = existsSync(folder)
  const notes: string[] = []
  const operator = record.operator?.account ?? 'admin'
  const made = prepareIdentityFolder({ folder, operator, nodes: [record.identity], nowMs, notes })
  const reason = notes.join('; ')
  items.push({
    what: `keys of ${operator} and this node`,
    path: folder,
    fate: isThere ? (reason ? 'changed' : 'kept') : 'made',
    ...(reason ? { reason } : {}),
  })
  return made
}

interface Parts {
  readonly layout: Layout
  readonly record: MasterRecord
  readonly puppet: PuppetCertificate | undefined
  readonly passwords: BrokerPasswords
  readonly keys: IdentityFolder | undefined
  readonly items: Item[]
}

function writeConfigurations({ layout, record, puppet, passwords, keys, items }: Parts, listenAddress: string): void {
  const write = (name: string, text: string): void => {
    const fate = writeUnlessEdited(layout.at(name), text, record.written, name)
    items.push({ what: 'configuration', path: layout.at(name), fate })
  }
  const { identity, port, collectives, stateDirectory } = record
  const access = { host: identity, port, caFile: layout.ca.certificate }
  const { current, previous } = credentialFiles(layout.at())
  const psk = { file: current, previousFile: previous }
  const shared = { identity, collectives, stateDirectory, libdir: layout.libdir, rosterFile: layout.rosterFile }
  write(
    'broker.cfg',
    brokerConfig({
      ...{
        address: listenAddress,
        port,
        certificateFile: layout.broker.certificate,
        keyFile: layout.broker.key,
        caFile: layout.ca.certificate,
      },
      passwords: { client: passwords.client, node: puppet ? null : passwords.node },
      logFile: `${layout.logs}/broker.log`,
    }),
  )
  write(
    'client.cfg',
    clientConfig({
      ...{ ...shared, broker: { ...access, user: CLIENT_ACCOUNT, password: passwords.client } },
      key: keys ? { aes: keys.client } : psk,
    }),
  )
  const login: BrokerAccess = puppet
    ? { ...access, user: NODE_ACCOUNT, certificate: puppet }
    : { ...access, user: NODE_ACCOUNT, password: passwords.node }
  write(
    'server.cfg',
    serverConfig({
      ...{ ...shared, broker: login, key: keys ? { aes: keys.node(identity) } : psk },
      ...{ keepsRoster: true, registerIntervalSeconds: REGISTER_INTERVAL_SECONDS, factSource: 'auto' },
      ...{ logFile: `${layout.logs}/mcollective.log`, auditFile: `${layout.logs}/mcollective-audit.log` },
    }),
  )
}
