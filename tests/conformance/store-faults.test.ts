// What can be wrong with the file under the store, and what must then happen: a clear error, no waiting without end, nothing half done.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { systemClock } from '#base/clock.ts'
import { type ErrorCode, isTroupeError } from '#base/errors.ts'
import { silentLog } from '#base/log.ts'
import { openStore } from '#store/open-store.ts'
import type { OpenStore, Store } from '#store/store.ts'

let folder: string
let files = 0

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-store-'))
})
after(() => rmSync(folder, { recursive: true }))

const freshPath = (): string => join(folder, `${++files}`, 'console.db')
const open = (path: string, more: Partial<OpenStore> = {}): Promise<Store> =>
  openStore({ url: `sqlite:${path}`, clock: systemClock, log: silentLog, ...more })

async function refuses(work: Promise<unknown>, ...codes: ErrorCode[]): Promise<void> {
  await assert.rejects(work, (error) => isTroupeError(error, ...codes) || assert.fail(String(error)))
}

function newJob(store: Store): Parameters<Store['jobs']['insert']>[0] {
  return {
    ...{ id: store.newId(), kind: 'call', title: 't', agent: 'a', action: 'b', inputs: {}, account: 'alice' },
    ...{ startedAtMs: 1, command: 'mco' },
  }
}

/** Another program that holds the write lock until it is told to let go. */
async function lockedByAnother(path: string): Promise<() => Promise<void>> {
  const program = `
    const { DatabaseSync } = require('node:sqlite')
    const db = new DatabaseSync(process.argv[1], { timeout: 5000 })
    db.exec('begin immediate')
    process.stdout.write('locked')
    process.stdin.on('end', () => db.exec('commit')).resume()`
  const child = spawn(process.execPath, ['-e', program, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return () => {
    child.stdin.end()
    return exited
  }
}

test('openStore: the file and what SQLite puts beside it are the owner alone', async () => {
  const path = freshPath()
  const store = await open(path)
  await store.settings.set('x', 1)
  const names = readdirSync(join(path, '..')).sort()
  assert.deepEqual(names, ['console.db', 'console.db-shm', 'console.db-wal'])
  for (const name of names) assert.equal(statSync(join(path, '..', name)).mode & 0o777, 0o600, name)
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
  await store.close()
  chmodSync(path, 0o644)
  await (await open(path)).close()
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('openStore: refuses urls that name no store, without showing what may be a password', async () => {
  const options = { clock: systemClock, log: silentLog }
  for (const url of ['', 'sqlite:', 'sqlite:relative.db', 'mysql://u:s3cret@h/d', '/var/lib/console.db']) {
    await assert.rejects(openStore({ url, ...options }), (error) => {
      assert.ok(isTroupeError(error, 'CONFIG_INVALID'), String(error))
      assert.ok(!error.message.includes('s3cret'))
      return true
    })
  }
})

test('Store: a lock of another program is waited for without holding up this one', async () => {
  const path = freshPath()
  const store = await open(path)
  const { id } = await store.jobs.insert(newJob(store), ['a', 'b'])
  const release = await lockedByAnother(path)
  let turns = 0
  const counting = setInterval(() => {
    turns += 1
  }, 5)
  const writing = store.jobs.addResults(id, [{ node: 'a', outcome: 'ok' }])
  assert.equal((await store.jobs.get(id))?.counts.waiting, 2, 'reading goes on')
  while (turns < 10) await new Promise((resolve) => setTimeout(resolve, 5))
  await release()
  assert.equal((await writing).ok, 1)
  clearInterval(counting)
  await store.close()
})

test('Store: a lock that does not end is an error, and what was to be written is not half written', async () => {
  const path = freshPath()
  const store = await open(path)
  const job = newJob(store)
  const release = await lockedByAnother(path)
  await refuses(store.jobs.insert(job, ['a', 'b']), 'STORE_LOCKED')
  await release()
  assert.equal(await store.jobs.get(job.id), undefined)
  await store.jobs.insert(job, ['a', 'b'])
  await store.close()
})

test('Store: a full store refuses, keeps what it has, and takes more when there is room', async () => {
  const path = freshPath()
  const store = await open(path, { fileBytesMax: 1024 * 1024 })
  const job = newJob(store)
  await store.jobs.insert(job, [])
  const noise = (index: number): string =>
    Array.from({ length: 2_000 }, (_, at) => (index * 7_919 + at * 104_729) % 1e9).join('')
  let entered = 0
  const fill = async (): Promise<void> => {
    for (; entered < 1_000; entered += 1) {
      await store.jobs.addResults(job.id, [{ node: `node${entered}`, outcome: 'ok', data: noise(entered) }])
    }
  }
  await refuses(fill(), 'STORE_FULL')
  assert.ok(entered > 10)
  assert.equal((await store.jobs.get(job.id))?.counts.ok, entered)
  assert.equal((await store.jobs.nodesOf(job.id)).length, entered)
  await store.jobs.update(job.id, { state: 'done', endedAtMs: 1 })
  const purged = await store.purge(Date.now(), { jobs: 1, audit: 1, reports: 1 })
  assert.equal(purged.jobs, 1)
  await store.jobs.insert(job, [])
  await store.jobs.addResults(job.id, [{ node: 'a', outcome: 'ok', data: noise(1) }])
  await store.close()
  assert.ok(statSync(path).size < 512 * 1024, 'room was not given back')
})

test('openStore: a file that is no database, and one that is damaged', async () => {
  const path = freshPath()
  const store = await open(path)
  await store.jobs.insert(
    newJob(store),
    Array.from({ length: 5_000 }, (_, index) => `node${index}`),
  )
  await store.close()
  const bytes = readFileSync(path)
  const text = join(folder, 'text.db')
  writeFileSync(text, 'this is not a database, it only has its name\n'.repeat(100))
  await refuses(open(text), 'STORE_DAMAGED')
  const cut = join(folder, 'cut.db')
  writeFileSync(cut, bytes.subarray(0, 9_000))
  await refuses(
    open(cut).then((damaged) => damaged.jobs.list({ node: 'node1' })),
    'STORE_DAMAGED',
    'STORE_UNREADABLE',
  )
  const noise = join(folder, 'noise.db')
  writeFileSync(noise, Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 0x5a)]))
  await refuses(
    open(noise).then((damaged) => damaged.jobs.list({})),
    'STORE_DAMAGED',
    'STORE_UNREADABLE',
  )
})

test('openStore: a folder that cannot be, or is no folder', async () => {
  writeFileSync(join(folder, 'file'), '')
  await refuses(open(join(folder, 'file', 'console.db')), 'STORE_UNREADABLE')
  await refuses(open(folder), 'STORE_UNREADABLE', 'STORE_DAMAGED')
  await refuses(open(join(folder, 'nothing', 'nowhere', 'console.db')), 'STORE_UNREADABLE')
})

test('openStore: refuses a database that a newer program has changed', async () => {
  const path = freshPath()
  await (await open(path)).close()
  const db = new DatabaseSync(path)
  db.exec("insert into kysely_migration values ('9999-later', 'now')")
  await refuses(open(path), 'STORE_NEWER')
  db.exec("delete from kysely_migration where name = '9999-later'")
  db.close()
  await (await open(path)).close()
})

test('openStore: a database that holds other tables of these names is left as it is', async () => {
  const path = freshPath()
  await (await open(path)).close()
  const other = join(folder, 'other.db')
  const db = new DatabaseSync(other)
  db.exec('create table audit (mine text)')
  await refuses(open(other), 'STORE_FAILED')
  const names = db.prepare("select name from sqlite_schema where name not like 'kysely%' and type = 'table'").all()
  assert.deepEqual(
    names.map(({ name }) => name),
    ['audit'],
  )
  db.close()
})

test('Store: closed, it says so', async () => {
  const store = await open(freshPath())
  await store.close()
  await assert.rejects(store.check())
  await store.close()
})
