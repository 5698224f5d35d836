// Contract of the store, part one: who may sign in, and how. Secrets come in hashed and leave as hashes; nothing here compares them.

/** As in the console's API. */
export type AccountRole = 'viewer' | 'operator' | 'administrator'

export interface AccountRecord {
  /** e.g. `alice`; the key. */
  readonly name: string
  readonly displayName: string
  readonly role: AccountRole
  readonly source: 'local' | 'oidc'
  /** Source oidc: what the provider calls this person, e.g. `https://sso.example.com 248289761001`; unique. */
  readonly subject?: string
  /** Source local, e.g. `$argon2id$v=19$...`. */
  readonly passwordHash?: string
  readonly disabled: boolean
  /** Wrong passwords since the last right one. */
  readonly failedAttempts: number
  readonly lockedUntilMs?: number
  readonly createdAtMs: number
  readonly changedAtMs: number
  readonly lastSignInMs?: number
}

/** Fields left out stay; null clears. */
export interface AccountUpdate {
  readonly displayName?: string
  readonly role?: AccountRole
  readonly subject?: string | null
  readonly passwordHash?: string | null
  readonly disabled?: boolean
  readonly failedAttempts?: number
  readonly lockedUntilMs?: number | null
  readonly changedAtMs?: number
  readonly lastSignInMs?: number
}

export interface Accounts {
  /** By name. */
  list(): Promise<AccountRecord[]>
  count(): Promise<number>
  get(name: string): Promise<AccountRecord | undefined>
  bySubject(subject: string): Promise<AccountRecord | undefined>
  /** Throws STORE_CONFLICT: the name or subject is taken. */
  insert(account: AccountRecord): Promise<void>
  /** Answers the account as it is then; undefined: there is none. */
  update(name: string, change: AccountUpdate): Promise<AccountRecord | undefined>
  /**
   * Counts one more attempt, also when several come at once, and locks from the given number on. undefined: nothing was counted, because it is locked
   * at `nowMs` already, or there is no such account.
   */
  addFailure(name: string, lock: Lock): Promise<AccountRecord | undefined>
  /** With its sessions and tokens; its jobs and audit entries stay. true: there was one. */
  remove(name: string): Promise<boolean>
}

export interface NameFailures {
  readonly failedAttempts: number
  readonly lockedUntilMs?: number
}

/** Names that somebody tried to sign in with and no account has, by their hashes. */
export interface UnknownNames {
  get(nameHash: string): Promise<NameFailures | undefined>
  /** As `Accounts.addFailure`, of a name seen for the first time as well; the oldest beyond `namesMax` are forgotten. */
  addFailure(nameHash: string, lock: Lock & { readonly namesMax: number }): Promise<NameFailures | undefined>
}

export interface Lock {
  /** From so many attempts on it is locked ... */
  readonly attempts: number
  /** ... until then. */
  readonly untilMs: number
  readonly nowMs: number
}

export interface SessionRecord {
  /** Hash of the id in the cookie; the key. */
  readonly idHash: string
  /** Absent: nobody has signed in yet (a sign-in on its way, or the first set-up). */
  readonly account?: string
  readonly csrfSecret: string
  readonly createdAtMs: number
  readonly lastUsedMs: number
  readonly expiresAtMs: number
  /** Signed in by a one-time link: must choose a name and password. */
  readonly byLink: boolean
  /** Whatever else the console remembers for it, e.g. state and nonce of a sign-in at a provider. JSON. */
  readonly data?: unknown
}

export interface SessionUpdate {
  readonly account?: string | null
  readonly csrfSecret?: string
  readonly lastUsedMs?: number
  readonly expiresAtMs?: number
  readonly byLink?: boolean
  readonly data?: unknown
}

export interface Sessions {
  /** Throws STORE_CONFLICT: no such account, or the hash is taken. */
  insert(session: SessionRecord): Promise<void>
  /** Also when it has expired: the caller compares. */
  get(idHash: string): Promise<SessionRecord | undefined>
  /** Fields left out stay; null clears, also `data`. false: there is none. */
  update(idHash: string, change: SessionUpdate): Promise<boolean>
  remove(idHash: string): Promise<boolean>
  /** Ends all of an account, `except` that one; answers the hashes of the ended. */
  removeAllOf(account: string, except?: string): Promise<string[]>
  /** Not expired ones, the last used first, at most 1,000. */
  listOf(account: string, nowMs: number): Promise<SessionRecord[]>
  /** Deletes expired ones; answers how many. */
  purge(nowMs: number): Promise<number>
}

/** A link that signs in once. */
export interface LinkRecord {
  readonly hash: string
  /** What it is for, e.g. `setup`, or an account to choose a password for. */
  readonly purpose: string
  readonly account?: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly usedAtMs?: number
}

export interface Links {
  insert(link: LinkRecord): Promise<void>
  /** Marks it used and answers it: to one caller only, however many ask at once; undefined: unknown, expired or used. */
  use(hash: string, nowMs: number): Promise<LinkRecord | undefined>
  /** Ends all unused links of a purpose: a new one replaces them. */
  removeUnused(purpose: string): Promise<number>
  purge(nowMs: number): Promise<number>
}

export interface TokenRecord {
  readonly id: string
  /** Hash of the secret; unique. */
  readonly hash: string
  readonly label: string
  readonly account: string
  readonly role: AccountRole
  readonly createdAtMs: number
  readonly expiresAtMs?: number
  readonly lastUsedMs?: number
}

export interface Tokens {
  /** Throws STORE_CONFLICT: no such account, or id or hash are taken. */
  insert(token: TokenRecord): Promise<void>
  byHash(hash: string): Promise<TokenRecord | undefined>
  get(id: string): Promise<TokenRecord | undefined>
  /** All, or of one account; newest first. */
  list(account?: string): Promise<TokenRecord[]>
  touch(id: string, nowMs: number): Promise<void>
  remove(id: string): Promise<boolean>
  purge(nowMs: number): Promise<number>
}
