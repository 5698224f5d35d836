import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import type { NodeView } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createFstatData } from './fstat.ts'

const ddlFile = 'fstat_data.ddl'
const text = readFileSync(new URL(ddlFile, import.meta.url), 'utf8')
const clock = new ManualClock(1_795_325_391_500)
const plugin = createFstatData(parseDdl(text, { kind: 'data', name: 'fstat', file: ddlFile, version: '3.0.0' }), clock)
const node = {} as NodeView
const ask = (name: string, signal = new AbortController().signal) => plugin.query(name, node, signal)

let directory: string
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'fstat-'))
})
after(() => rmSync(directory, { recursive: true }))

test('createFstatData: outputs in the order of the wire [wire 7.3]', async () => {
  const names =
    'name output present size mode md5 mtime ctime atime mtime_seconds ctime_seconds atime_seconds mtime_age ctime_age atime_age uid gid type'.split(
      ' ',
    )
  assert.deepEqual(
    plugin.ddl.outputs.map((o) => o.name),
    names,
  )
  assert.deepEqual(Object.keys(await ask(directory)), names)
  assert.deepEqual(Object.keys(await ask(join(directory, 'none'))), names)
})

test('createFstatData: a plain file', async () => {
  const file = join(directory, 'plain')
  writeFileSync(file, 'hello\n')
  chmodSync(file, 0o640)
  utimesSync(file, 1_795_325_314, 1_795_325_296)
  const stat = await ask(file)
  assert.equal(stat.name, file)
  assert.equal(stat.output, 'present')
  assert.equal(stat.present, 1)
  assert.equal(stat.size, 6)
  assert.equal(stat.mode, '100640')
  assert.equal(stat.md5, 'b1946ac92492d2347c6235b4d2611184')
  assert.equal(stat.mtime_seconds, 1_795_325_296)
  assert.equal(stat.mtime_age, 95)
  assert.equal(stat.atime_seconds, 1_795_325_314)
  assert.equal(stat.atime_age, 77)
  const at = new Date(1_795_325_296_000)
  assert.equal(stat.mtime, `${at.getFullYear()}-11-${at.getDate()} ${at.toTimeString().slice(0, 8)}`)
  assert.equal(stat.type, 'file')
  assert.equal(stat.uid, process.getuid?.())
})

test('createFstatData: an absent file, also below a plain one', async () => {
  writeFileSync(join(directory, 'parent'), '')
  for (const name of [join(directory, 'none'), join(directory, 'parent', 'child')]) {
    assert.deepEqual(await ask(name), {
      name,
      output: 'not present',
      present: 0,
      size: 0,
      mode: '0000',
      md5: 0,
      ...{ mtime: 0, ctime: 0, atime: 0 },
      ...{ mtime_seconds: 0, ctime_seconds: 0, atime_seconds: 0 },
      ...{ mtime_age: null, ctime_age: null, atime_age: null },
      uid: 0,
      gid: 0,
      type: 'unknown',
    })
  }
})

test('createFstatData: links are described themselves, dangling ones too; only plain files have a digest', async () => {
  writeFileSync(join(directory, 'target'), 'secret')
  symlinkSync('target', join(directory, 'link'))
  symlinkSync('nowhere', join(directory, 'dangling'))
  mkdirSync(join(directory, 'folder'))
  const kinds: [string, string][] = [
    [join(directory, 'link'), 'symlink'],
    [join(directory, 'dangling'), 'symlink'],
    [join(directory, 'folder'), 'directory'],
    ['/dev/null', 'chardev'],
  ]
  for (const [name, type] of kinds) {
    const stat = await ask(name)
    assert.deepEqual([stat.present, stat.type, stat.md5], [1, type, 0], name)
  }
})

test('createFstatData: the digest of a file larger than one piece', async () => {
  const file = join(directory, 'large')
  const bytes = Buffer.alloc(700_001, 7)
  writeFileSync(file, bytes)
  assert.equal((await ask(file)).md5, createHash('md5').update(bytes).digest('hex'))
})

test('createFstatData: a huge file is given up at the time limit', async () => {
  const file = join(directory, 'huge')
  writeFileSync(file, '')
  truncateSync(file, 1024 ** 4)
  const limit = new AbortController()
  const asked = ask(file, limit.signal)
  setImmediate(() => limit.abort(new Error('timed out')))
  await assert.rejects(async () => asked, /timed out/)
  await assert.rejects(async () => ask(file, AbortSignal.abort(new Error('too late'))), /too late/)
})

test('createFstatData: names no file system takes are errors or absent, never a crash', async () => {
  await assert.rejects(async () => ask('a\0b'))
  await assert.rejects(async () => ask('x'.repeat(300)))
  assert.equal((await ask('')).present, 0)
})
