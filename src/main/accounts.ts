// Accounts of this machine: who is there, and making the operator's. Programs get lists of words.

import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { TroupeError } from '#base/errors.ts'
import type { Owner } from '#setup/private-files.ts'

export interface Account {
  readonly home: string
  readonly owner: Owner
}

/** As the system knows it, also from a directory service; undefined: there is none. */
export function findAccount(name: string): Account | undefined {
  const { status, stdout } = spawnSync('getent', ['passwd', '--', name], { encoding: 'utf8' })
  const [, , uid, gid, , home] = (stdout ?? '').trim().split('\n')[0]!.split(':')
  if (status !== 0 || !home || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return undefined
  return { home, owner: { uid: Number(uid), gid: Number(gid) } }
}

/** A system account with a shell and no password: reached by `su` and `sudo` alone. Throws SETUP_NO_ACCOUNT, SETUP_NEEDS_ROOT. */
export function makeAccount(name: string, home: string): Account {
  if (process.geteuid?.() !== 0) {
    throw new TroupeError('SETUP_NEEDS_ROOT', `cannot make the account ${name}: run as root, or use --no-account`)
  }
  const options = ['--system', '--user-group', '--home-dir', home, '--create-home', '--shell', '/bin/bash']
  const words = [...options, '--comment', 'Operators of the collective', '--', name]
  const { status, stderr, error } = spawnSync('useradd', words, { encoding: 'utf8' })
  const account = status === 0 ? findAccount(name) : undefined
  if (account) {
    // What others may do in a new home is up to the distribution.
    chmodSync(account.home, 0o700)
    return account
  }
  const why = error?.message ?? (stderr.trim() || `useradd ended with code ${status}`)
  throw new TroupeError(
    'SETUP_NO_ACCOUNT',
    `cannot make the account ${name}: ${why}; make it yourself, or use --no-account`,
  )
}
