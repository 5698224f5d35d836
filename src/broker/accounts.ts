// Who may log in. Passwords are compared in constant time and an unknown login takes as long as a wrong password.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { TroupeError } from '#base/errors.ts'
import type { Account } from './options.ts'
import { compilePermissions, type Rights } from './permissions.ts'

export interface KnownAccount {
  readonly account: Account
  readonly rights: Rights
  readonly digest: Buffer | null
}

/** Looks a login up. `certificateName` is the common name of a verified client certificate. */
export type Login = (
  login: string | undefined,
  passcode: string | undefined,
  certificateName: string | undefined,
) => KnownAccount | undefined

/** Throws BROKER_CONFIG_INVALID for accounts that contradict themselves. */
export function createLogin(accounts: readonly Account[], anonymous: string | undefined): Login {
  const byName = new Map<string, KnownAccount>()
  for (const account of accounts) {
    if (byName.has(account.name)) throw invalid(account.name, 'is there twice')
    if (account.password === '') throw invalid(account.name, 'has an empty password; null means login by certificate')
    if (account.password === null && !account.certificateNames?.length && account.name !== anonymous) {
      throw invalid(account.name, 'has neither a password nor names of certificates')
    }
    const digest = account.password === null ? null : hash(account.password)
    byName.set(account.name, { account, rights: compilePermissions(account.permissions), digest })
  }
  const anyone = anonymous === undefined ? undefined : byName.get(anonymous)
  if (anonymous !== undefined && !anyone)
    throw invalid(anonymous, 'is to be that of anonymous clients, but is not there')
  const nobody = randomBytes(32)

  return (login, passcode, certificateName) => {
    if (login === undefined || login === '') {
      const own = [...byName.values()].find((k) => k.digest === null && certificateFits(k.account, certificateName))
      return own ?? anyone
    }
    const known = byName.get(login)
    const right = timingSafeEqual(hash(passcode ?? ''), known?.digest ?? nobody)
    if (!known) return undefined
    if (known.digest !== null && !right) return undefined
    if (known.account.certificateNames) return certificateFits(known.account, certificateName) ? known : undefined
    return known.digest !== null || known === anyone ? known : undefined
  }
}

function certificateFits(account: Account, name: string | undefined): boolean {
  if (name === undefined || name === '') return false
  return account.certificateNames?.some((n) => n === '*' || n === name) ?? false
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function invalid(name: string, what: string): TroupeError {
  return new TroupeError('BROKER_CONFIG_INVALID', `cannot use the broker's accounts: ${JSON.stringify(name)} ${what}`)
}
