// The rules every database under the store keeps, one test each: the same suite runs on SQLite and on a real PostgreSQL.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { ManualClock } from '#base/clock.ts'
import { type ErrorCode, isTroupeError } from '#base/errors.ts'
import { STORE_JSON_CHARACTERS_MAX, STORE_PAGE_BYTES_MAX } from '#base/limits.ts'
import { silentLog } from '#base/log.ts'
import type { AccountRecord, SessionRecord } from '#store/account-records.ts'
import type { NodeRecord, ReportRecord } from '#store/fleet-records.ts'
import type { JobOutcome, NewJobRecord, NewResult } from '#store/job-records.ts'
import { first } from '#store/migrations/0001-first.ts'
import { openStore } from '#store/open-store.ts'
import { postgresDialect } from '#store/postgres.ts'
import { postgresAddress } from '#store/postgres-address.ts'
import { sqliteDialect } from '#store/sqlite.ts'
import type { OpenStore, Store } from '#store/store.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export interface StoreHarness {
  /** Url of a new and empty database, which stays until `stop`. */
  freshUrl(): Promise<string>
  stop(): Promise<void>
}

export interface StoreSuite {
  readonly start: () => Promise<StoreHarness>
  /** false: what is closed is gone. */
  readonly lasting: boolean
}

export const hostile = 'a\0b\u202e<script>\ud800\u001b[31m'
const kept = 'a\ufffdb\u202e<script>\ufffd\u001b[31m'

const firstJob = {
  ...{
    id: 'j',
    kind: 'call',
    title: 't',
    agent: 'a',
    action: 'b',
    account: 'alice',
    console: 'console',
    state: 'running',
  },
  ...{ command: 'mco', search_text: 't', revision: 1, can_undo: 0, started_at_ms: 1, targeted: 5 },
  ...{ ok: 2, failed: 1, refused: 0, no_response: 0, not_addressed: 0, unknown: 0 },
}

/** The database as it was with the first schema, tables by any name. */
// biome-ignore lint/suspicious/noExplicitAny: its types are not those of today
async function openFirstSchema(url: string): Promise<Kysely<any>> {
  const path = /^sqlite:(.+)/.exec(url)?.[1]
  const dialect =
    path === undefined ? await postgresDialect(postgresAddress({ url }), silentLog) : sqliteDialect(path, 'the store')
  const db = new Kysely<unknown>({ dialect })
  const up = (inner: Kysely<unknown>): Promise<void> => first(inner, path === undefined ? 'postgres' : 'sqlite')
  const provider = { getMigrations: () => Promise.resolve({ '0001-first': { up } }) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  assert.equal(error, undefined)
  return db
}

/** Declares the suite for one database. */
export function storeConformance(name: string, suite: StoreSuite): void {
  describe(`Store: ${name}`, () => {
    const clock = new ManualClock()
    let harness: StoreHarness
    let url: string
    let store: Store

    const open = (options: Partial<OpenStore> = {}): Promise<Store> =>
      openStore({ url, clock, log: silentLog, ...options })

    before(async () => {
      harness = await suite.start()
    })
    after(() => harness?.stop())
    beforeEach(async () => {
      url = await harness.freshUrl()
      store = await open()
    })

    const rule = (title: string, body: () => Promise<void>): void => {
      test(`${name}: ${title}`, { timeout: 120_000 }, async () => {
        try {
          await body()
        } finally {
          await store.close()
        }
      })
    }
    const lastingRule = (title: string, body: () => Promise<void>): void => {
      if (suite.lasting) rule(title, body)
    }

    const account = (accountName: string, more: Partial<AccountRecord> = {}): AccountRecord => ({
      ...{ name: accountName, displayName: '', role: 'operator', source: 'local', disabled: false },
      ...{ failedAttempts: 0, createdAtMs: 1, changedAtMs: 1 },
      ...more,
    })
    const session = (idHash: string, more: Partial<SessionRecord> = {}): SessionRecord => ({
      ...{ idHash, csrfSecret: 'c', createdAtMs: 1, lastUsedMs: 1, expiresAtMs: 1_000, byLink: false },
      ...more,
    })
    const job = (more: Partial<NewJobRecord> = {}): NewJobRecord => ({
      ...{ id: store.newId(), kind: 'call', title: 'service restart', agent: 'service', action: 'restart' },
      ...{ inputs: { service: 'sshd' }, account: 'alice', startedAtMs: clock.now() },
      ...{ command: 'mco rpc service restart service=sshd' },
      ...more,
    })
    const refuses = async (work: Promise<unknown>, ...codes: ErrorCode[]): Promise<void> => {
      await assert.rejects(work, (error) => isTroupeError(error, ...codes) || assert.fail(String(error)))
    }

    rule('accounts: what is inserted comes back, absent fields absent', async () => {
      const full = account('alice', {
        ...{ displayName: 'Alice \u00e9', role: 'administrator', source: 'oidc', subject: 'https://sso 1' },
        ...{ passwordHash: '$argon2id$x', failedAttempts: 2, lockedUntilMs: 1_790_000_000_000, lastSignInMs: 5 },
      })
      await store.accounts.insert(full)
      await store.accounts.insert(account('bob'))
      assert.deepEqual(await store.accounts.get('alice'), full)
      assert.deepEqual(await store.accounts.bySubject('https://sso 1'), full)
      assert.deepEqual(await store.accounts.list(), [full, account('bob')])
      assert.equal(await store.accounts.count(), 2)
      assert.equal(await store.accounts.get('__proto__'), undefined)
    })

    rule('accounts: names and subjects are unique, roles are known', async () => {
      await store.accounts.insert(account('alice', { subject: 's' }))
      await refuses(store.accounts.insert(account('alice')), 'STORE_CONFLICT')
      await refuses(store.accounts.insert(account('bob', { subject: 's' })), 'STORE_CONFLICT')
      await refuses(store.accounts.insert(account('carol', { role: 'root' as 'viewer' })), 'STORE_CONFLICT')
      assert.equal(await store.accounts.count(), 1)
    })

    rule('accounts.update: changes what is given, null clears, unknown accounts are undefined', async () => {
      await store.accounts.insert(account('alice', { passwordHash: 'h', subject: 's' }))
      const changed = await store.accounts.update('alice', { role: 'viewer', subject: null, disabled: true })
      assert.deepEqual(changed, account('alice', { passwordHash: 'h', role: 'viewer', disabled: true }))
      assert.deepEqual(await store.accounts.update('alice', {}), changed)
      assert.equal(await store.accounts.update('nobody', { disabled: true }), undefined)
    })

    rule('accounts.addFailure: counts all that come at once and locks from the given number on', async () => {
      await store.accounts.insert(account('alice'))
      const lock = { attempts: 5, untilMs: 2_000, nowMs: 1_000 }
      const after4 = await Promise.all([1, 2, 3, 4].map(() => store.accounts.addFailure('alice', lock)))
      assert.deepEqual(after4.map((one) => one?.failedAttempts).sort(), [1, 2, 3, 4])
      assert.equal((await store.accounts.get('alice'))?.lockedUntilMs, undefined)
      const more = await Promise.all([1, 2, 3].map(() => store.accounts.addFailure('alice', lock)))
      assert.deepEqual(
        more.flatMap((one) => (one === undefined ? [] : [[one.failedAttempts, one.lockedUntilMs]])),
        [[5, 2_000]],
      )
      assert.equal(await store.accounts.addFailure('alice', { ...lock, nowMs: 1_999 }), undefined)
      const later = await store.accounts.addFailure('alice', { ...lock, nowMs: 2_000, untilMs: 3_000 })
      assert.deepEqual([later?.failedAttempts, later?.lockedUntilMs], [6, 3_000])
      assert.equal(await store.accounts.addFailure('nobody', lock), undefined)
    })

    rule('unknownNames.addFailure: counts and locks as accounts do, and forgets the oldest names', async () => {
      const { unknownNames } = store
      const lock = { attempts: 3, untilMs: 2_000, nowMs: 1_000, namesMax: 4 }
      assert.equal(await unknownNames.get('h'), undefined)
      const first = await Promise.all([1, 2, 3, 4, 5].map(() => unknownNames.addFailure('h', lock)))
      const counted = first.flatMap((one) => (one === undefined ? [] : [one.failedAttempts]))
      assert.deepEqual(counted.sort(), [1, 2, 3])
      const locked = { failedAttempts: 3, lockedUntilMs: 2_000 }
      assert.deepEqual(await unknownNames.get('h'), locked)
      assert.equal(await unknownNames.addFailure('h', { ...lock, nowMs: 1_999 }), undefined)
      const later = { failedAttempts: 4, lockedUntilMs: 3_000 }
      assert.deepEqual(await unknownNames.addFailure('h', { ...lock, nowMs: 2_000, untilMs: 3_000 }), later)
      for (const [index, name] of ['a', 'b', 'c'].entries())
        await unknownNames.addFailure(name, { ...lock, nowMs: 2_001 + index })
      assert.deepEqual(await unknownNames.get('h'), later)
      await unknownNames.addFailure('d', { ...lock, nowMs: 3_000 })
      assert.deepEqual([await unknownNames.get('h'), await unknownNames.get('a')], [undefined, { failedAttempts: 1 }])
      assert.deepEqual(await unknownNames.addFailure('once', { ...lock, attempts: 1 }), {
        failedAttempts: 1,
        lockedUntilMs: 2_000,
      })
    })

    rule('accounts.remove: takes sessions and tokens along', async () => {
      await store.accounts.insert(account('alice'))
      await store.sessions.insert(session('h1', { account: 'alice' }))
      const token = {
        id: store.newId(),
        hash: 't',
        label: 'ci',
        account: 'alice',
        role: 'viewer',
        createdAtMs: 1,
      } as const
      await store.tokens.insert(token)
      assert.equal(await store.accounts.remove('alice'), true)
      assert.equal(await store.accounts.remove('alice'), false)
      assert.equal(await store.sessions.get('h1'), undefined)
      assert.equal(await store.tokens.byHash('t'), undefined)
    })

    rule('sessions: kept, changed, ended and forgotten when expired', async () => {
      await store.accounts.insert(account('alice'))
      const one = session('h1', { account: 'alice', data: { nonce: 'n', list: [1] } })
      await store.sessions.insert(one)
      await store.sessions.insert(session('h2', { account: 'alice', lastUsedMs: 9, expiresAtMs: 2_000 }))
      await store.sessions.insert(session('h3', { byLink: true, expiresAtMs: 3_000 }))
      await refuses(store.sessions.insert(session('h4', { account: 'nobody' })), 'STORE_CONFLICT')
      assert.deepEqual(await store.sessions.get('h1'), one)
      assert.deepEqual(
        (await store.sessions.listOf('alice', 500)).map((s) => s.idHash),
        ['h2', 'h1'],
      )
      assert.equal(await store.sessions.update('h1', { data: null, lastUsedMs: 7 }), true)
      assert.deepEqual(await store.sessions.get('h1'), session('h1', { account: 'alice', lastUsedMs: 7 }))
      assert.equal(await store.sessions.update('nothing', { lastUsedMs: 7 }), false)
      assert.deepEqual(await store.sessions.removeAllOf('alice', 'h1'), ['h2'])
      assert.equal(await store.sessions.purge(1_000), 1)
      assert.equal(await store.sessions.get('h1'), undefined)
      assert.equal(await store.sessions.remove('h3'), true)
      assert.equal(await store.sessions.remove('h3'), false)
      await refuses(store.sessions.insert(session('h5', { data: 'x'.repeat(20_000) })), 'STORE_TOO_LARGE')
    })

    rule('links.use: one caller gets it, however many ask at once; never when it has expired', async () => {
      const link = { hash: 'l', purpose: 'setup', createdAtMs: 1, expiresAtMs: 100 }
      await store.links.insert(link)
      await store.links.insert({ ...link, hash: 'old' })
      const used = await Promise.all([1, 2, 3, 4, 5].map(() => store.links.use('l', 50)))
      assert.deepEqual(
        used.filter((one) => one !== undefined),
        [{ ...link, usedAtMs: 50 }],
      )
      assert.equal(await store.links.use('old', 100), undefined)
      assert.equal(await store.links.use('unknown', 50), undefined)
      assert.equal(await store.links.removeUnused('setup'), 1)
      assert.equal(await store.links.purge(100), 1)
    })

    rule('tokens: by hash, listed newest first, purged when they have ended', async () => {
      await store.accounts.insert(account('alice'))
      const token = (hash: string, expiresAtMs?: number) => ({
        ...{ id: store.newId(), hash, label: hostile, account: 'alice', role: 'viewer' as const, createdAtMs: 1 },
        ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      })
      const [one, two] = [token('h1'), token('h2', 100)]
      await store.tokens.insert(one)
      await store.tokens.insert(two)
      await refuses(store.tokens.insert(token('h1')), 'STORE_CONFLICT')
      await store.tokens.touch(one.id, 77)
      assert.deepEqual(await store.tokens.byHash('h1'), { ...one, label: kept, lastUsedMs: 77 })
      assert.deepEqual(
        (await store.tokens.list('alice')).map((t) => t.hash),
        ['h2', 'h1'],
      )
      assert.deepEqual(await store.tokens.list('bob'), [])
      assert.equal(await store.tokens.purge(100), 1)
      assert.deepEqual(
        (await store.tokens.list()).map((t) => t.hash),
        ['h1'],
      )
      assert.equal(await store.tokens.remove(one.id), true)
      assert.equal(await store.tokens.get(one.id), undefined)
    })

    rule('jobs.insert: every target waits; the job comes back as it was given', async () => {
      const full = job({
        ...{ deadlineMs: clock.now() + 5, rollOut: { batch: '10%' }, of: 'other', detail: { steps: [1, null] } },
        ...{ inputs: { __proto__: null, '\0': hostile } },
      })
      const made = await store.jobs.insert(full, ['b', 'a', 'b', 'c'])
      const counts = {
        targeted: 3,
        ok: 0,
        failed: 0,
        refused: 0,
        noResponse: 0,
        notAddressed: 0,
        unknown: 0,
        waiting: 3,
      }
      const expected = { ...full, inputs: { '\0': hostile }, console: 'console', state: 'running', counts, revision: 1 }
      assert.deepEqual(made, { ...expected, canUndo: false })
      assert.deepEqual(await store.jobs.get(full.id), made)
      assert.deepEqual(await store.jobs.nodesOf(full.id), ['a', 'b', 'c'])
      assert.deepEqual(await store.jobs.result(full.id, 'b'), { node: 'b', outcome: 'waiting', sent: false })
      await refuses(store.jobs.insert(full, []), 'STORE_CONFLICT')
      assert.equal(await store.jobs.get('unknown'), undefined)
    })

    rule('jobs.insert: a job that cannot be kept leaves no lines behind', async () => {
      const broken = job({ detail: 'x'.repeat(STORE_JSON_CHARACTERS_MAX) })
      await refuses(store.jobs.insert(broken, ['a']), 'STORE_TOO_LARGE')
      assert.deepEqual(await store.jobs.nodesOf(broken.id), [])
    })

    rule('jobs.addResults: lines are entered and replaced, and counts follow', async () => {
      const one = job()
      await store.jobs.insert(one, ['a', 'b', 'c', 'd'])
      const ok: NewResult = {
        ...{
          node: 'a',
          outcome: 'ok',
          statusCode: 0,
          message: 'OK',
          data: { list: [1, 'two', null], deep: { x: 1.5 } },
        },
        ...{ group: 'g1', normalisedGroup: 'n1', elapsedMs: 12.25, atMs: clock.now() },
      }
      let counts = await store.jobs.addResults(one.id, [ok, { node: 'b', outcome: 'noResponse' }])
      assert.deepEqual([counts.ok, counts.noResponse, counts.waiting, counts.targeted], [1, 1, 2, 4])
      assert.deepEqual(await store.jobs.result(one.id, 'a'), { ...ok, sent: true })
      counts = await store.jobs.addResults(one.id, [ok, { node: 'b', outcome: 'ok', data: 'late' }])
      assert.deepEqual([counts.ok, counts.noResponse, counts.waiting], [2, 0, 2], 'a late answer, and one twice')
      counts = await store.jobs.addResults(one.id, [
        { node: 'uninvited', outcome: 'failed', message: hostile },
        { node: 'c', outcome: 'notAddressed' },
      ])
      assert.deepEqual([counts.targeted, counts.failed, counts.notAddressed, counts.waiting], [5, 1, 1, 1])
      const uninvited = await store.jobs.result(one.id, 'uninvited')
      assert.deepEqual(uninvited, { node: 'uninvited', outcome: 'failed', sent: true, message: kept })
      assert.equal((await store.jobs.result(one.id, 'c'))?.sent, false)
      assert.deepEqual(await store.jobs.addResults(one.id, []), counts)
      assert.deepEqual((await store.jobs.get(one.id))?.counts, counts)
      await refuses(store.jobs.addResults('unknown', [ok]), 'STORE_CONFLICT')
      await refuses(store.jobs.addResults('unknown', []), 'STORE_CONFLICT')
    })

    rule('jobs.addResults: batches entered at once for one job are all counted', async () => {
      const one = job()
      const nodes = Array.from({ length: 1_200 }, (_, index) => `node${index}`)
      await store.jobs.insert(one, nodes)
      const parts = [0, 1, 2, 3].map((part) => nodes.filter((_, index) => index % 4 === part))
      const enter = (some: string[], outcome: JobOutcome): Promise<unknown> =>
        store.jobs.addResults(
          one.id,
          some.map((node) => ({ node, outcome, data: outcome })),
        )
      await Promise.all([
        ...parts.map((some, part) => enter(some, part < 2 ? 'ok' : 'failed')),
        ...parts.map((some) => enter(some.slice(0, 5), 'refused').then(() => enter(some.slice(0, 5), 'ok'))),
      ])
      const counts = (await store.jobs.get(one.id))!.counts
      assert.equal(counts.ok + counts.failed + counts.refused, 1_200)
      const counted = async (outcome: JobOutcome): Promise<number> =>
        (await store.jobs.nodesOf(one.id, { outcomes: [outcome] })).length
      assert.deepEqual(
        [counts.ok, counts.failed, counts.refused],
        [await counted('ok'), await counted('failed'), await counted('refused')],
      )
    })

    rule('jobs.addResults: answers over the bound are cut and say so', async () => {
      const one = job()
      await store.jobs.insert(one, ['a', 'b'])
      const line = 'x'.repeat(2 * STORE_JSON_CHARACTERS_MAX)
      await store.jobs.addResults(one.id, [
        { node: 'a', outcome: 'ok', message: 'm'.repeat(100_000), data: { out: line, exit: 0 } },
        { node: 'b', outcome: 'ok', data: Array.from({ length: 400_000 }, (_, index) => index) },
      ])
      const a = await store.jobs.result(one.id, 'a')
      assert.equal(a?.cut, true)
      assert.equal(a.message?.length, 8_192)
      assert.equal((a.data as { out: string }).out.length, 10_003)
      assert.equal((a.data as { exit: number }).exit, 0)
      const b = await store.jobs.result(one.id, 'b')
      assert.equal(b?.cut, true)
      assert.match(b.data as string, /^\[0,1,2,3,.*\.\.\.$/)
    })

    rule('jobs.results: a page ends where its data are too large, and goes on from there', async () => {
      const one = job()
      const nodes = Array.from({ length: 24 }, (_, index) => `node${String(index).padStart(2, '0')}`)
      await store.jobs.insert(one, nodes)
      const big = (index: number): string => `${index}${'y'.repeat(STORE_JSON_CHARACTERS_MAX - 100)}`
      for (const [index, node] of nodes.entries()) {
        await store.jobs.addResults(one.id, [{ node, outcome: 'ok', data: big(index) }])
      }
      const first = await store.jobs.results(one.id, { limit: 100 })
      assert.ok(first.results.length < 24 && first.results.length >= STORE_PAGE_BYTES_MAX / STORE_JSON_CHARACTERS_MAX)
      const rest = await store.jobs.results(one.id, { limit: 100, after: first.next! })
      assert.deepEqual(
        [...first.results, ...rest.results].map((row) => row.node),
        nodes,
      )
      assert.equal(rest.next, undefined)
      assert.ok(rest.results.every((row, at) => row.data === big(first.results.length + at)))
      const bare = await store.jobs.results(one.id, { limit: 100, data: false })
      assert.deepEqual([bare.results.length, bare.results[0]?.data, bare.next], [24, undefined, undefined])
    })

    rule('jobs.results: paging returns each line once, in the order of names, whatever the filter', async () => {
      const outcomes: JobOutcome[] = ['ok', 'failed', 'refused', 'noResponse', 'waiting']
      const line = fc.record({
        node: fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/),
        outcome: fc.constantFrom(...outcomes),
        group: fc.option(fc.constantFrom('g1', 'g2', 'g3'), { nil: undefined }),
      })
      const property = fc.asyncProperty(
        fc.uniqueArray(line, { selector: (row) => row.node, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.subarray(outcomes),
        fc.option(fc.constantFrom('g1', 'g2', 'ok', 'failed'), { nil: undefined }),
        async (lines, limit, some, group) => {
          const one = job()
          await store.jobs.insert(one, [])
          const results = lines.map(({ group: key, ...row }) => (key === undefined ? row : { ...row, group: key }))
          await store.jobs.addResults(one.id, results)
          const ask = { limit, outcomes: some, ...(group === undefined ? {} : { group }) }
          const seen: string[] = []
          for (let after: string | undefined; ; ) {
            const page = await store.jobs.results(one.id, after === undefined ? ask : { ...ask, after })
            assert.ok(page.results.length <= limit)
            seen.push(...page.results.map((row) => row.node))
            if (page.next === undefined) break
            assert.ok(page.results.length > 0)
            after = page.next
          }
          const expected = lines
            .filter(
              (row) => some.includes(row.outcome) && (group === undefined || (row.group ?? row.outcome) === group),
            )
            .map((row) => row.node)
            .sort((a, b) => (a < b ? -1 : 1))
          assert.deepEqual(seen, expected)
          assert.deepEqual(await store.jobs.nodesOf(one.id, ask), expected)
        },
      )
      await fc.assert(property, { numRuns: 40 })
    })

    rule('jobs.groups: failures first, then the largest; the first nodes and the first answer of each', async () => {
      const one = job()
      const nodes = Array.from({ length: 60 }, (_, index) => `node${String(index).padStart(2, '0')}`)
      await store.jobs.insert(one, nodes)
      await store.jobs.addResults(
        one.id,
        nodes.slice(0, 50).map(
          (node, index): NewResult =>
            index < 3
              ? {
                  node,
                  outcome: 'failed',
                  group: `f${index}`,
                  normalisedGroup: 'f',
                  statusCode: 1,
                  message: `port ${index}`,
                }
              : {
                  node,
                  outcome: 'ok',
                  group: index < 10 ? 'small' : 'large',
                  normalisedGroup: 'o',
                  data: { index: Math.min(index, 10) },
                },
        ),
      )
      const exact = await store.jobs.groups(one.id, { normalised: false })
      assert.deepEqual(
        exact.groups.map(({ key, outcome, count }) => [key, outcome, count]),
        [
          ['f0', 'failed', 1],
          ['f1', 'failed', 1],
          ['f2', 'failed', 1],
          ['large', 'ok', 40],
          ['small', 'ok', 7],
          ['waiting', 'waiting', 10],
        ],
      )
      assert.deepEqual(exact.groups[3], {
        ...{ key: 'large', outcome: 'ok', count: 40, first: nodes.slice(10, 30), data: { index: 10 } },
      })
      const { groups, more } = await store.jobs.groups(one.id, { normalised: true, limit: 2 })
      assert.deepEqual(
        groups.map(({ key, count, message }) => [key, count, message]),
        [
          ['f', 3, 'port 0'],
          ['o', 47, undefined],
        ],
      )
      assert.equal(more, 1)
      assert.deepEqual(await store.jobs.nodesOf(one.id, { normalisedGroup: 'f' }), nodes.slice(0, 3))
      assert.deepEqual(await store.jobs.groups('unknown', { normalised: true }), { groups: [], more: 0 })
    })

    rule('jobs.list: newest first, by every filter, page by page', async () => {
      const make = async (more: Partial<NewJobRecord>, targets: string[] = ['a']): Promise<string> =>
        (await store.jobs.insert(job(more), targets)).id
      const restart = await make({})
      const clone = await make({ kind: 'clone', title: 'Clone user 100%_\u00c4pfel', account: 'bob', command: 'mco' }, [
        'a',
        'b',
      ])
      const ping = await make({ agent: 'rpcutil', action: 'ping', title: 'rpcutil ping', command: 'mco ping' }, [])
      await store.jobs.update(ping, { state: 'done' })
      const ids = async (ask: Parameters<Store['jobs']['list']>[0]): Promise<string[]> =>
        (await store.jobs.list(ask)).map((one) => one.id)
      assert.deepEqual(await ids({}), [ping, clone, restart])
      assert.deepEqual(await ids({ limit: 2 }), [ping, clone])
      assert.deepEqual(await ids({ before: clone }), [restart])
      assert.deepEqual(await ids({ kind: 'clone' }), [clone])
      assert.deepEqual(await ids({ account: 'alice' }), [ping, restart])
      assert.deepEqual(await ids({ node: 'b' }), [clone])
      assert.deepEqual(await ids({ node: 'a', account: 'alice' }), [restart])
      assert.deepEqual(await ids({ state: 'running' }), [clone, restart])
      assert.deepEqual(await ids({ text: 'SSHD' }), [restart])
      assert.deepEqual(await ids({ text: '\u00c4PFEL' }), [clone])
      assert.deepEqual(await ids({ text: '100%_' }), [clone], '% and _ are themselves')
      assert.deepEqual(await ids({ text: '1%_' }), [])
      assert.deepEqual(await ids({ text: "'; drop table job --\0" }), [])
    })

    rule('jobs.update: changes what is given and counts the revision', async () => {
      const { id } = await store.jobs.insert(job(), ['a'])
      const summary = { aggregates: [{ title: 't', rows: [] }] }
      const done = await store.jobs.update(id, { state: 'stopped', stopReason: hostile, endedAtMs: 9, summary })
      assert.deepEqual([done?.state, done?.stopReason, done?.endedAtMs, done?.revision], ['stopped', kept, 9, 2])
      assert.deepEqual((await store.jobs.get(id))?.summary, summary)
      await refuses(store.jobs.update(id, { state: 'lost' as 'done' }), 'STORE_CONFLICT')
      assert.equal(await store.jobs.update('unknown', { state: 'done' }), undefined)
    })

    rule('jobs.settleWaiting: sent becomes noResponse, the rest notAddressed; answers stay', async () => {
      const { id } = await store.jobs.insert(job(), ['a', 'b', 'c'])
      await store.jobs.markSent(id, ['b', 'a'])
      await store.jobs.addResults(id, [{ node: 'a', outcome: 'ok', elapsedMs: 3 }])
      const counts = await store.jobs.settleWaiting(id, 99)
      assert.deepEqual([counts.ok, counts.noResponse, counts.notAddressed, counts.waiting], [1, 1, 1, 0])
      assert.deepEqual(await store.jobs.result(id, 'b'), { node: 'b', outcome: 'noResponse', sent: true, atMs: 99 })
      assert.deepEqual(await store.jobs.result(id, 'c'), { node: 'c', outcome: 'notAddressed', sent: false, atMs: 99 })
      assert.deepEqual(await store.jobs.elapsed(id), [3])
      await refuses(store.jobs.settleWaiting('unknown', 1), 'STORE_CONFLICT')
    })

    rule('jobs.markSent: all nodes together or some of them, what is not marked was not reached', async () => {
      const nodes = Array.from({ length: 1_200 }, (_, index) => `node${String(index).padStart(4, '0')}`)
      const sentOf = async (id: string): Promise<number> => {
        await store.jobs.interrupted(clock.now())
        const { unknown, notAddressed, ok } = (await store.jobs.get(id))!.counts
        assert.equal(unknown + notAddressed + ok, nodes.length)
        assert.equal((await store.jobs.nodesOf(id)).length, nodes.length)
        return unknown
      }
      const make = async (): Promise<string> => (await store.jobs.insert(job(), nodes)).id
      const none = await make()
      assert.equal(await sentOf(none), 0)
      const all = await make()
      await store.jobs.markSent(all, [...nodes].reverse())
      await store.jobs.markSent(all, nodes.slice(0, 5))
      assert.deepEqual(await store.jobs.result(all, 'node0007'), { node: 'node0007', outcome: 'waiting', sent: true })
      await store.jobs.addResults(all, [{ node: 'node0000', outcome: 'ok' }])
      await store.jobs.addResults(all, [{ node: 'node0001', outcome: 'notAddressed' }])
      assert.equal((await store.jobs.result(all, 'node0001'))?.sent, true, 'marked is marked')
      assert.equal(await sentOf(all), 1_198)
      const some = await make()
      await store.jobs.markSent(some, nodes.slice(0, 700))
      await store.jobs.markSent(some, ['node0800', 'node0800'])
      await store.jobs.markSent(some, ['uninvited'])
      assert.equal(await sentOf(some), 701)
      const others = await make()
      await store.jobs.markSent(others, [...nodes.slice(1), 'uninvited'])
      assert.equal(await sentOf(others), 1_199, 'as many names, but not the same')
      await store.jobs.markSent('unknown', ['a'])
    })

    rule('jobs: a node that still waits is read like every other', async () => {
      const nodes = Array.from({ length: 30 }, (_, index) => `node${String(index).padStart(2, '0')}`)
      const { id } = await store.jobs.insert(job(), nodes)
      await store.jobs.addResults(id, [{ node: 'node07', outcome: 'ok', group: 'g', data: 7 }])
      const page = await store.jobs.results(id, { after: 'node05', limit: 3 })
      assert.deepEqual(
        page.results.map(({ node, outcome, data }) => [node, outcome, data]),
        [
          ['node06', 'waiting', undefined],
          ['node07', 'ok', 7],
          ['node08', 'waiting', undefined],
        ],
      )
      assert.equal(page.next, 'node08')
      assert.equal((await store.jobs.nodesOf(id, { outcomes: ['waiting'] })).length, 29)
      assert.equal((await store.jobs.nodesOf(id, { group: 'waiting' })).length, 29)
      const { groups } = await store.jobs.groups(id, { normalised: false })
      assert.deepEqual(
        groups.map(({ key, count }) => [key, count]),
        [
          ['g', 1],
          ['waiting', 29],
        ],
      )
      assert.deepEqual(
        (await store.jobs.list({ node: 'node29' })).map((one) => one.id),
        [id],
      )
    })

    lastingRule('jobs.addResults: goes on where another program of the same database stopped', async () => {
      const { id } = await store.jobs.insert(job(), ['a', 'b', 'c'])
      await store.jobs.markSent(id, ['a', 'b', 'c'])
      await store.jobs.addResults(id, [{ node: 'a', outcome: 'ok', data: 'same', group: 'g' }])
      const other = await open()
      const counts = await other.jobs.addResults(id, [
        { node: 'b', outcome: 'ok', data: 'same', group: 'g' },
        { node: 'uninvited', outcome: 'ok', data: 'other', group: 'h' },
      ])
      assert.deepEqual([counts.targeted, counts.ok, counts.waiting], [4, 3, 1])
      await other.jobs.markSent(id, ['c'])
      await other.close()
      const { groups } = await store.jobs.groups(id, { normalised: false })
      assert.deepEqual(
        groups.map(({ key, first, data }) => [key, first, data]),
        [
          ['g', ['a', 'b'], 'same'],
          ['h', ['uninvited'], 'other'],
          ['waiting', ['c'], undefined],
        ],
      )
    })

    rule('jobs.groups: the first nodes of each, however rare and far back', async () => {
      const nodes = Array.from({ length: 2_500 }, (_, index) => `node${String(index).padStart(4, '0')}`)
      const { id } = await store.jobs.insert(job(), nodes)
      const groupOf = (index: number): string => (index % 100 === 99 ? 'rare' : index >= 2_400 ? 'late' : 'common')
      await store.jobs.addResults(
        id,
        nodes.map((node, index): NewResult => ({ node, outcome: 'ok', group: groupOf(index), data: index % 700 })),
      )
      const { groups } = await store.jobs.groups(id, { normalised: false })
      const expected = ['common', 'late', 'rare'].map((key) => {
        const all = nodes.filter((_, index) => groupOf(index) === key)
        return [key, all.length, all.slice(0, 20)]
      })
      assert.deepEqual(
        groups.map(({ key, count, first }) => [key, count, first]),
        expected,
      )
    })

    rule('jobs.interrupted: own running jobs, and those of others only when they are long overdue', async () => {
      const mine = await store.jobs.insert(job(), ['a', 'b', 'c'])
      const done = await store.jobs.insert(job(), [])
      await store.jobs.update(done.id, { state: 'done' })
      await store.jobs.markSent(mine.id, ['a', 'b'])
      await store.jobs.addResults(mine.id, [{ node: 'a', outcome: 'ok' }])
      const nowMs = clock.now() + HOUR_MS
      const [found, ...others] = await store.jobs.interrupted(nowMs)
      assert.deepEqual(others, [])
      const { ok, unknown, notAddressed, waiting } = found!.counts
      assert.deepEqual([found?.id, found?.state, found?.endedAtMs], [mine.id, 'interrupted', nowMs])
      assert.deepEqual([ok, unknown, notAddressed, waiting], [1, 1, 1, 0])
      assert.deepEqual(await store.jobs.interrupted(nowMs), [])
    })

    lastingRule('jobs.interrupted: jobs of another console on the same database go on', async () => {
      const other = await open({ console: 'other' })
      const theirs = await other.jobs.insert(job(), ['a'])
      const slow = await other.jobs.insert(job({ deadlineMs: clock.now() + 10 * DAY_MS }), ['a'])
      assert.deepEqual(await store.jobs.interrupted(clock.now() + HOUR_MS), [])
      const overdue = await store.jobs.interrupted(clock.now() + 2 * DAY_MS)
      assert.deepEqual(
        overdue.map((one) => one.id),
        [theirs.id],
      )
      assert.equal((await store.jobs.get(slow.id))?.state, 'running')
      assert.equal(theirs.console, 'other')
      await other.close()
    })

    rule('befores: the first state of a resource stays; listed once each in the order of steps', async () => {
      const { id } = await store.jobs.insert(job(), ['a'])
      const state = (node: string, step: number, title: string, before: unknown) => ({
        node,
        type: 'user',
        title,
        step,
        before,
      })
      const long = 't'.repeat(60_000)
      const all = [
        state('a', 1, 'gopher', { ensure: 'absent' }),
        state('a', 2, long, { ensure: 'present', password: '$6$x' }),
        state('a', 2, `${long}2`, null),
        state('b', 1, 'gopher', { ensure: 'present', uid: 7 }),
      ]
      await store.befores.add(id, all.slice(0, 2))
      await store.befores.add(id, [...all.slice(2), state('a', 9, 'gopher', { ensure: 'present' })])
      const listed = await store.befores.list(id)
      assert.deepEqual(await store.befores.nodesOf(id), ['a', 'b'])
      assert.deepEqual(new Set(listed), new Set(all))
      assert.deepEqual(
        listed.map((one) => [one.node, one.step]),
        [
          ['a', 1],
          ['a', 2],
          ['a', 2],
          ['b', 1],
        ],
      )
      const paged = []
      for (let after = (await store.befores.list(id, { limit: 1 }))[0]; after !== undefined; ) {
        paged.push(after)
        after = (await store.befores.list(id, { limit: 1, after }))[0]
      }
      assert.deepEqual(paged, listed)
      assert.deepEqual(await store.befores.list(id, { node: 'b' }), all.slice(3))
      assert.equal(await store.befores.count(id), 4)
      assert.equal((await store.jobs.get(id))?.canUndo, true)
      await refuses(store.befores.add('unknown', all), 'STORE_CONFLICT')
    })

    rule('audit: newest first, by account and kind, page by page; long texts are cut', async () => {
      const add = (account: string, what: string, detail: unknown = {}) =>
        store.audit.add({ atMs: clock.now(), account, what, detail, address: '10.0.0.7' })
      const one = await add('alice', 'sign-in')
      const two = await add('alice', 'job', { id: 'j', nodes: 3 })
      const three = await add(hostile.repeat(100), 'sign-in-failed', { text: 'x'.repeat(100_000) })
      const [newest, ...rest] = await store.audit.list({})
      assert.deepEqual(rest, [two, one])
      assert.equal(newest?.id, three.id)
      assert.ok(newest.account.startsWith(kept) && newest.account.length === 256)
      assert.equal((newest.detail as { text: string }).text.length, 10_003)
      assert.deepEqual(await store.audit.list({ account: 'alice', limit: 1 }), [two])
      assert.deepEqual(await store.audit.list({ account: 'alice', before: two.id }), [one])
      assert.deepEqual(await store.audit.list({ what: 'sign-in' }), [one])
    })

    rule('groups: own and shared ones; names are unique per account', async () => {
      const group = { id: store.newId(), name: 'web', description: '', shared: false, account: 'alice', changedAtMs: 1 }
      const nodes = Array.from({ length: 5_000 }, (_, index) => `node${index}.example.com`)
      const shared = { ...group, id: store.newId(), account: 'bob', shared: true, nodes }
      const hidden = { ...group, id: store.newId(), name: 'db', account: 'bob', filter: { facts: ['os=\0'] } }
      for (const one of [group, shared, hidden]) await store.groups.put(one)
      assert.deepEqual(await store.groups.listFor('alice'), [group, shared])
      assert.deepEqual(await store.groups.listFor('bob'), [hidden, shared])
      await refuses(store.groups.put({ ...group, id: store.newId() }), 'STORE_CONFLICT')
      await store.groups.put({ ...group, name: 'app' })
      assert.deepEqual(await store.groups.get(group.id), { ...group, name: 'app' })
      assert.equal(await store.groups.remove(group.id), true)
      assert.equal(await store.groups.get(group.id), undefined)
    })

    rule('nodes: replaced as a whole, listed by name in bytes, without their detail', async () => {
      const node: NodeRecord = {
        ...{ name: 'web1', state: 'disabled', lastSeenMs: 5, missingSinceMs: 4, version: '3.0.0', neverRan: false },
        ...{ disabledReason: hostile, lastRun: { outcome: 'changed' }, detail: { facts: { a: 'b'.repeat(5_000) } } },
      }
      await store.nodes.put([node, { name: 'Web1', state: 'answering' }, { name: 'web1.', state: 'lost' }])
      const { detail, ...bare } = { ...node, disabledReason: kept }
      assert.deepEqual(await store.nodes.all(), [
        { name: 'Web1', state: 'answering' },
        bare,
        { name: 'web1.', state: 'lost' },
      ])
      assert.deepEqual(await store.nodes.get('web1'), { ...bare, detail })
      assert.deepEqual((await store.nodes.all({ detail: true }))[1], { ...bare, detail })
      await store.nodes.put([
        { name: 'web1', state: 'silent' },
        { name: 'web1', state: 'answering' },
      ])
      assert.deepEqual(await store.nodes.get('web1'), { name: 'web1', state: 'answering' })
      assert.equal(await store.nodes.remove(['web1', 'unknown']), 1)
      const many = Array.from({ length: 2_300 }, (_, index) => ({ name: `n${index}`, state: 'answering' }))
      await store.nodes.put(many)
      assert.equal((await store.nodes.all()).length, 2_302)
    })

    rule('reports: each run once, counted per hour, newest first', async () => {
      const at = Math.floor(clock.now() / HOUR_MS) * HOUR_MS
      const run = (node: string, atMs: number, more: Partial<ReportRecord> = {}): ReportRecord => ({
        ...{ node, atMs, outcome: 'unchanged', changed: 0, failed: 0, outOfSync: 0, total: 100, seconds: 1.5 },
        ...more,
      })
      const full = run('a', at + 1, {
        ...{ outcome: 'failed', failed: 2, environment: 'production', configVersion: '1', noop: true },
        ...{ report: { events: [{ resource: 'User[x]' }], logs: ['l'.repeat(5_000)] } },
      })
      const { report, ...bare } = full
      assert.equal(await store.reports.add([run('a', at), bare, run('b', at + HOUR_MS, { outcome: 'changed' })]), 3)
      assert.equal(await store.reports.add([run('a', at), full, full, run('b', at)]), 1)
      assert.deepEqual(await store.reports.list('a', {}), [bare, run('a', at)])
      assert.deepEqual(await store.reports.list('a', { full: true, limit: 1 }), [full])
      assert.deepEqual(await store.reports.list('a', { beforeMs: at + 1 }), [run('a', at)])
      assert.deepEqual(await store.reports.get('a', at + 1), full)
      assert.equal(await store.reports.get('a', at + 2), undefined)
      const hour = { atMs: at, changed: 0, unchanged: 2, failed: 1 }
      assert.deepEqual(await store.reports.perHour(at + 5, at + 6), [hour])
      assert.deepEqual(await store.reports.perHour(at, at + 2 * HOUR_MS), [
        hour,
        { atMs: at + HOUR_MS, changed: 1, unchanged: 0, failed: 0 },
      ])
    })

    rule('settings: any JSON value by key', async () => {
      assert.equal(await store.settings.get('console'), undefined)
      const values = [{ liveManagement: true, days: { jobs: 1 } }, [], 'text\0', 0, null]
      for (const [index, value] of values.entries()) {
        assert.equal(await store.settings.set('console', value), index + 1)
        assert.deepEqual(await store.settings.get('console'), { value, revision: index + 1 })
      }
    })

    rule('settings: a write that says what was read is refused when somebody has written since', async () => {
      assert.equal(await store.settings.set('console', 'early', 1), undefined)
      assert.equal(await store.settings.get('console'), undefined)
      assert.equal(await store.settings.set('console', 'first', 0), 1)
      assert.equal(await store.settings.set('console', 'first of another', 0), undefined)
      assert.equal(await store.settings.set('console', 'second', 1), 2)
      assert.equal(await store.settings.set('console', 'late', 1), undefined)
      assert.deepEqual(await store.settings.get('console'), { value: 'second', revision: 2 })
    })

    lastingRule('settings: of writers in two programs that have read the same, one succeeds, each time', async () => {
      const other = await open()
      try {
        for (let after = 0; after < 20; after += 1) {
          const writers = [store, other, store, other]
          const revisions = await Promise.all(writers.map((one, index) => one.settings.set('console', index, after)))
          const winners = revisions.flatMap((revision, index) => (revision === undefined ? [] : [{ revision, index }]))
          assert.equal(winners.length, 1)
          assert.deepEqual(await other.settings.get('console'), {
            value: winners[0]?.index,
            revision: winners[0]?.revision,
          })
          assert.equal(winners[0]?.revision, after + 1)
        }
      } finally {
        await other.close()
      }
    })

    rule('purge: takes what is too old and nothing else, others get on in between', async () => {
      const nowMs = clock.now()
      const old = { startedAtMs: nowMs - 10 * DAY_MS }
      const nodes = Array.from({ length: 1_100 }, (_, index) => `node${index}`)
      const ended = await store.jobs.insert(job(old), nodes)
      await store.jobs.addResults(
        ended.id,
        nodes.map((node, index) => ({ node, outcome: 'ok', data: index })),
      )
      await store.befores.add(ended.id, [{ node: 'a', type: 'user', title: 't', step: 1, before: 1 }])
      await store.jobs.update(ended.id, { state: 'done', endedAtMs: nowMs - 9 * DAY_MS })
      const running = await store.jobs.insert(job(old), ['a'])
      const recent = await store.jobs.insert(job(old), ['a'])
      await store.jobs.update(recent.id, { state: 'done', endedAtMs: nowMs - DAY_MS })
      for (const atMs of [nowMs - 40 * DAY_MS, nowMs - DAY_MS]) {
        await store.audit.add({ atMs, account: 'alice', what: 'job', detail: null, address: '' })
        await store.reports.add(
          nodes.map((node) => ({
            ...{ node, atMs, outcome: 'failed' as const, changed: 0, failed: 1, outOfSync: 0, total: 1, seconds: 1 },
          })),
        )
      }
      await store.sessions.insert(session('h', { expiresAtMs: nowMs }))
      let turns = 0
      const counting = setInterval(() => {
        turns += 1
      }, 0)
      const purged = await store.purge(nowMs, { jobs: 7, audit: 30, reports: 14 })
      clearInterval(counting)
      assert.ok(turns > 1, 'the program was held up')
      assert.deepEqual(purged, { jobs: 1, audit: 1, reports: 1_100, sessions: 1, links: 0, tokens: 0 })
      assert.deepEqual(
        (await store.jobs.list({})).map((one) => one.id),
        [recent.id, running.id],
      )
      assert.deepEqual(await store.jobs.nodesOf(ended.id), [])
      assert.equal(await store.befores.count(ended.id), 0)
      assert.equal((await store.audit.list({})).length, 1)
      assert.equal((await store.reports.perHour(0, nowMs)).length, 1)
      assert.equal((await store.reports.list('node7', {})).length, 1)
    })

    rule('newId: sorts in the order of making', async () => {
      const ids = Array.from({ length: 500 }, () => store.newId())
      assert.deepEqual([...ids].sort(), ids)
      assert.equal(new Set(ids).size, 500)
      assert.ok(ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id)))
    })

    lastingRule(
      'openStore: what was kept is there after closing, and opening twice at once makes one schema',
      async () => {
        await store.settings.set('console', 1)
        await store.close()
        store = await open()
        assert.deepEqual(await store.settings.get('console'), { value: 1, revision: 1 })
        const freshUrl = await harness.freshUrl()
        const both = await Promise.all([open({ url: freshUrl }), open({ url: freshUrl })])
        for (const one of both) {
          await one.check()
          await one.close()
        }
      },
    )

    lastingRule('openStore: jobs and settings of the first schema are there in the present one', async () => {
      const freshUrl = await harness.freshUrl()
      const old = await openFirstSchema(freshUrl)
      const line = { job: 'j', sent: 1, status_code: 0, message: null, elapsed_ms: 1.5, at_ms: 7 }
      await old.insertInto('job').values(firstJob).execute()
      await old
        .insertInto('job_answer')
        .values({ job: 'j', digest: 'd', size: 6, cut: 0, data: Buffer.from('\0"said"') })
        .execute()
      await old
        .insertInto('job_result')
        .values([
          { ...line, node: 'a', outcome: 'ok', answer: 'd', group_key: 'g', normalised_key: 'n' },
          { ...line, node: 'b', outcome: 'ok', answer: 'd', group_key: 'g', normalised_key: 'n' },
          { ...line, node: 'c', outcome: 'failed', message: 'why', answer: null, group_key: 'h', normalised_key: null },
          { job: 'j', node: 'd', outcome: 'waiting', sent: 1 },
          { job: 'j', node: 'e', outcome: 'waiting', sent: 0 },
        ])
        .execute()
      await old.insertInto('setting').values({ key: 'console', value: '7' }).execute()
      await old.destroy()
      const now = await open({ url: freshUrl })
      assert.deepEqual(await now.settings.get('console'), { value: 7, revision: 1 })
      const said = { outcome: 'ok', sent: true, statusCode: 0, data: 'said', group: 'g', normalisedGroup: 'n' }
      assert.deepEqual(await now.jobs.results('j', {}), {
        results: [
          { node: 'a', ...said, elapsedMs: 1.5, atMs: 7 },
          { node: 'b', ...said, elapsedMs: 1.5, atMs: 7 },
          {
            ...{ node: 'c', outcome: 'failed', sent: true, statusCode: 0, message: 'why', group: 'h' },
            ...{ elapsedMs: 1.5, atMs: 7 },
          },
          { node: 'd', outcome: 'waiting', sent: true },
          { node: 'e', outcome: 'waiting', sent: false },
        ],
      })
      await now.jobs.addResults('j', [{ node: 'd', outcome: 'ok', data: 'late' }])
      const [lost] = await now.jobs.interrupted(clock.now())
      assert.deepEqual([lost?.counts.ok, lost?.counts.unknown, lost?.counts.notAddressed], [3, 0, 1])
      assert.equal((await now.jobs.result('j', 'd'))?.data, 'late')
      assert.equal((await now.jobs.result('j', 'a'))?.data, 'said')
      await now.close()
    })

    lastingRule(
      'openStore: a console killed in mid-job comes back knowing what was sent, answered and unknown',
      async () => {
        const child = spawn(process.execPath, [fileURLToPath(new URL('store-child.ts', import.meta.url)), url], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        const exited = new Promise((resolve) => child.once('exit', resolve))
        let said = ''
        for await (const chunk of child.stdout) {
          said += chunk
          if (said.endsWith('\n')) break
        }
        child.kill('SIGKILL')
        await exited
        const id = said.trim()
        const [found] = await store.jobs.interrupted(clock.now())
        assert.equal(found?.id, id)
        assert.deepEqual(found.counts, {
          ...{ targeted: 5_000, ok: 900, failed: 100, refused: 0, noResponse: 0 },
          ...{ notAddressed: 2_000, unknown: 2_000, waiting: 0 },
        })
        assert.equal((await store.jobs.result(id, 'node0000'))?.outcome, 'failed')
        assert.equal((await store.jobs.result(id, 'node1000'))?.outcome, 'unknown')
        assert.equal((await store.jobs.result(id, 'node3000'))?.outcome, 'notAddressed')
      },
    )
  })
}
