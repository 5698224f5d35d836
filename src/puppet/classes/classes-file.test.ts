import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { createClassesFile } from './classes-file.ts'

function setUp(t: { after(fn: () => void): void }) {
  const directory = mkdtempSync(join(tmpdir(), 'classes-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'classes.txt')
  const clock = new ManualClock()
  /** Writes the file as if at the clock's time. */
  const write = (text: string) => {
    writeFileSync(file, text)
    utimesSync(file, clock.now() / 1000, clock.now() / 1000)
  }
  return { file, clock, write, directory }
}

test('createClassesFile: lines in order, doubles kept, line ends removed, nothing else changed [wire 6.1]', (t) => {
  const { file, clock, write } = setUp(t)
  write('settings\r\ndefault\nRole::Web \ndefault\n\n')
  const classes = createClassesFile(file, clock)
  assert.deepEqual(classes.classes(), ['settings', 'default', 'Role::Web ', 'default'])
  assert.deepEqual(classes.warnings(), [])
})

test('createClassesFile: a rewritten file shows at the next use', (t) => {
  const { file, clock, write } = setUp(t)
  const classes = createClassesFile(file, clock)
  assert.deepEqual(classes.classes(), [])
  assert.deepEqual(classes.warnings(), [`classes: ${file} cannot be found`])
  write('a\n')
  assert.deepEqual(classes.classes(), ['a'])
  const first = classes.classes()
  assert.equal(classes.classes(), first)
  clock.advance(1_800_000)
  write('b\n')
  assert.deepEqual(classes.classes(), ['b'])
})

test('createClassesFile: the first of the usual places, as soon as there is one', (t) => {
  const { file, clock, write, directory } = setUp(t)
  const classes = createClassesFile(undefined, clock, [join(directory, 'none'), file])
  assert.match(classes.warnings()[0]!, /none of .* exists/)
  write('a\n')
  assert.deepEqual(classes.classes(), ['a'])
})

test('createClassesFile: tells a file no Puppet run has written for a day', (t) => {
  const { file, clock, write } = setUp(t)
  write('a\n')
  clock.advance(3 * 86_400_000)
  assert.deepEqual(createClassesFile(file, clock).warnings(), [`classes: ${file} was last written 3 days ago`])
})

test('createClassesFile: a directory and a huge file are refused, the last good classes stay', (t) => {
  const { file, clock, write, directory } = setUp(t)
  assert.match(createClassesFile(directory, clock).warnings()[0]!, /not a plain file/)
  write('a\n')
  const classes = createClassesFile(file, clock)
  assert.deepEqual(classes.classes(), ['a'])
  write('x'.repeat(5 * 1024 * 1024))
  assert.deepEqual(classes.classes(), ['a'])
  assert.match(classes.warnings()[0]!, /bytes, at most .*showing what it held before/)
})

test('createClassesFile: a place that may not be looked at is skipped, and named when there is no other', (t) => {
  const { file, clock, write, directory } = setUp(t)
  const closed = join(directory, 'closed')
  symlinkSync(closed, closed)
  const classes = createClassesFile(undefined, clock, [closed, file])
  assert.deepEqual(classes.classes(), [])
  assert.match(classes.warnings()[0] ?? '', /closed cannot be read \(ELOOP/)
  write('base\n')
  assert.deepEqual(classes.classes(), ['base'])
  assert.deepEqual(classes.warnings(), [])
})
