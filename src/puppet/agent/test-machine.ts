// For tests: a machine given as data, with a Puppet that can be started on it. Not part of the product.

import type { Clock } from '#base/clock.ts'
import type { CommandResult, PuppetMachine, RunProgram } from './puppet-machine.ts'

export interface TestMachine extends PuppetMachine {
  readonly files: Map<string, { text: string; mtimeMs: number }>
  /** Process id -> words of its command line. */
  readonly processes: Map<number, readonly string[]>
  /** Commands that were run or started, oldest first. */
  readonly commands: (readonly string[])[]
  readonly signals: string[]
  run: RunProgram
  /** What a program prints; the first whose words all come in the command line. */
  readonly answers: { readonly words: readonly string[]; readonly result: Partial<CommandResult> }[]
  /** Called with every started run. */
  onStart: (argv: readonly string[]) => void
  write(path: string, text: string): void
}

export const PUPPET = '/opt/puppetlabs/bin/puppet'
export const PATHS = {
  disabled: '/state/agent_disabled.lock',
  running: '/state/agent_catalog_run.lock',
  pid: '/run/agent.pid',
  summary: '/public/last_run_summary.yaml',
  report: '/state/last_run_report.yaml',
  state: '/state/state.yaml',
  resources: '/state/resources.txt',
} as const

const SETTINGS = `agent_catalog_run_lockfile = ${PATHS.running}
agent_disabled_lockfile = ${PATHS.disabled}
config = /etc/puppet/puppet.conf
lastrunfile = ${PATHS.summary}
lastrunreport = ${PATHS.report}
pidfile = ${PATHS.pid}
puppetdlockfile = \nresourcefile = ${PATHS.resources}
serverport = 8140
statefile = ${PATHS.state}
`

/** Puppet 2.7 asks for its settings in another way and has one lock. */
export const ONE_LOCK_SETTINGS = `config = /etc/puppet/puppet.conf
lastrunfile = ${PATHS.summary}
lastrunreport = ${PATHS.report}
pidfile = ${PATHS.pid}
puppetdlockfile = /state/puppetdlock
resourcefile = ${PATHS.resources}
statefile = ${PATHS.state}
`

export interface TestMachineOptions {
  readonly clock: Clock
  /** Programs that exist; default PUPPET. */
  readonly programs?: readonly string[]
  /** What `puppet config print` prints; null: it does not know that command. */
  readonly settings?: string | null
}

export function createTestMachine({
  clock,
  programs = [PUPPET],
  settings = SETTINGS,
}: TestMachineOptions): TestMachine {
  const files: TestMachine['files'] = new Map()
  const processes: TestMachine['processes'] = new Map()
  const machine: TestMachine = {
    files,
    processes,
    commands: [],
    signals: [],
    answers:
      settings === null
        ? [{ words: ['--configprint'], result: { stdout: ONE_LOCK_SETTINGS } }]
        : [{ words: ['config', 'print'], result: { stdout: settings } }],
    onStart: () => {},
    write: (path, text) => void files.set(path, { text, mtimeMs: clock.now() }),
    async run(argv) {
      machine.commands.push(argv)
      const answer = machine.answers.find(({ words }) => words.every((word) => argv.includes(word)))
      return { status: answer ? 0 : 1, stdout: '', stderr: '', truncated: false, ...answer?.result }
    },
    async startDetached(argv) {
      machine.commands.push(argv)
      machine.onStart(argv)
    },
    findProgram: async (name) => programs.find((path) => path === name || path.endsWith(`/${name}`)),
    async readFile(path, bytesMax, { cut } = { cut: false }) {
      const text = files.get(path)?.text
      if (text !== undefined && text.length > bytesMax && !cut) throw new Error(`it has ${text.length} bytes`)
      return text?.slice(0, bytesMax)
    },
    async stampOf(path) {
      const file = files.get(path)
      return file && { mtimeMs: file.mtimeMs, key: `${file.mtimeMs} ${file.text.length}` }
    },
    async createFile(path, content) {
      if (files.has(path)) return false
      machine.write(path, content)
      return true
    },
    removeFile: async (path) => files.delete(path),
    commandLineOf: async (pid) => processes.get(pid),
    commandLines: async () => [...processes.values()],
    async signal(pid, name) {
      if (!processes.has(pid)) throw new Error('no such process')
      machine.signals.push(`${name} ${pid}`)
    },
    makeFolder: async () => '/private',
    async removeFolder(path) {
      for (const file of files.keys()) if (file.startsWith(`${path}/`)) files.delete(file)
    },
  }
  return machine
}

export interface RunTimes {
  /** Until the lock is taken: Puppet loads. */
  readonly loadMs: number
  readonly applyMs: number
  /** What the report of the run holds, given when it began; absent: no report is written. */
  readonly report?: (beganMs: number) => string
  /** Its summary, given when it ended, seconds since 1970; absent: one changed resource of eight. */
  readonly summary?: (endedAt: number) => string
}

/** Makes a machine run Puppet as Puppet does: a process first, then the lock, then the summary and no lock. Gives the starts. */
export function runsPuppet(
  machine: TestMachine,
  clock: Clock,
  timesOf: (run: number) => RunTimes,
  watch: (what: 'begins' | 'ends') => void = () => {},
): void {
  let runs = 0
  machine.onStart = (argv) => {
    const pid = 1000 + ++runs
    const { loadMs, applyMs, report, summary = summaryText } = timesOf(runs)
    machine.processes.set(pid, ['/usr/bin/ruby', ...argv])
    clock.after(loadMs, () => {
      machine.write(PATHS.running, String(pid))
      watch('begins')
      const beganMs = clock.now()
      clock.after(applyMs, () => {
        machine.write(PATHS.summary, summary(Math.floor(clock.now() / 1000)))
        if (report) machine.write(PATHS.report, report(beganMs))
        machine.files.delete(PATHS.running)
        machine.processes.delete(pid)
        watch('ends')
      })
    })
  }
}

/** A summary as Puppet 7 writes it. */
export function summaryText(lastRun: number, resources = 'changed: 1\n  total: 8'): string {
  return `---\nversion:\n  config: 1795324648\n  puppet: 7.23.0\nresources:\n  ${resources}\ntime:\n  config_retrieval: 0.5\n  total: 4.0\n  last_run: ${lastRun}\nchanges:\n  total: 1\nevents:\n  total: 1\n`
}

/** A report as Puppet 7 writes it, of resources with one event each. */
export function reportText(
  beganMs: number,
  status: string,
  events: readonly Readonly<Record<'resource' | 'property' | 'old' | 'new' | 'status' | 'message', string>>[],
  logs: readonly Readonly<Record<'level' | 'source' | 'message', string>>[] = [],
): string {
  const at = new Date(beganMs).toISOString()
  const log = logs.map(
    ({ level, source, message }) =>
      `- level: ${level}\n  message: ${JSON.stringify(message)}\n  source: ${JSON.stringify(source)}\n  time: '${at}'\n`,
  )
  const entries = events.map(
    (event) =>
      `  ${event.resource}:\n    resource: ${event.resource}\n    changed: ${event.status === 'success'}\n    failed: ${event.status === 'failure'}\n    out_of_sync: true\n    events:\n    - property: ${event.property}\n      previous_value: ${JSON.stringify(event.old)}\n      desired_value: ${JSON.stringify(event.new)}\n      message: ${JSON.stringify(event.message)}\n      status: ${event.status}\n      time: '${at}'\n`,
  )
  const noop = events.some((event) => event.status === 'noop')
  return `---\nhost: agent\ntime: '${at}'\nconfiguration_version: 1\nreport_format: 12\npuppet_version: 7.23.0\nstatus: ${status}\nenvironment: production\nnoop: ${noop}\nlogs:${log.length === 0 ? ' []\n' : `\n${log.join('')}`}resource_statuses:${entries.length === 0 ? ' {}\n' : `\n${entries.join('')}`}`
}
