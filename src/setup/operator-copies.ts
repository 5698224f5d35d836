// What the operator's account needs, in its own home: `~/.mcollective`, mode 0600, and copies of the password and keys in `~/.mcollective.d`,
// because the originals are root's alone. Brought up to date by everything that changes the originals. [R-015, cli 2.2]

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENT_ACCOUNT, clientConfig } from './configuration-files.ts'
import { credentialFiles } from './credentials.ts'
import type { IdentityFiles } from './identity-files.ts'
import type { Item, Layout, MasterRecord, Operator } from './installed.ts'
import { writeUnlessEdited } from './kept-files.ts'
import { actingAs, makeFolder, save } from './private-files.ts'

export interface OperatorCopies {
  readonly layout: Layout
  readonly record: MasterRecord
  readonly operator: Operator
  /** Of the account `client` at the broker. */
  readonly password: string
}

/** Writes what is missing or different; the record's digests are brought up to date. */
export function copyForOperator({ layout, record, operator, password }: OperatorCopies): Item[] {
  const folder = join(operator.home, '.mcollective.d')
  const file = join(operator.home, '.mcollective')
  const texts = readTexts(layout, record)
  const { identity, port, collectives, stateDirectory } = record
  const config = clientConfig({
    ...{ identity, collectives, stateDirectory, libdir: layout.libdir, rosterFile: layout.rosterFile },
    broker: { host: identity, port, user: CLIENT_ACCOUNT, password, caFile: join(folder, 'ca.pem') },
    key: record.security === 'aes' ? { aes: aesFiles(folder) } : pskFiles(folder),
  })
  return actingAs(operator.owner, () => {
    makeFolder(folder)
    const fates = [...texts].flatMap(([name, text]) => copy(join(folder, name), text) ?? [])
    const fate = fates.every((one) => one === fates[0]) ? fates[0]! : 'changed'
    return [
      {
        what: `what ${operator.account} is configured by`,
        path: file,
        fate: writeUnlessEdited(file, config, record.written, file),
      },
      { what: `copies for ${operator.account}`, path: folder, fate },
    ]
  })
}

function pskFiles(folder: string) {
  const { current, previous } = credentialFiles(folder)
  return { file: current, previousFile: previous }
}

function aesFiles(folder: string): IdentityFiles {
  const at = (name: string): string => join(folder, 'aes', name)
  return {
    ...{ key: at('client.key'), certificate: at('client.pem'), authority: at('authority.pem') },
    ...{ group: at('group.pem'), revoked: at('revoked'), certificates: at('certificates') },
  }
}

/** Name below the folder -> text; undefined: it must not be there. */
function readTexts({ at, ca }: Layout, { security }: MasterRecord): Map<string, string | undefined> {
  const read = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)
  const texts = new Map([['ca.pem', read(ca.certificate)]])
  if (security === 'psk') {
    for (const name of ['credentials', 'credentials.previous']) texts.set(name, read(at(name)))
    return texts
  }
  const names = ['client.key', 'client.pem', 'authority.pem', 'group.pem', 'revoked']
  const certificates = readdirSync(at('aes', 'certificates')).filter((name) => name.endsWith('.pem'))
  for (const name of [...names, ...certificates.map((one) => join('certificates', one))]) {
    texts.set(join('aes', name), read(at('aes', name)))
  }
  return texts
}

/** undefined: it is not there and need not be. */
function copy(file: string, text: string | undefined): Item['fate'] | undefined {
  const current = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  if (current === text) return text === undefined ? undefined : 'kept'
  if (text === undefined) {
    rmSync(file)
    return 'changed'
  }
  makeFolder(join(file, '..'))
  save(file, text)
  return current === undefined ? 'made' : 'changed'
}
