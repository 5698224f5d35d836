// What the code about Puppet may ask of the machine it runs on: programs, state files, processes. local-machine.ts is the real one;
// tests give one made of data.

export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
  /** Why it could not be started, or was killed. */
  readonly error?: string
}

/** Runs a program without a shell and never rejects. daemon/host.ts has the real one. */
export type RunProgram = (
  argv: readonly [string, ...string[]],
  options: {
    readonly timeoutSeconds?: number
    readonly signal?: AbortSignal
    readonly stdin?: string
    readonly env?: Readonly<Record<string, string>>
  },
) => Promise<CommandResult>

export interface PuppetMachine {
  readonly run: RunProgram
  /**
   * Starts a program that outlives this process and every restart of it. Resolves when it runs, rejects with the reason when it could
   * not be started.
   */
  startDetached(argv: readonly [string, ...string[]]): Promise<void>
  /** Full path of a program: in Puppet's own directory, or on the path. A name with a slash is only checked. */
  findProgram(name: string): Promise<string | undefined>
  /** undefined: there is no such file. Rejects when it is no plain file or larger than `bytesMax`, unless `cut`. */
  readFile(path: string, bytesMax: number, options?: { readonly cut: boolean }): Promise<string | undefined>
  stampOf(path: string): Promise<FileStamp | undefined>
  /** Makes a file, whole or not at all, mode 0644. false: it exists already. */
  createFile(path: string, content: string): Promise<boolean>
  /** false: there is none. */
  removeFile(path: string): Promise<boolean>
  /** Words of the command line; undefined: no such process, or one that has ended. */
  commandLineOf(pid: number): Promise<readonly string[] | undefined>
  /** Command lines of every process of this machine, containers in it left out. */
  commandLines(): Promise<readonly (readonly string[])[]>
  /** Rejects when the process cannot be signalled. */
  signal(pid: number, name: 'SIGUSR1'): Promise<void>
  /** A new folder that only this user can look into. */
  makeFolder(): Promise<string>
  removeFolder(path: string): Promise<void>
}

export interface FileStamp {
  readonly mtimeMs: number
  /** Differs when the file was written anew or replaced. */
  readonly key: string
}
