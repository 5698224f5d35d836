import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeNewFolder, save } from './private-files.ts'

function inFolder(work: (at: (name: string) => string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'private-'))
  try {
    work((name) => join(folder, name))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('save: what lies in the way neither opens the file to others nor leads it elsewhere', () => {
  inFolder((at) => {
    writeFileSync(at('left.new'), 'half', { mode: 0o644 })
    writeFileSync(at('others'), 'of somebody else', { mode: 0o666 })
    symlinkSync(at('others'), at('led.new'))
    for (const name of ['left', 'led', 'fresh']) {
      save(at(name), 'secret')
      assert.equal(readFileSync(at(name), 'utf8'), 'secret')
      assert.equal(statSync(at(name)).mode & 0o777, 0o600, name)
      assert.ok(lstatSync(at(name)).isFile(), name)
    }
    assert.equal(readFileSync(at('others'), 'utf8'), 'of somebody else')
  })
})

test('makeNewFolder: a folder that somebody has just made is not taken for ours', () => {
  inFolder((at) => {
    makeNewFolder(at('above/keys'))
    assert.equal(statSync(at('above/keys')).mode & 0o777, 0o700)
    symlinkSync(at('above'), at('link'))
    for (const name of ['above/keys', 'link']) assert.throws(() => makeNewFolder(at(name)), { code: 'EEXIST' })
    assert.ok(!existsSync(at('above/keys/keys')))
  })
})
