// Accounts, for administrators. A change holds from the next request of the account on; streams of events are told at once.

import Type from 'typebox'
import type { Clock } from '#base/clock.ts'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import { CONSOLE_ACCOUNTS_MAX } from '#base/limits.ts'
import type { AccountRecord, AccountUpdate } from '#store/account-records.ts'
import type { Store } from '#store/store.ts'
import { Account, AccountChange, AccountName, Accounts, NewAccount } from '../api/session.ts'
import { Empty } from '../api/words.ts'
import type { Passwords } from '../auth/passwords.ts'
import { checkedPassword, newAccount, refuseReserved, type SignIn } from '../auth/sign-in.ts'
import { invalidFields } from '../error-answer.ts'
import type { ConsoleEvents } from '../events.ts'
import type { ConsoleParts } from '../parts.ts'
import { type Route, route } from '../route.ts'

export interface AccountRoutesParts {
  readonly store: Pick<Store, 'accounts'>
  readonly passwords: Passwords
  readonly signIn: Pick<SignIn, 'endSessions'>
  readonly events: ConsoleEvents
  readonly audit: ConsoleParts['audit']
  readonly clock: Clock
}

export function accountRoutes({
  store,
  passwords,
  signIn,
  events,
  audit,
  clock,
}: AccountRoutesParts): readonly Route[] {
  const tag = 'accounts'
  const ByName = Type.Object({ name: AccountName })

  async function known(name: string): Promise<AccountRecord> {
    const account = await store.accounts.get(name)
    if (account) return account
    throw new TroupeError('CONSOLE_NOT_FOUND', `cannot find the account ${name}`)
  }

  /** Somebody must be left who can let others in. Throws CONSOLE_CONFLICT. */
  async function refuseLast(account: AccountRecord, what: string): Promise<void> {
    if (account.role !== 'administrator' || account.disabled) return
    const others = (await store.accounts.list()).filter(
      (other) => other.role === 'administrator' && !other.disabled && other.name !== account.name,
    )
    if (others.length > 0) return
    throw new TroupeError(
      'CONSOLE_CONFLICT',
      `cannot ${what} ${account.name}: it is the last administrator who can sign in`,
    )
  }

  return [
    route({
      ...{ method: 'GET', path: '/api/accounts', role: 'administrator', tag },
      summary: 'All accounts, by name',
      answer: Accounts,
      handle: async () => ({ accounts: (await store.accounts.list()).map((one) => shown(one, clock.now())) }),
    }),
    route({
      ...{ method: 'POST', path: '/api/accounts', role: 'administrator', tag },
      summary: 'Make an account with a password',
      body: NewAccount,
      answer: Account,
      async handle({ caller, body }) {
        const { name, displayName = name, role, password } = body
        refuseReserved(name)
        if ((await store.accounts.count()) >= CONSOLE_ACCOUNTS_MAX) {
          throw new TroupeError(
            'CONSOLE_CONFLICT',
            `cannot make the account ${name}: there are ${CONSOLE_ACCOUNTS_MAX}`,
          )
        }
        const passwordHash = await passwords.hash(checkedPassword(name, password))
        const account = newAccount({ name, displayName, role, passwordHash }, clock.now())
        try {
          await store.accounts.insert(account)
        } catch (error) {
          if (!isTroupeError(error, 'STORE_CONFLICT')) throw error
          throw new TroupeError('CONSOLE_CONFLICT', `cannot make the account ${name}: there is one of that name`, {
            details: { fields: { name: 'is taken' } },
          })
        }
        await audit(caller, 'account-made', { name, role })
        return shown(account, clock.now())
      },
    }),
    route({
      ...{ method: 'PATCH', path: '/api/accounts/:name', role: 'administrator', tag },
      summary: 'Change name shown, role or password of an account, disable or enable it',
      params: ByName,
      body: AccountChange,
      answer: Account,
      async handle({ caller, params, body }) {
        const account = await known(params.name)
        if (body.password !== undefined && account.source !== 'local') {
          throw invalidFields(`cannot set a password for ${account.name}: it signs in at the OpenID provider`, {
            password: 'is the business of the OpenID provider',
          })
        }
        const demoted = body.role !== undefined && body.role !== 'administrator'
        if (body.disabled || demoted) await refuseLast(account, body.disabled ? 'disable' : 'take the role from')
        const { password, ...plain } = body
        const change: AccountUpdate = {
          ...plain,
          changedAtMs: clock.now(),
          ...(password === undefined
            ? {}
            : { passwordHash: await passwords.hash(checkedPassword(account.name, password)) }),
          // Whoever may set a password may also end the wait after wrong ones.
          ...(password !== undefined || body.disabled === false ? { failedAttempts: 0, lockedUntilMs: null } : {}),
        }
        const changed = await store.accounts.update(account.name, change)
        if (!changed) throw new TroupeError('CONSOLE_NOT_FOUND', `cannot find the account ${account.name}`)
        await audit(caller, 'account-changed', {
          ...{ name: account.name, ...plain, ...(password === undefined ? {} : { password: 'changed' }) },
        })
        if (body.disabled || password !== undefined) await signIn.endSessions(account.name)
        else if (changed.role !== account.role) {
          events.publish({ type: 'session', state: 'changed' }, { account: account.name })
          events.recheck(account.name)
        }
        return shown(changed, clock.now())
      },
    }),
    route({
      ...{ method: 'DELETE', path: '/api/accounts/:name', role: 'administrator', tag },
      summary: 'Remove an account with its sessions and tokens; its jobs and audit entries stay',
      params: ByName,
      answer: Empty,
      async handle({ caller, params }) {
        const account = await known(params.name)
        await refuseLast(account, 'remove')
        await store.accounts.remove(account.name)
        await audit(caller, 'account-removed', { name: account.name })
        events.recheck(account.name)
        return {}
      },
    }),
  ]
}

function shown(account: AccountRecord, nowMs: number): Account {
  const { name, displayName, role, source, disabled, lockedUntilMs, createdAtMs, lastSignInMs } = account
  return {
    ...{ name, displayName, role, source, disabled, createdAtMs },
    ...(lockedUntilMs !== undefined && lockedUntilMs > nowMs ? { lockedUntilMs } : {}),
    ...(lastSignInMs === undefined ? {} : { lastSignInMs }),
  }
}
