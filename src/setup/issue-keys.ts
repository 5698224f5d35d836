// `mco setup keys`: keys for one more caller or node of a collective that uses the scheme aes, in a folder to be carried to whoever they are
// for. The private ones are in that folder alone. docs/security.md

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { issueIdentity } from './identity-certificates.ts'
import type { Item, Layout, MasterRecord } from './installed.ts'
import { makeFolder, makeNewFolder, save } from './private-files.ts'

export interface IssueKeysOptions {
  readonly layout: Layout
  readonly record: MasterRecord
  readonly role: 'client' | 'node'
  /** e.g. `ann` (caller id `cert=ann`), `web1.example.com`. */
  readonly name: string
  /** Absolute path of a folder that is not there yet. */
  readonly output: string
  readonly nowMs: number
}

export interface IssuedKeys {
  readonly name: string
  readonly items: readonly Item[]
  readonly settings: readonly (readonly [key: string, file: string])[]
}

/** Throws SETUP_NOT_HERE, USAGE_INVALID, SECURITY_BAD_KEY. */
export function issueKeys({ layout, record, role, name, output, nowMs }: IssueKeysOptions): IssuedKeys {
  const at = (...path: string[]): string => layout.at('aes', ...path)
  if (record.security !== 'aes' || !existsSync(at('authority.key'))) {
    const message = `cannot make keys of the scheme aes: the collective in ${layout.at()} uses ${record.security}`
    throw new TroupeError('SETUP_NOT_HERE', message)
  }
  if (existsSync(output))
    throw new TroupeError('USAGE_INVALID', `will not write keys into ${output}: it is there already; name a new folder`)
  const kept = role === 'node' ? at('certificates', `${name}.pem`) : at('callers', `${name}.pem`)
  if (existsSync(kept)) {
    const message = `will not make other keys for the ${role} ${name}: it has some, ${kept} is their certificate; if they are lost, add its serial to ${at('revoked')} and delete it`
    throw new TroupeError('USAGE_INVALID', message)
  }
  const read = (file: string): string => readFileSync(at(file), 'utf8')
  const { key, certificate } = issueIdentity(read('authority.key'), { role, name, nowMs })
  const group = role === 'node' ? 'group.key' : 'group.pem'
  const texts: [setting: string, file: string, what: string, text: string][] = [
    ['key', `${role}.key`, 'private keys', key],
    ['certificate', `${role}.pem`, `certificate of the ${role} ${name}`, certificate],
    ['authority', 'authority.pem', 'public key of the authority', read('authority.pem')],
    ['group', group, role === 'node' ? 'group key' : 'certificate of the group key', read(group)],
    ['revoked', 'revoked', 'revoked certificates', read('revoked')],
  ]
  makeNewFolder(output)
  for (const [, file, , text] of texts) save(join(output, file), text)
  makeFolder(join(kept, '..'))
  save(kept, certificate)
  return {
    name: role === 'client' ? `cert=${name}` : name,
    items: texts.map(([, file, what]) => ({ what, path: join(output, file), fate: 'made' })),
    settings: texts.map(([setting, file]) => [`plugin.aes.${setting}`, join(output, file)]),
  }
}
