// The store over a real PostgreSQL: the rules of every store, and what only a server can do: go away, come back, refuse, be somebody else.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { systemClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { silentLog } from '#base/log.ts'
import { openStore } from '#store/open-store.ts'
import type { OpenStore, Store } from '#store/store.ts'
import { storeConformance } from '../conformance/store.ts'
import { createTestAuthority, type TestAuthority } from '../conformance/test-certificates.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

let server: PostgresServer
let authority: TestAuthority

before(async () => {
  authority = await createTestAuthority('Test authority of the database')
  server = await startPostgres(await authority.issue(['localhost']))
})
after(() => server?.stop())

storeConformance('postgres', {
  lasting: true,
  start: () =>
    Promise.resolve({ freshUrl: () => Promise.resolve(server.createDatabase()), stop: () => Promise.resolve() }),
})

const open = (url: string, more: Partial<OpenStore> = {}): Promise<Store> =>
  openStore({ url, clock: systemClock, log: silentLog, ...more })

/** The error of opening, which must not show the password. */
async function refusal(url: string, more: Partial<OpenStore> = {}): Promise<string> {
  try {
    const store = await open(url, more)
    await store.close()
  } catch (error) {
    assert.ok(isTroupeError(error), String(error))
    const text = inspect(error, { depth: 6, showHidden: true })
    for (const secret of [server.password, encodeURIComponent(server.password), 'wr0ng']) {
      assert.ok(!text.includes(secret), `the error shows the password: ${text}`)
    }
    return error.code
  }
  return assert.fail('it opened')
}

function newJob(store: Store): Parameters<Store['jobs']['insert']>[0] {
  return {
    ...{ id: store.newId(), kind: 'call', title: 't', agent: 'a', action: 'b', inputs: {}, account: 'alice' },
    ...{ startedAtMs: 1, command: 'mco' },
  }
}

test('openStore: PostgreSQL with the password apart, over TLS that is verified, and over a socket', async () => {
  const url = server.createDatabase()
  const database = new URL(url).pathname.slice(1)
  const { password } = server
  const tls = { ca: authority.ca }
  for (const [address, options] of [
    [`postgres://troupe@127.0.0.1:${server.port}/${database}`, { password }],
    [`postgres://troupe@localhost:${server.port}/${database}`, { password, tls }],
    [`postgresql://troupe@127.0.0.1:${server.port}/${database}?sslmode=require`, { password }],
    [`postgres:///${database}?host=${server.socket}&user=troupe&port=${server.port}`, { password }],
  ] as const) {
    const store = await open(address, options)
    await store.check()
    const ssl = server.query(
      "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where ssl and application_name = 'troupe console'",
    )
    assert.equal(Number(ssl) > 0, 'tls' in options || address.includes('require'), address)
    await store.close()
  }
})

test('openStore: refuses servers, certificates, passwords, databases and users that will not do, without showing secrets', async () => {
  const url = server.createDatabase()
  const { password } = server
  const local = `127.0.0.1:${server.port}`
  const strangers = { ca: (await createTestAuthority('Somebody else')).ca }
  assert.equal(await refusal(`postgres://troupe:wr0ng@${local}/postgres`), 'STORE_REFUSED')
  assert.equal(await refusal(`postgres://troupe@${local}/nothing`, { password }), 'STORE_REFUSED')
  assert.equal(await refusal(`postgres://troupe@127.0.0.1:1/postgres`, { password }), 'STORE_UNREACHABLE')
  assert.equal(await refusal(`postgres:///x?host=/nowhere&user=troupe`, { password }), 'STORE_UNREACHABLE')
  assert.equal(
    await refusal(`postgres://troupe@localhost:${server.port}/postgres?sslmode=verify-full`, {
      password,
      tls: strangers,
    }),
    'STORE_UNREACHABLE',
  )
  const wrongName = { password, tls: { ca: authority.ca } }
  assert.equal(await refusal(`postgres://troupe@${local}/postgres?sslmode=verify-full`, wrongName), 'STORE_UNREACHABLE')
  server.query("create role guest login password 'wr0ng'")
  assert.equal(await refusal(`postgres://guest:wr0ng@${local}${new URL(url).pathname}`), 'STORE_REFUSED')
})

test('openStore: refuses a database that cannot keep every character', async () => {
  server.query("create database latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0")
  const url = `postgres://troupe@127.0.0.1:${server.port}/latin`
  assert.equal(await refusal(url, { password: server.password }), 'CONFIG_INVALID')
})

test('openStore: refuses a database that a newer program has changed', async () => {
  const url = server.createDatabase()
  await (await open(url)).close()
  server.query("insert into kysely_migration values ('9999-later', 'now')", new URL(url).pathname.slice(1))
  assert.equal(await refusal(url), 'STORE_NEWER')
})

test('Store: a server that goes away is an error at once, and no error any more when it is back', async () => {
  const store = await open(server.createDatabase())
  const { id } = await store.jobs.insert(newJob(store), ['a', 'b'])
  server.kill()
  try {
    const unreachable = (error: unknown): boolean => isTroupeError(error, 'STORE_UNREACHABLE')
    await assert.rejects(store.settings.get('x'), unreachable)
    await assert.rejects(store.check(), unreachable)
    await assert.rejects(store.jobs.insert(newJob(store), ['a']), unreachable)
  } finally {
    server.start()
  }
  await store.check()
  const counts = await store.jobs.addResults(id, [{ node: 'a', outcome: 'ok' }])
  assert.deepEqual([counts.ok, counts.waiting], [1, 1])
  await store.close()
})

test('Store: answers that come in while the server is away are entered when it is back', async () => {
  const store = await open(server.createDatabase())
  const { id } = await store.jobs.insert(newJob(store), ['a', 'b', 'c'])
  server.kill()
  const entering = store.jobs.addResults(id, [{ node: 'a', outcome: 'ok', data: 1 }])
  const marking = store.jobs.markSent(id, ['b'])
  await new Promise((resolve) => setTimeout(resolve, 300))
  server.start()
  const [counts] = await Promise.all([entering, marking])
  assert.deepEqual([counts.ok, counts.waiting], [1, 2])
  assert.equal((await store.jobs.result(id, 'b'))?.sent, true)
  await store.close()
})

test('Store: a connection ended in the middle of a statement is replaced', async () => {
  const store = await open(server.createDatabase(), { connections: 1 })
  await store.settings.set('x', 1)
  server.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'troupe console'")
  const answers = await Promise.allSettled([store.settings.get('x'), store.settings.get('x')])
  for (const answer of answers) {
    if (answer.status === 'rejected')
      assert.ok(isTroupeError(answer.reason, 'STORE_UNREACHABLE'), String(answer.reason))
  }
  assert.equal((await store.settings.get('x'))?.value, 1)
  await store.close()
})

test('Store: no more connections than it may have, however many ask at once', async () => {
  const url = server.createDatabase()
  const store = await open(url, { connections: 3 })
  await Promise.all(Array.from({ length: 50 }, (_, index) => store.settings.set(`key${index}`, index)))
  const sessions = server.query(
    `select count(*) from pg_stat_activity where datname = '${new URL(url).pathname.slice(1)}'`,
  )
  assert.ok(Number(sessions) <= 3, sessions)
  await store.close()
})

test('Store: a table locked by another session is waited for', async () => {
  const url = server.createDatabase()
  const [store, other] = [await open(url), await open(url)]
  const { id } = await store.jobs.insert(newJob(store), ['a', 'b', 'c', 'd'])
  const enter = (who: Store, node: string): Promise<unknown> =>
    who.jobs.addResults(id, [{ node, outcome: 'ok', data: { node } }])
  await Promise.all(['a', 'b', 'c', 'd'].map((node, index) => enter(index % 2 ? store : other, node)))
  assert.equal((await store.jobs.get(id))?.counts.ok, 4)
  await store.close()
  await other.close()
})
