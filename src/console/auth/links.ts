// One-time links: whoever can run the console can sign in to it, with no password that stands anywhere. [issue: first-start set-up]

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { CONSOLE_LINK_MS } from '#base/limits.ts'
import type { Store } from '#store/store.ts'
import { hashOf, newSecret } from './secrets.ts'
import { SETUP } from './sign-in.ts'

export interface LinkParts {
  readonly store: Pick<Store, 'accounts' | 'links' | 'audit'>
  readonly clock: Clock
  /** Where browsers know the console, e.g. `https://127.0.0.1:4433`. */
  readonly url: string
}

export interface MadeLink {
  /** e.g. `https://127.0.0.1:4433/sign-in#token=w8Vb...`: what stands behind # is sent to nobody. */
  readonly url: string
  /** Absent: it makes the first account. */
  readonly account?: string
}

/**
 * A link that works once within 15 minutes, for `account`, else for the oldest administrator, else for making the first account. One made
 * before for the same stops working. Throws CONSOLE_NOT_FOUND when there is no such account, CONSOLE_NOT_ALLOWED when it is disabled.
 */
export async function makeLink({ store, clock, url }: LinkParts, wanted?: string): Promise<MadeLink> {
  const account = wanted ?? (await oldestAdministrator(store))
  if (account !== undefined) {
    const found = await store.accounts.get(account)
    if (!found) throw new TroupeError('CONSOLE_NOT_FOUND', `cannot make a link: there is no account ${account}`)
    if (found.disabled)
      throw new TroupeError('CONSOLE_NOT_ALLOWED', `cannot make a link: the account ${account} is disabled`)
  }
  const token = newSecret()
  const nowMs = clock.now()
  const purpose = account === undefined ? SETUP : `sign-in ${account}`
  await store.links.removeUnused(purpose)
  const times = { createdAtMs: nowMs, expiresAtMs: nowMs + CONSOLE_LINK_MS }
  await store.links.insert({ hash: hashOf(token), purpose, ...times, ...(account === undefined ? {} : { account }) })
  const detail = account === undefined ? { for: 'the first account' } : { for: account }
  await store.audit.add({ atMs: nowMs, account: account ?? '', what: 'link-made', detail, address: 'command line' })
  return { url: `${url}/sign-in#token=${token}`, ...(account === undefined ? {} : { account }) }
}

async function oldestAdministrator(store: Pick<Store, 'accounts'>): Promise<string | undefined> {
  const administrators = (await store.accounts.list()).filter((one) => one.role === 'administrator' && !one.disabled)
  return administrators.sort((a, b) => a.createdAtMs - b.createdAtMs)[0]?.name
}
