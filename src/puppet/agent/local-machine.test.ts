import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalMachine } from './local-machine.ts'
import type { CommandResult, RunProgram } from './puppet-machine.ts'

let root: string
before(() => {
  root = mkdtempSync(join(tmpdir(), 'local-machine-'))
})
after(() => rmSync(root, { recursive: true, force: true }))

const result: CommandResult = { status: 0, stdout: '', stderr: '', truncated: false }
const noRun: RunProgram = async () => assert.fail('nothing should be run')
const machine = createLocalMachine(noRun)

test('readFile: absent is undefined, over the bound an error unless cut, no plain file an error', async () => {
  const file = join(root, 'file')
  writeFileSync(file, '1234567890')
  assert.equal(await machine.readFile(join(root, 'none'), 10), undefined)
  assert.equal(await machine.readFile(join(file, 'below a file'), 10), undefined)
  assert.equal(await machine.readFile(file, 10), '1234567890')
  await assert.rejects(machine.readFile(file, 9), /10 bytes, at most 9/)
  assert.equal(await machine.readFile(file, 4, { cut: true }), '1234')
  await assert.rejects(machine.readFile(root, 10), /not a plain file/)
})

test('createFile and removeFile: whole or not at all, the first one wins, nothing left over', async () => {
  const folder = join(root, 'made', 'deep')
  const file = join(folder, 'lock')
  assert.equal(await machine.createFile(file, 'first'), true)
  assert.equal(await machine.createFile(file, 'second'), false)
  assert.equal(readFileSync(file, 'utf8'), 'first')
  assert.equal(statSync(file).mode & 0o777, 0o644)
  assert.deepEqual(readdirSync(folder), ['lock'])
  assert.deepEqual([await machine.removeFile(file), await machine.removeFile(file)], [true, false])
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => machine.createFile(file, String(i))))
  assert.equal(all.filter(Boolean).length, 1)
})

test('stampOf: changes with the file', async () => {
  const file = join(root, 'stamped')
  assert.equal(await machine.stampOf(file), undefined)
  writeFileSync(file, 'a')
  const first = await machine.stampOf(file)
  writeFileSync(file, 'ab')
  assert.notEqual((await machine.stampOf(file))?.key, first?.key)
})

test('findProgram: programs that may be run, by path or by name', async () => {
  const program = join(root, 'program')
  writeFileSync(program, '#!/bin/sh\n')
  assert.equal(await machine.findProgram(program), undefined)
  chmodSync(program, 0o755)
  assert.equal(await machine.findProgram(program), program)
  assert.equal(await machine.findProgram(root), undefined, 'a folder is no program')
  assert.match((await machine.findProgram('sh')) ?? '', /\/sh$/)
  assert.equal(await machine.findProgram('no-such-program'), undefined)
})

/** A /proc with these processes. */
function procWith(processes: Readonly<Record<string, { cmdline: string; space?: string }>>): string {
  const proc = mkdtempSync(join(root, 'proc-'))
  for (const [pid, { cmdline, space = 'pid:[1]' }] of Object.entries<{ cmdline: string; space?: string }>({
    self: { cmdline: 'us' },
    ...processes,
  })) {
    mkdirSync(join(proc, pid, 'ns'), { recursive: true })
    writeFileSync(join(proc, pid, 'cmdline'), cmdline)
    symlinkSync(space, join(proc, pid, 'ns', 'pid'))
  }
  return proc
}

test('commandLines: Puppet here, not in containers, nor what has ended', async () => {
  const puppet = 'ruby\0/usr/bin/puppet\0agent\0--onetime\0'
  const proc = procWith({
    10: { cmdline: puppet },
    11: { cmdline: puppet, space: 'pid:[2]' },
    12: { cmdline: '' },
    13: { cmdline: 'puppet agent: applying configuration\0\0\0' },
    14: { cmdline: 'bash\0' },
  })
  const local = createLocalMachine(noRun, { proc })
  assert.deepEqual((await local.commandLines()).map((words) => words.join(' ')).sort(), [
    'puppet agent: applying configuration',
    'ruby /usr/bin/puppet agent --onetime',
  ])
  assert.deepEqual(await local.commandLineOf(14), ['bash'])
  assert.deepEqual([await local.commandLineOf(12), await local.commandLineOf(99)], [undefined, undefined])
})

test('commandLines: ps where there is no /proc', async () => {
  const asked: string[] = []
  const run: RunProgram = async (argv) => {
    asked.push(argv.join(' '))
    return { ...result, stdout: ' ruby /usr/bin/puppet agent\nbash\n\n' }
  }
  const local = createLocalMachine(run, { proc: join(root, 'none') })
  assert.deepEqual(await local.commandLines(), [['ruby', '/usr/bin/puppet', 'agent'], ['bash']])
  assert.deepEqual(await local.commandLineOf(7), ['ruby', '/usr/bin/puppet', 'agent'])
  assert.deepEqual(asked, ['ps -A -o args=', 'ps -p 7 -o args='])
})

test('startDetached: in a session of its own, arguments untouched; what cannot be started rejects', async () => {
  const file = join(root, 'started')
  const hostile = '; touch x `y` $z'
  const local = createLocalMachine(noRun, { systemd: join(root, 'none') })
  await local.startDetached([
    '/bin/sh',
    '-c',
    `printf '%s %s' "$1" "$(ps -o sid= -p $$)" > ${file}.new; mv ${file}.new ${file}`,
    'sh',
    hostile,
  ])
  for (let i = 0; i < 200 && !existsSync(file); i++) await sleep(10)
  const text = readFileSync(file, 'utf8')
  assert.ok(text.startsWith(hostile))
  const own = /\(.*\) \S \d+ \d+ (\d+)/.exec(readFileSync('/proc/self/stat', 'utf8'))?.[1]
  assert.notEqual(text.slice(hostile.length).trim(), own)
  await assert.rejects(local.startDetached(['/no/such/program']), /ENOENT/)
})

test('startDetached: under systemd as a unit of its own; without its bus in a session', async () => {
  const asked: (readonly string[])[] = []
  let status = 0
  const run: RunProgram = async (argv) => {
    asked.push(argv)
    return { ...result, status }
  }
  const local = createLocalMachine(run, { systemd: root })
  await local.startDetached(['/usr/bin/puppet', 'agent', '--tags', '$HOME'])
  const words = asked[0] ?? []
  assert.equal(words[0], 'systemd-run')
  assert.ok(words.includes('--property=KillMode=process'))
  assert.deepEqual(words.slice(words.indexOf('--') + 1), ['/usr/bin/puppet', 'agent', '--tags', '$$HOME'])
  status = 1
  const file = join(root, 'without-bus')
  await local.startDetached(['/usr/bin/touch', file])
  for (let i = 0; i < 200 && !existsSync(file); i++) await sleep(10)
  assert.ok(existsSync(file))
})
