// The directory `npm start` keeps a collective in: authority, certificates, keys, configuration. Preparing it again changes
// nothing that is in order: secrets are kept, certificates renewed when they near their end, configuration files written anew
// unless somebody edited them. Every file appears whole or not at all, and a half-made directory is completed.
//
//   setup.json     what was written, account passwords          ca/      authority: ca.pem, ca.key
//   credentials    the pre-shared key                           certs/   of the broker: broker.pem, broker.key
//   {client,server,broker}.cfg                                  nodes/   one folder per further node
//   plugins/       agents of one's own (libdir)                 state/, log/, run/
//   aes/           keys of the aes scheme, if it is used
//

import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, TroupeError } from '#base/errors.ts'
import { makeFolders } from '#base/make-folders.ts'
import { brokerConfig, CLIENT_ACCOUNT, clientConfig, NODE_ACCOUNT, serverConfig } from './configuration-files.ts'
import { prepareIdentityFolder } from './identity-files.ts'
import {
  damaged,
  ensureAuthority,
  ensureBrokerCertificate,
  ensurePresharedKey,
  newSecret,
  writeUnlessEdited,
} from './kept-files.ts'
import { makeFolder, save } from './private-files.ts'
import { sampleNodes } from './sample-nodes.ts'

export interface StateDirectoryOptions {
  /** Absolute path, e.g. `/root/.troupe`. */
  readonly directory: string
  /** Port of the broker on 127.0.0.1; undefined: the one used before, else 61613. */
  readonly port?: number | undefined
  /** Port of the web console on 127.0.0.1; undefined: the one used before, else 4433. */
  readonly consolePort?: number | undefined
  /** Identity of this machine's node, e.g. `puppetmaster.example.com`. */
  readonly identity: string
  /** Further nodes to make configuration for. */
  readonly nodes: number
  /** Security scheme of messages; undefined: the one used before, else psk. */
  readonly security?: Security | undefined
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

export type Security = 'psk' | 'aes'

export interface StateDirectory {
  readonly directory: string
  readonly port: number
  readonly consolePort: number
  readonly security: Security
  readonly clientConfig: string
  readonly brokerConfig: string
  /** This machine's node first. */
  readonly nodes: readonly { readonly identity: string; readonly config: string; readonly logFile: string }[]
  readonly brokerLogFile: string
  /** true: there was none before. */
  readonly created: boolean
  /** For the operator: certificates renewed, edited files left alone. */
  readonly notes: readonly string[]
}

export const DEFAULT_PORT = 61_613
export const DEFAULT_CONSOLE_PORT = 4433

const REGISTER_INTERVAL_SECONDS = 60
const MARKER = 'setup.json'
/** The operator's caller id is `cert=admin`. */
const OPERATOR = 'admin'

interface Marker {
  readonly version: 1
  complete: boolean
  port: number
  /** Absent: 4433. */
  consolePort?: number
  /** Absent: psk. */
  security?: Security
  readonly passwords: { readonly client: string; readonly node: string }
  /** File -> SHA-256 of the text last written there. */
  readonly written: Record<string, string>
}

/** They change the machine they run on, and sample nodes all run on the same: only the machine's own node may have them. */
const ACTING_AGENTS = ['package', 'puppet', 'puppetd', 'puppetral', 'service']

/**
 * Makes or refreshes the state directory. Throws SETUP_FOREIGN_DIRECTORY, SETUP_UNSAFE_DIRECTORY, SETUP_DAMAGED or
 * SETUP_UNWRITABLE.
 */
export async function prepareStateDirectory(options: StateDirectoryOptions): Promise<StateDirectory> {
  try {
    return await prepare(options)
  } catch (error) {
    if (error instanceof TroupeError || !(error instanceof Error) || !('syscall' in error)) throw error
    const path = 'path' in error ? String(error.path) : options.directory
    throw new TroupeError(
      'SETUP_UNWRITABLE',
      `cannot keep keys and configuration in ${options.directory}: ${messageOf(error)}; make ${path} writable or choose another directory with --dir`,
      { cause: error },
    )
  }
}

async function prepare({
  directory,
  port,
  consolePort: wantedConsolePort,
  identity,
  nodes,
  security,
  nowMs,
}: StateDirectoryOptions): Promise<StateDirectory> {
  const at = (...path: string[]): string => join(directory, ...path)
  const notes: string[] = []
  claim(directory)
  const created = !existsSync(at(MARKER))
  const marker = created ? newMarker() : readMarker(at(MARKER))
  marker.port = port ?? marker.port
  if (security !== undefined) marker.security = security
  const consolePort = wantedConsolePort ?? marker.consolePort ?? DEFAULT_CONSOLE_PORT
  marker.consolePort = consolePort
  saveMarker(at(MARKER), marker)
  for (const folder of ['certs', 'nodes', 'log', 'run', 'state', 'plugins/mcollective/agent']) makeFolder(at(folder))

  const ca = { certificate: at('ca', 'ca.pem'), key: at('ca', 'ca.key') }
  const { authority } = await ensureAuthority(ca, { identity, complete: marker.complete, nowMs })
  const pair = { certificate: at('certs', 'broker.pem'), key: at('certs', 'broker.key') }
  const { reason } = await ensureBrokerCertificate(pair, authority, { names: namesOf(identity), nowMs })
  if (reason !== undefined) notes.push(`renewed the certificate of the broker: ${reason}`)
  ensurePresharedKey(at('credentials'), marker.complete)

  const write = (path: string, text: string): void => {
    const fate = writeUnlessEdited(at(path), text, marker.written, path)
    if (fate === 'edited') notes.push(`left ${at(path)} as edited; delete it to have it written anew`)
  }
  const samples = sampleNodes(nodes)
  const names = [identity, ...samples.map((sample) => sample.identity)]
  const aes =
    marker.security === 'aes'
      ? prepareIdentityFolder({ folder: at('aes'), operator: OPERATOR, nodes: names, nowMs, notes })
      : undefined
  const psk = { file: at('credentials'), previousFile: at('credentials.previous') }
  const keyOf = (node: string) => (aes ? { aes: aes.node(node) } : psk)
  const access = { host: '127.0.0.1', port: marker.port, caFile: ca.certificate }
  const shared = { libdir: at('plugins'), rosterFile: at('state', 'roster.json') }
  const node = { ...shared, broker: { ...access, user: NODE_ACCOUNT, password: marker.passwords.node } }
  write(
    'broker.cfg',
    brokerConfig({
      ...{ address: '127.0.0.1', port: marker.port, passwords: marker.passwords, caFile: access.caFile },
      ...{ certificateFile: pair.certificate, keyFile: pair.key },
      logFile: at('log', 'broker.log'),
    }),
  )
  write(
    'client.cfg',
    clientConfig({
      ...{ ...shared, identity, stateDirectory: at('state') },
      key: aes ? { aes: aes.client } : psk,
      consoleListen: `127.0.0.1:${consolePort}`,
      broker: { ...access, user: CLIENT_ACCOUNT, password: marker.passwords.client },
    }),
  )
  const prepared = [{ identity, config: at('server.cfg'), logFile: at('log', 'mcollective.log') }]
  write(
    'server.cfg',
    serverConfig({
      ...{ ...node, identity, stateDirectory: at('state'), logFile: prepared[0]!.logFile, factSource: 'auto' },
      key: keyOf(identity),
      ...{ keepsRoster: true, registerIntervalSeconds: REGISTER_INTERVAL_SECONDS, auditFile: at('log', 'audit.log') },
    }),
  )
  for (const sample of samples) {
    const home = join('nodes', sample.identity)
    makeFolder(at(home, 'state'))
    write(join(home, 'facts.yaml'), `${JSON.stringify(sample.facts, null, 2)}\n`)
    write(join(home, 'classes.txt'), sample.classes.map((name) => `${name}\n`).join(''))
    const logFile = at(home, 'mcollective.log')
    write(
      join(home, 'server.cfg'),
      serverConfig({
        ...{ ...node, identity: sample.identity, stateDirectory: at(home, 'state'), logFile, factSource: 'yaml' },
        ...{ keepsRoster: false, registerIntervalSeconds: REGISTER_INTERVAL_SECONDS, auditFile: at(home, 'audit.log') },
        ...{ classesFile: at(home, 'classes.txt'), key: keyOf(sample.identity) },
        inactiveAgents: ACTING_AGENTS,
      }),
    )
    prepared.push({ identity: sample.identity, config: at(home, 'server.cfg'), logFile })
  }

  marker.complete = true
  saveMarker(at(MARKER), marker)
  return {
    ...{
      directory,
      port: marker.port,
      consolePort,
      security: marker.security ?? 'psk',
      created,
      notes,
      nodes: prepared,
    },
    ...{ clientConfig: at('client.cfg'), brokerConfig: at('broker.cfg'), brokerLogFile: at('log', 'broker.log') },
  }
}

/** Makes the directory ours alone, or says why that cannot be. */
function claim(directory: string): void {
  makeFolders(directory, 0o700)
  const { uid, mode } = statSync(directory)
  const empty = readdirSync(directory).length === 0
  if (!empty && !existsSync(join(directory, MARKER))) {
    throw new TroupeError(
      'SETUP_FOREIGN_DIRECTORY',
      `will not keep keys and configuration in ${directory}: it holds something else; choose an empty or new directory with --dir`,
    )
  }
  if (uid !== process.getuid?.()) {
    throw new TroupeError(
      'SETUP_UNSAFE_DIRECTORY',
      `will not keep keys in ${directory}: it belongs to user ${uid}; run as that user, or choose another directory with --dir`,
    )
  }
  if (!empty && (mode & 0o022) !== 0) {
    throw new TroupeError(
      'SETUP_UNSAFE_DIRECTORY',
      `will not use the keys in ${directory}: others may write there (mode ${(mode & 0o777).toString(8)}); if you trust what it holds, chmod 700 it`,
    )
  }
  if ((mode & 0o077) !== 0) chmodSync(directory, 0o700)
}

function newMarker(): Marker {
  const passwords = { client: newSecret(24), node: newSecret(24) }
  return { version: 1, complete: false, port: DEFAULT_PORT, passwords, written: {} }
}

function readMarker(file: string): Marker {
  try {
    const marker = JSON.parse(readFileSync(file, 'utf8')) as Marker
    if (marker.version === 1 && marker.passwords.client && marker.passwords.node && marker.port) {
      return { ...marker, written: { ...marker.written } }
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error
  }
  throw damaged(file, 'it is not what setup wrote')
}

function namesOf(identity: string): [string, ...string[]] {
  const isHostName = /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(identity)
  return ['localhost', '127.0.0.1', '::1', ...(isHostName ? [identity] : [])]
}

function saveMarker(file: string, marker: Marker): void {
  save(file, `${JSON.stringify(marker, null, 2)}\n`)
}
