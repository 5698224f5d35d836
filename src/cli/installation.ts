// What the commands `setup` and `credentials` need of this machine, as main hands it in: types only, so that they run in tests without root
// and nothing is loaded before it is used.

/** One thing that setup looked after. */
export interface SetupItem {
  /** e.g. `certificate of the broker`. */
  readonly what: string
  readonly path: string
  /** `edited`: somebody changed it by hand, so it was left alone. */
  readonly fate: 'made' | 'kept' | 'changed' | 'edited'
  /** Why it was changed, e.g. `it ends in 20 days`. */
  readonly reason?: string
}

export interface Places {
  /** Absolute path; absent: where packages and Puppet expect it. */
  readonly directory?: string
  readonly stateDirectory?: string
}

export interface MasterAsked extends Places {
  readonly identity?: string
  readonly port?: number
  /** The first is the main one. */
  readonly collectives?: readonly string[]
  /** Further names of the broker, DNS names or addresses. */
  readonly names?: readonly string[]
  readonly security?: 'psk' | 'aes'
  /** false: none is made, and none gets files unless `home` is given. */
  readonly account?: string | false
  /** Where the account's files go, instead of its home. */
  readonly home?: string
  readonly puppetCertificates?: boolean
}

export interface MasterReport {
  readonly identity: string
  readonly port: number
  readonly collectives: readonly string[]
  readonly security: 'psk' | 'aes'
  readonly puppetCertificates: boolean
  readonly directory: string
  /** Absent: no account was set up. */
  readonly account?: string
  /** true: there was nothing before. */
  readonly created: boolean
  readonly items: readonly SetupItem[]
}

export interface TokenAsked extends Places {
  readonly count: number
  readonly minutes: number
  /** The only identity that may join. */
  readonly identity?: string
  /** Default: the one after the broker's. */
  readonly port?: number
  readonly signal: AbortSignal
  onTokens(
    tokens: readonly string[],
    where: { readonly host: string; readonly port: number; readonly untilMs: number },
  ): void
  onJoined(identity: string, from: string): void
  onRefused(why: string, from: string): void
}

export interface NodeAsked extends Places {
  readonly identity?: string
  /** Absent: by Puppet's certificate. */
  readonly token?: string
  /** How this machine reaches the master; with a token the host alone counts. */
  readonly broker?: { readonly host: string; readonly port?: number }
  /** Without a token: what the master's are. */
  readonly collectives?: readonly string[]
  readonly security?: 'psk' | 'aes'
}

export interface NodeReport {
  readonly identity: string
  readonly directory: string
  readonly broker: { readonly host: string; readonly port: number }
  readonly collectives: readonly string[]
  readonly security: 'psk' | 'aes'
  readonly items: readonly SetupItem[]
  /** Files that must come from elsewhere before the node can work: the password, by Puppet. */
  readonly awaits: readonly string[]
}

export interface KeysAsked extends Places {
  readonly role: 'client' | 'node'
  readonly name: string
  /** Absolute path of a folder to be made. */
  readonly output: string
}

export interface KeysReport {
  /** The caller id the keys prove, e.g. `cert=ann`, or the identity. */
  readonly name: string
  readonly items: readonly SetupItem[]
  /** Settings that name the files. */
  readonly settings: readonly (readonly [key: string, file: string])[]
}

export interface RotateAsked extends Places {
  readonly graceSeconds: number
  readonly force: boolean
}

export interface RotateReport {
  readonly directory: string
  /** 8 hex digits, as in log lines. */
  readonly keyId: string
  readonly previousKeyId: string
  readonly untilMs: number
  /** The account whose copies were brought up to date. */
  readonly account?: string
}

export interface Installation {
  /** Throws SETUP_*, USAGE_INVALID. */
  master(asked: MasterAsked): Promise<MasterReport>
  /** Resolves when no token is good any more, or with `signal`: how many were used. */
  token(asked: TokenAsked): Promise<{ readonly used: number }>
  node(asked: NodeAsked): Promise<NodeReport>
  keys(asked: KeysAsked): Promise<KeysReport>
  rotate(asked: RotateAsked): Promise<RotateReport>
  /** Forgets the former password; false: there was none. */
  finish(asked: Places): Promise<boolean>
}

/** What the keys of the configuration in use are called; never themselves. */
export interface KeyNames {
  readonly keyId: string
  readonly previous?: { readonly keyId: string; readonly untilMs?: number }
}
