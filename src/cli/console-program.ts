// What the command `console` needs of the web console, as main hands it in: types only, because the command line knows nothing of HTTP and
// must not load it before it is used.

export interface ConsoleProgram {
  /**
   * Serves until `stop` resolves; `started` is told the address. Rejects when it cannot begin. The process id is in `pidFile` while it serves;
   * with `daemonize` the log is a file, as there is no terminal.
   */
  serve(options: {
    readonly stop: Promise<unknown>
    readonly started: (address: ConsoleAddress) => Promise<void>
    readonly pidFile?: string | undefined
    readonly daemonize?: boolean
  }): Promise<void>
  /**
   * Starts this program once more, with the same words, as a process of its own. undefined: this is that process. Rejects with
   * SETUP_PROGRAM_FAILED and what it said.
   */
  background(): Promise<ConsoleInBackground | undefined>
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

export interface ConsoleInBackground {
  readonly pid: number
  readonly logFile: string
  /** undefined: it is not in service yet; its log tells. */
  readonly address?: Omit<ConsoleAddress, 'firstLink'> & { readonly needsAccount: boolean }
}

export interface ConsoleLink {
  readonly url: string
  /** Absent: it makes the first account. */
  readonly account?: string
  readonly minutes: number
}
