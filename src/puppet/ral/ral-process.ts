// The worker's process on this machine: which Ruby, which environment, a private folder for what Puppet would write about runs, the end of
// it with everything it has started. Commands of exec resources run in sessions of their own, so the tree is followed by parents.
// [agents 9.1]

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '#base/errors.ts'
import { PROCESSES_MAX, RAL_FRAME_BYTES_MAX, RAL_WORKER_BYTES_MAX } from '#base/limits.ts'
import type { PuppetMachine } from '../agent/puppet-machine.ts'
import { createFrameReader } from './ral-frames.ts'
import type { RalProcess, StartRalProcess } from './ral-worker.ts'

/** The Ruby inside Puppet's own packages, newest first. */
const OWN_RUBIES = ['/opt/puppetlabs/puppet/bin/ruby', '/opt/puppet/bin/ruby']
const SHEBANG_BYTES = 4_096
const COMPLAINT_CHARACTERS_MAX = 4_000
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/puppetlabs/bin'

export type RubyChoice = { readonly ruby: string } | { readonly missing: string }

/** The Ruby that this node's Puppet runs under. `wanted`: the operator's own choice of a program. */
export async function findRuby(
  machine: Pick<PuppetMachine, 'findProgram' | 'readFile'>,
  wanted?: string,
): Promise<RubyChoice> {
  const candidates = wanted === undefined ? OWN_RUBIES : [wanted]
  for (const path of candidates) if (await machine.findProgram(path)) return { ruby: path }
  if (wanted !== undefined) return { missing: `there is no program ${wanted}` }
  const puppet = await machine.findProgram('puppet')
  if (puppet === undefined) return { missing: 'Puppet is not installed' }
  const head = await machine.readFile(puppet, SHEBANG_BYTES, { cut: true }).catch(() => undefined)
  const [, program, argument] = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(head ?? '') ?? []
  const named = program?.endsWith('/env') ? argument : program
  const found = named !== undefined && /(^|\/)ruby[\d.]*$/.test(named) ? named : 'ruby'
  const ruby = await machine.findProgram(found)
  return ruby === undefined ? { missing: `Puppet is installed, but ${found} is not` } : { ruby }
}

/** `script`: the path of ral-worker.rb. */
export function ralProcesses(ruby: string, script: string): StartRalProcess {
  return ({ onMessage, onEnd }) => {
    let folder: string
    try {
      folder = mkdtempSync(join(tmpdir(), 'troupe-ral-'))
    } catch (error) {
      onEnd(messageOf(error))
      return { send() {}, end() {}, kill() {} }
    }
    let child: ChildProcess | undefined
    let over = false
    let complaint = ''
    const reader = createFrameReader()
    const ended = (why: string): void => {
      if (over) return
      over = true
      rmSync(folder, { recursive: true, force: true })
      onEnd(why)
    }
    const kill = (): void => {
      // Once it has ended, its number may be another process's.
      if (!over && child?.pid !== undefined) killTree(child.pid)
    }
    // Not at the top: nodes that are never asked do without the module.
    import('node:child_process').then(
      ({ spawn }) => {
        if (over) return
        child = spawn(ruby, [script], {
          cwd: '/',
          env: environment(folder),
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: true,
        })
        child.on('error', (error) => ended(messageOf(error)))
        child.on('exit', (code, signal) => {
          const last = lastLine(complaint)
          const how = signal === null ? `it ended with status ${code}` : `it ended with ${signal}`
          ended(last === '' ? how : `${how}: ${last}`)
        })
        child.stdin?.on('error', () => {})
        child.stderr?.on('data', (chunk: Buffer) => {
          complaint = (complaint + chunk.toString('utf8')).slice(-COMPLAINT_CHARACTERS_MAX)
        })
        child.stdout?.on('data', (chunk: Buffer) => {
          try {
            for (const message of reader.push(chunk)) onMessage(message)
          } catch (error) {
            kill()
            ended(messageOf(error))
          }
        })
      },
      (error: unknown) => ended(messageOf(error)),
    )
    return {
      send: (frame) => void child?.stdin?.write(frame),
      end: () => {
        if (child) child.stdin?.end()
        else ended('it was ended before it began')
      },
      kill: () => {
        if (child) kill()
        else ended('it was ended before it began')
      },
    } satisfies RalProcess
  }
}

function environment(folder: string): Record<string, string> {
  return {
    PATH,
    HOME: process.env.HOME ?? '/root',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    RAL_FOLDER: folder,
    RAL_FRAME_BYTES_MAX: String(RAL_FRAME_BYTES_MAX),
    RAL_MEMORY_BYTES_MAX: String(RAL_WORKER_BYTES_MAX),
  }
}

/**
 * The process, its children and theirs. They are stopped first, from the top, so that none can start another one or lose its parent while
 * they are looked for.
 */
function killTree(top: number): void {
  const tree = new Set([top])
  signal(top, 'SIGSTOP')
  for (let found = true; found; ) {
    found = false
    for (const [child, parent] of parentsOfProcesses()) {
      if (!tree.has(parent) || tree.has(child)) continue
      tree.add(child)
      signal(child, 'SIGSTOP')
      found = true
    }
  }
  for (const pid of tree) signal(pid, 'SIGKILL')
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}

/** Process id -> that of its parent; empty where there is no /proc. */
function parentsOfProcesses(): ReadonlyMap<number, number> {
  const parents = new Map<number, number>()
  let names: string[]
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return parents
  }
  for (const name of names.slice(0, PROCESSES_MAX)) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      // Behind the name, which may hold anything: state, then parent.
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It has ended meanwhile.
    }
  }
  return parents
}

function lastLine(text: string): string {
  const lines = text.replace(/\u001b\[[\d;]*m/g, '').split('\n')
  // Ruby's own error comes first and is followed by where it happened.
  const error = lines.find((line) => /: .*\((?:[A-Z]\w*::)*[A-Z]\w*\)\s*$/.test(line))
  return (error ?? lines.findLast((line) => line.trim() !== '') ?? '').trim().slice(0, 300)
}
