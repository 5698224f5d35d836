// The `mco` program: the command line wired to this machine's terminal and files. Configuration, plugins and the bus are loaded when a
// command needs them, so that help, version and completion start at once.

import { fstatSync } from 'node:fs'
import { TroupeError } from '#base/errors.ts'
import { STDIN_NODES_BYTES_MAX } from '#base/limits.ts'
import { EXIT } from '#cli/exit-codes.ts'
import { type Machine, runMco } from '#cli/mco.ts'
import { VERSION } from './version.ts'

const machine: Machine = {
  version: VERSION,
  streams: {
    // Not opened before it is read: merely looking at it costs milliseconds.
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
  },
  open: async (file, options, needed) => (await import('./open-machine.ts')).openMachine(file, options, needed),
  readStdin,
  ask,
  consoleProgram: async (file) => (await import('./console.ts')).consoleProgram(file),
  installation: async () => (await import('./installation.ts')).installation,
  readFile: async (path) => (await import('node:fs/promises')).readFile(path, 'utf8'),
  readDirectory: async (directory) => (await import('./operator-files.ts')).readDirectory(directory),
  writeFile: async (path, content, how) => (await import('./operator-files.ts')).writeNewFile(path, content, how),
  async importModule(path) {
    const { pathToFileURL } = await import('node:url')
    return import(pathToFileURL(path).href)
  },
  onInterrupt(listener) {
    process.on('SIGINT', listener)
    return () => process.off('SIGINT', listener)
  },
  now: Date.now,
  pause: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    }),
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
  }
}

/** What was piped in. A terminal and /dev/null are nothing; a pipe is read to its end. */
async function readStdin(): Promise<string | undefined> {
  const kind = fstatSync(0)
  if (!kind.isFIFO() && !kind.isFile() && !kind.isSocket()) return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  const hint = setTimeout(() => process.stderr.write('Waiting for standard input ...\n'), 1000)
  try {
    for await (const chunk of process.stdin) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > STDIN_NODES_BYTES_MAX) {
        throw new TroupeError(
          'USAGE_BAD_NODE_LIST',
          `cannot read a list of nodes of more than ${STDIN_NODES_BYTES_MAX} bytes`,
        )
      }
    }
  } finally {
    clearTimeout(hint)
  }
  return bytes === 0 ? undefined : Buffer.concat(chunks).toString('utf8')
}

// `mco ... | head` ends quietly. [cli 10 X13]
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.brokenPipe : EXIT.nothing),
  )
}

const code = await runMco(process.argv.slice(2), process.env.TROUPE_ARGV0 ?? 'mco', machine)
process.exitCode = code
// A second Ctrl-C must not wait for what is still open.
if (code === EXIT.interrupted) process.exit(code)
