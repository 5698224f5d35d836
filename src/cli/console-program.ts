// What the command `console` needs of the web console, as main hands it in: types only, because the command line knows nothing of HTTP and
// must not load it before it is used.

export interface ConsoleProgram {
  /** Serves until `stop` resolves; `started` is told the address. Rejects when it cannot begin. */
  serve(options: {
    readonly stop: Promise<unknown>
    readonly started: (address: ConsoleAddress) => Promise<void>
  }): Promise<void>
  /** A one-time link to sign in: for `account`, else for the first administrator, else for making the first account. */
  link(account: string | undefined): Promise<ConsoleLink>
}

export interface ConsoleAddress {
  /** e.g. `https://127.0.0.1:4433`. */
  readonly url: string
  /** The authority browsers may be told to trust. */
  readonly authorityFile?: string
  /** Present: there are no accounts; makes a link to make the first one. */
  readonly firstLink?: () => Promise<ConsoleLink>
}

export interface ConsoleLink {
  readonly url: string
  /** Absent: it makes the first account. */
  readonly account?: string
  readonly minutes: number
}
