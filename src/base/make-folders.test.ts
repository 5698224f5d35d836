import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeFolders } from './make-folders.ts'

let base: string
before(() => {
  base = mkdtempSync(join(tmpdir(), 'make-folders-'))
})
after(() => rmSync(base, { recursive: true }))
const code = (wanted: string) => (error: NodeJS.ErrnoException) => error.code === wanted
const modeOf = (path: string): number => statSync(path).mode & 0o777

test('makeFolders: makes what is missing with the mode, and leaves what is there', () => {
  makeFolders(join(base, 'a/b/../c'), 0o700)
  assert.deepEqual([modeOf(join(base, 'a')), modeOf(join(base, 'a/c'))], [0o700, 0o700])
  makeFolders(join(base, 'a/c'), 0o755)
  assert.equal(modeOf(join(base, 'a/c')), 0o700)
  makeFolders('/')
})

test('makeFolders: below /proc it fails instead of trying for ever', () => {
  for (const path of ['/proc/troupe', '/proc/self/troupe/a/b', '/proc/sys/troupe/a']) {
    assert.throws(() => makeFolders(path), code('ENOENT'), path)
  }
})

test('makeFolders: a file, a name too long and a link to nowhere are in the way', () => {
  writeFileSync(join(base, 'file'), '')
  symlinkSync(join(base, 'nowhere/x'), join(base, 'link'))
  assert.throws(() => makeFolders(join(base, 'file')), code('EEXIST'))
  assert.throws(() => makeFolders(join(base, 'file/a/b')), code('ENOTDIR'))
  assert.throws(() => makeFolders(join(base, 'x'.repeat(300), 'a')), code('ENAMETOOLONG'))
  assert.throws(() => makeFolders(join(base, 'link/a')), code('EEXIST'))
})
