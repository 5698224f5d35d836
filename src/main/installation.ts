// What `mco setup` and `mco credentials` do on this machine: the functions of setup wired to its accounts, its Puppet, its network and its
// clock.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'
import { messageOf, TroupeError } from '#base/errors.ts'
import { IDENTITY_PATTERN } from '#base/id.ts'
import type { Installation, MasterAsked, NodeAsked, TokenAsked } from '#cli/installation.ts'
import { credentialFiles, endGrace, rotateCredentials } from '#setup/credentials.ts'
import { createIdentityKeys } from '#setup/identity-certificates.ts'
import {
  type Choices,
  DEFAULT_DIRECTORY,
  DEFAULT_STATE_DIRECTORY,
  layoutOf,
  type MasterRecord,
  masterRecord,
  type Operator,
  readRecord,
  saveRecord,
} from '#setup/installed.ts'
import { issueKeys } from '#setup/issue-keys.ts'
import { createJoinDesk } from '#setup/join-desk.ts'
import { authorityDigest, joinTokenText, readJoinToken } from '#setup/join-token.ts'
import { OPERATOR_ACCOUNT, prepareMaster, readBrokerPasswords } from '#setup/master.ts'
import { grantFor, prepareNode, refuseOnMaster } from '#setup/node.ts'
import { copyForOperator } from '#setup/operator-copies.ts'
import { DEFAULT_PORT } from '#setup/state-directory.ts'
import { findAccount, makeAccount } from './accounts.ts'
import { joinCollective } from './join-client.ts'
import { listenForJoins } from './join-listener.ts'
import { puppetCertificate } from './puppet-certificate.ts'
import { takeLock } from './run-lock.ts'

const ACCOUNT_HOME = '/var/lib'

export const installation: Installation = {
  master: (asked) => prepared(asked.directory, () => setupMaster(asked), { mayMake: true }),
  token: waitForNodes,
  node: (asked) => prepared(asked.directory, () => setupNode(asked), { mayMake: true }),
  keys: ({ directory, ...asked }) =>
    prepared(directory, (at) => {
      const record = masterRecord(at)
      const [layout, output] = [layoutOf(at, record.stateDirectory), resolve(asked.output)]
      const made = issueKeys({ ...asked, output, layout, record, nowMs: Date.now() })
      refreshOperator(at)
      return made
    }),
  rotate: ({ directory, graceSeconds, force }) =>
    prepared(directory, (at) => {
      const rotated = rotateCredentials(credentialFiles(at), { nowMs: Date.now(), graceMs: graceSeconds * 1000, force })
      return { directory: at, ...rotated, ...refreshOperator(at) }
    }),
  finish: ({ directory }) =>
    prepared(directory, (at) => {
      const was = endGrace(credentialFiles(at))
      refreshOperator(at)
      return was
    }),
}

/** One at a time, and a refused file says who might have been allowed. */
async function prepared<Result>(
  directory: string | undefined,
  work: (directory: string) => Result | Promise<Result>,
  { mayMake = false }: { mayMake?: boolean } = {},
): Promise<Result> {
  const at = resolve(directory ?? DEFAULT_DIRECTORY)
  const isRoot = process.geteuid?.() === 0
  if (!isRoot && at === DEFAULT_DIRECTORY) throw needsRoot(`cannot set up ${at}: it is root's`)
  let release: (() => void) | undefined
  try {
    if (!mayMake && !existsSync(at))
      throw new TroupeError('SETUP_NOT_HERE', `nothing is set up in ${at}: there is no such directory`)
    release = takeLock(join(at, 'setup.lock'))
    if (!release) {
      throw new TroupeError(
        'SETUP_ALREADY_RUNNING',
        `cannot work in ${at}: another \`mco setup\` or \`mco credentials\` does; wait for its end`,
      )
    }
    return await work(at)
  } catch (error) {
    if (error instanceof TroupeError || !(error instanceof Error) || !('syscall' in error)) throw error
    if (!isRoot && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))
      throw needsRoot(`cannot set up ${at}: ${messageOf(error)}`)
    throw new TroupeError('SETUP_UNWRITABLE', `cannot set up ${at}: ${messageOf(error)}`, { cause: error })
  } finally {
    release?.()
  }
}

function needsRoot(what: string): TroupeError {
  return new TroupeError('SETUP_NEEDS_ROOT', `${what}; run as root`)
}

async function setupMaster(asked: MasterAsked): ReturnType<Installation['master']> {
  const directory = resolve(asked.directory ?? DEFAULT_DIRECTORY)
  const { record, items, created } = await prepareMaster({
    directory,
    asked: choicesOf(asked),
    hostName: fullHostName(),
    operator: operatorOf,
    puppetCertificate,
    listenAddress: hasIpv6() ? '[::]' : '0.0.0.0',
    nowMs: Date.now(),
  })
  const { identity, port, collectives, security, puppetCertificates, operator } = record
  const chosen = { identity, port, collectives, security, puppetCertificates, directory }
  return { ...chosen, created, items, ...(operator ? { account: operator.account } : {}) }
}

function choicesOf({ account, home, directory: _, ...asked }: MasterAsked): Partial<Choices> {
  if (account === undefined && home === undefined) return asked
  if (account === false && home === undefined) return { ...asked, operator: null }
  const operator = { account: account || OPERATOR_ACCOUNT, ...(home === undefined ? {} : { home }) }
  return { ...asked, operator: account === false ? { ...operator, isForeign: true } : operator }
}

/** The account as it is, or made now. */
function operatorOf({ account, home, isForeign }: NonNullable<Choices['operator']>): Operator {
  if (isForeign && home !== undefined) return { account, home }
  const known = findAccount(account)
  const found = known ?? makeAccount(account, home ?? join(ACCOUNT_HOME, account))
  return { account, home: home ?? found.home, owner: found.owner, isNew: known === undefined }
}

/** Brings the operator's copies up to date; a directory that `mco setup master` did not make has none. */
function refreshOperator(directory: string): { account?: string } {
  const file = layoutOf(directory, '').record
  const record = readRecord(file)
  if (record?.role !== 'master' || !record.operator) return {}
  const layout = layoutOf(directory, record.stateDirectory)
  const { client } = readBrokerPasswords(layout.brokerPasswords)
  copyForOperator({ layout, record, operator: operatorOf(record.operator), password: client })
  saveRecord(file, record)
  return { account: record.operator.account }
}

async function waitForNodes(asked: TokenAsked): ReturnType<Installation['token']> {
  const directory = resolve(asked.directory ?? DEFAULT_DIRECTORY)
  if (process.geteuid?.() !== 0 && directory === DEFAULT_DIRECTORY) throw needsRoot(`cannot read keys in ${directory}`)
  const record: MasterRecord = masterRecord(directory)
  const layout = layoutOf(directory, record.stateDirectory)
  const read = (file: string): string => readFileSync(file, 'utf8')
  const untilMs = Math.floor(Date.now() / 1000 + asked.minutes * 60) * 1000
  const { identity, count } = asked
  const grant = { directory, mayReplace: identity !== undefined }
  const desk = createJoinDesk({
    ...{ count, identity, untilMs, now: Date.now },
    grant: (request) => grantFor(request, { ...grant, nowMs: Date.now() }),
  })
  const authority = read(layout.ca.certificate)
  let used = 0
  const listener = await listenForJoins({
    listen: { host: hasIpv6() ? '::' : '0.0.0.0', port: asked.port ?? record.port + 1 },
    ...{ key: read(layout.broker.key), certificate: read(layout.broker.certificate), authority, desk },
    onJoined(name, from) {
      used++
      asked.onJoined(name, from)
      // Requests to the new node alone are readable by it alone, from the first on.
      refreshOperator(directory)
    },
    onRefused: asked.onRefused,
  })
  const where = { host: record.identity, port: listener.port, untilMs }
  const tokens = desk.secrets.map((secret) =>
    joinTokenText({ ...where, secret, authority: authorityDigest(authority) }),
  )
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(), untilMs - Date.now())
  asked.signal.addEventListener('abort', () => ended.abort())
  try {
    asked.onTokens(tokens, where)
    await Promise.race([listener.done, aborted(ended.signal)])
  } finally {
    clearTimeout(timer)
    await listener.close()
  }
  return { used }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

async function setupNode(asked: NodeAsked): ReturnType<Installation['node']> {
  const directory = resolve(asked.directory ?? DEFAULT_DIRECTORY)
  const stateDirectory = resolve(asked.stateDirectory ?? DEFAULT_STATE_DIRECTORY)
  refuseOnMaster(directory)
  if (asked.token === undefined) return nodeByPuppet(asked, directory, stateDirectory)
  const identity = asked.identity ?? fullHostName()
  const token = readJoinToken(asked.token)
  const keys = createIdentityKeys()
  const host = asked.broker?.host
  const { grant, authority } = await joinCollective(token, { identity, keys: keys.publicKeys }, host)
  const broker = { ...grant.broker, ...(host === undefined ? {} : { host }) }
  const key = grant.key.scheme === 'aes' ? keys.key : undefined
  const from = { grant: { ...grant, broker }, authority, key }
  if (grant.broker.password === null) {
    const puppet = puppetCertificate()
    if (puppet.name !== identity) throw otherName(identity, puppet.name)
    return nodeReport({ directory, stateDirectory, identity, from: { ...from, puppet } })
  }
  return nodeReport({ directory, stateDirectory, identity, from })
}

function nodeByPuppet(asked: NodeAsked, directory: string, stateDirectory: string): ReturnType<Installation['node']> {
  const puppet = puppetCertificate()
  if (asked.identity !== undefined && asked.identity !== puppet.name) throw otherName(asked.identity, puppet.name)
  if (asked.broker === undefined)
    throw new TroupeError('USAGE_INVALID', 'cannot join by Puppet: name the master with --broker HOST[:PORT]')
  const broker = { host: asked.broker.host, port: asked.broker.port ?? DEFAULT_PORT }
  const { collectives = ['mcollective'], security = 'psk' } = asked
  return nodeReport({
    directory,
    stateDirectory,
    identity: puppet.name,
    from: { puppet, broker, collectives, security },
  })
}

function otherName(identity: string, name: string): TroupeError {
  const message = `cannot be ${identity} with Puppet's certificate, which is of ${name}: nodes log in with the name in their certificate; use --identity ${name}`
  return new TroupeError('USAGE_INVALID', message)
}

async function nodeReport(options: Parameters<typeof prepareNode>[0]): ReturnType<Installation['node']> {
  const { directory, identity } = options
  const { broker, collectives, security, ...made } = prepareNode(options)
  return { directory, identity, ...made, security, collectives, broker: { host: broker.host, port: broker.port } }
}

/** With its domain, as far as this machine knows, in the characters an identity may have. */
function fullHostName(): string {
  const short = hostname()
  const { stdout } = short.includes('.') ? { stdout: short } : spawnSync('hostname', ['--fqdn'], { encoding: 'utf8' })
  const name = (stdout ?? '').trim().toLowerCase()
  return IDENTITY_PATTERN.test(name) ? name : short.replace(/[^\w.-]/g, '-') || 'localhost'
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'))
}
