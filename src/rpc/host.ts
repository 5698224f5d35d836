// What an agent may ask of the machine it runs on. Handed to agents; daemon/host.ts is the real one. Commands are argument
// vectors: no shell ever sees an input. [agents 13, agents A11]

export interface RunOptions {
  readonly cwd?: string
  /** Added to a minimal environment (PATH, HOME, LC_ALL=C). */
  readonly env?: { readonly [name: string]: string }
  /** Written to standard input, which is then closed. */
  readonly stdin?: string | Uint8Array
  /** Seconds after which the command's process group is killed. */
  readonly timeoutSeconds?: number
  /** Aborting kills the command's process group. */
  readonly signal?: AbortSignal
  /** Called with every line of standard output as it comes, without its end; a carriage return ends one as well. Must not throw. */
  readonly onLine?: (line: string) => void
  /** Gives the command a file descriptor 3 to write to, and is called with every line of it in the same way. */
  readonly onStatusLine?: (line: string) => void
}

export interface RunResult {
  /** Exit status; 128 + number when a signal ended it; -1 when it could not be started. */
  readonly status: number
  /** At most COMMAND_OUTPUT_BYTES_MAX of each; `truncated` when there was more. */
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
  /** Why it could not be started or was killed; absent otherwise. */
  readonly error?: string
}

export interface Host {
  /** Runs a program, e.g. `host.run(['/usr/bin/apt-get', '-q', 'update'], { signal: call.signal })`. Never rejects. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<RunResult>
}

/** What an agent may see of the machine's files: enough to tell one system from another. */
export interface HostFiles {
  /** Whether there is a plain file, links followed, that may be run, e.g. `/usr/bin/apt-get`. */
  isProgram(path: string): Promise<boolean>
  /** The beginning of a text file, at most SYSTEM_FILE_BYTES_MAX; undefined: it cannot be read. */
  readText(path: string): Promise<string | undefined>
}
