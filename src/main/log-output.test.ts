import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { formatLine, openLogOutput } from './log-output.ts'

const folder = mkdtempSync(join(tmpdir(), 'troupe-log-'))
after(() => rmSync(folder, { recursive: true }))
const settings = { type: 'file', level: 'info', keepFiles: 2, rotateBytes: 300, facility: 'user' } as const

test('formatLine: fields as key=value, quoted where needed', () => {
  const fields = { host: 'a.example.com', attempt: 3, why: 'no route', gone: undefined, error: new Error('x y') }
  assert.equal(
    formatLine('warn', 'no broker', fields),
    'WARN  no broker host=a.example.com attempt=3 why="no route" error="x y"',
  )
})

test('formatLine: nobody can forge a line or reach the terminal', () => {
  const line = formatLine('info', 'from \n2026 FATAL \u001b[2J', { name: 'a\r\nb', more: ['\u2028', { x: '\u009b' }] })
  assert.match(line, /^INFO {2}[\x20-\x7e]*$/)
})

test('formatLine: a long line is cut', () => {
  assert.ok(formatLine('info', 'x'.repeat(1_000_000)).length < 20_000)
})

test('openLogOutput: writes from its level on, rotates by size and keeps as many files as told', () => {
  const file = join(folder, 'deep', 'a.log')
  const log = openLogOutput({ ...settings, file }, 'test')
  log.debug('unseen')
  for (let i = 0; i < 30; i++) log.info(`line ${i}`)
  log.level = 'debug'
  log.debug('seen')
  log.close()
  assert.match(readFileSync(file, 'utf8'), /^\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d test\[\d+\] DEBUG seen\n$/m)
  assert.ok(existsSync(`${file}.1`) && existsSync(`${file}.2`) && !existsSync(`${file}.3`))
  assert.doesNotMatch(readFileSync(file, 'utf8'), /unseen/)
})

test('openLogOutput: what is no plain file is never moved away by rotation', () => {
  const file = join(folder, 'null.log')
  symlinkSync('/dev/null', file)
  const log = openLogOutput({ ...settings, file }, 'test')
  for (let i = 0; i < 30; i++) log.info(`line ${i}`)
  log.close()
  assert.ok(lstatSync(file).isSymbolicLink() && !existsSync(`${file}.1`))
})

test('openLogOutput: reopen goes on in a new file after the old one was moved away', () => {
  const file = join(folder, 'b.log')
  const log = openLogOutput({ ...settings, file }, 'test')
  log.info('one')
  renameSync(file, `${file}.moved`)
  log.info('two')
  log.reopen()
  log.info('three')
  log.close()
  assert.match(readFileSync(`${file}.moved`, 'utf8'), /one[\s\S]*two/)
  assert.match(readFileSync(file, 'utf8'), /three/)
})

test('openLogOutput: a full disk costs lines and throws nothing', () => {
  const log = openLogOutput({ ...settings, file: '/dev/full' }, 'test')
  log.info('lost')
  log.close()
})

test('openLogOutput: a file that cannot be opened is named', () => {
  assert.throws(
    () => openLogOutput({ ...settings, file: '/dev/null/a.log' }, 'test'),
    (error) => isTroupeError(error, 'CONFIG_UNREADABLE') && /\/dev\/null\/a\.log \(logfile\)/.test(error.message),
  )
})
