// Signing in to the console and what follows from it, through its HTTP API over the real store. [M-080] docs/security.md

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { makeLink } from '../../src/console/auth/links.ts'
import { type Asker, ORIGIN, PASSWORD, startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
beforeEach(async () => {
  troupe = await startConsole()
})
afterEach(() => troupe.stop())

const MINUTE = 60_000
const tokenOf = (url: string): string => url.split('#token=')[1]!
const link = (account?: string) => makeLink({ ...troupe, url: ORIGIN }, account)
const audited = async (): Promise<string[]> =>
  (await troupe.store.audit.list({})).map(({ what, account }) => `${what} ${account}`).reverse()

async function signIn(asker: Asker, name: string, password: string): Promise<number> {
  return (await asker.post('/api/session', { name, password })).status
}

describe('first set-up', () => {
  test('without accounts only the one-time link makes the first one, an administrator', async () => {
    const browser = await troupe.browser()
    assert.equal((await browser.get('/api/session')).body.needsSetup, true)
    const first = { name: 'root-of-it', password: PASSWORD }
    assert.equal((await browser.post('/api/session/setup', first)).status, 403)
    const { url, account } = await link()
    assert.equal(account, undefined)
    assert.match(url, /^https:\/\/console\.example\.com\/sign-in#token=[\w-]{43}$/)
    const came = await browser.post('/api/session/link', { token: tokenOf(url) })
    assert.deepEqual([came.body.mustChoosePassword, came.body.needsSetup, came.body.account], [true, true, undefined])
    browser.csrfToken = came.body.csrfToken
    assert.equal((await browser.get('/api/settings')).status, 401)
    const made = await browser.post('/api/session/setup', first)
    assert.deepEqual([made.body.account.name, made.body.account.role], ['root-of-it', 'administrator'])
    browser.csrfToken = made.body.csrfToken
    assert.equal((await browser.get('/api/accounts')).status, 200)
    assert.deepEqual(await audited(), ['link-made ', 'account-made root-of-it', 'sign-in root-of-it'])
  })

  test('a link works once, for 15 minutes, and until the next one is made', async () => {
    const browser = await troupe.browser()
    const attempt = async (url: string) => (await browser.post('/api/session/link', { token: tokenOf(url) })).status
    const [old, fresh] = [await link(), await link()]
    assert.equal(await attempt(old.url), 401)
    troupe.clock.move(15 * MINUTE + 1)
    assert.equal(await attempt(fresh.url), 401)
    const good = await link()
    const both = await Promise.all([
      attempt(good.url),
      (await troupe.browser()).post('/api/session/link', { token: tokenOf(good.url) }),
    ])
    assert.deepEqual([both[0], both[1].status].sort(), [200, 401])
  })

  test('two people with links: one makes the first account, the other is told', async () => {
    const browsers: Asker[] = []
    for (let i = 0; i < 2; i++) {
      const browser = await troupe.browser()
      const { body } = await browser.post('/api/session/link', { token: tokenOf((await link()).url) })
      browser.csrfToken = body.csrfToken
      browsers.push(browser)
    }
    const made = await browsers[0]!.post('/api/session/setup', { name: 'first', password: PASSWORD })
    const late = await browsers[1]!.post('/api/session/setup', { name: 'second', password: PASSWORD })
    assert.deepEqual([made.status, late.status, late.body.code], [200, 409, 'CONSOLE_CONFLICT'])
  })

  test('the name of the console itself, the name as password and too few letters are refused', async () => {
    const asker = await troupe.signedIn('boss', 'administrator')
    const make = async (name: string, password: string) =>
      (await asker.post('/api/accounts', { name, role: 'viewer', password })).body.fields
    assert.deepEqual(Object.keys(await make('console', PASSWORD)), ['name'])
    assert.deepEqual(Object.keys(await make('alexandria', 'Alexandria12')), ['password'])
    assert.deepEqual(Object.keys(await make('alice', 'aaaaaaaaaaaaaa')), ['password'])
    assert.equal(await make('alice', PASSWORD), undefined)
  })
})

describe('signing in', () => {
  test('each sign-in has a session of its own, under another id than before', async () => {
    const asker = await troupe.signedIn('alice', 'operator')
    const before = asker.cookies.get('__Host-troupe')
    const again = await asker.post('/api/session', { name: 'alice', password: PASSWORD })
    assert.equal(again.status, 200)
    assert.notEqual(asker.cookies.get('__Host-troupe'), before)
    const thief = await troupe.browser()
    thief.cookies.set('__Host-troupe', before!)
    assert.equal((await thief.get('/api/settings')).status, 401)
  })

  test('an id that the browser brought along is never taken over', async () => {
    const planted = await troupe.browser()
    planted.cookies.set('__Host-troupe', 'x'.repeat(43))
    assert.equal((await planted.get('/api/session')).body.account, undefined)
    await troupe.signedIn('alice', 'operator')
    assert.equal(await signIn(planted, 'alice', PASSWORD), 200)
    assert.notEqual(planted.cookies.get('__Host-troupe'), 'x'.repeat(43))
  })

  test('five wrong passwords lock a name for half a minute, then for longer; a right one forgets them', async () => {
    await troupe.signedIn('alice', 'operator')
    for (const name of ['alice', 'nobody']) {
      const asker = await troupe.browser()
      const statuses: number[] = []
      for (let i = 0; i < 6; i++) statuses.push(await signIn(asker, name, 'wrong'))
      assert.deepEqual(statuses, [401, 401, 401, 401, 401, 423], name)
      assert.equal(await signIn(asker, name, PASSWORD), 423, name)
      troupe.clock.move(30_001)
      assert.equal(await signIn(asker, name, 'wrong'), 401, name)
      troupe.clock.move(30_001)
      assert.equal(await signIn(asker, name, 'wrong'), 423, name)
      troupe.clock.move(30_001)
    }
    const asker = await troupe.browser()
    assert.equal(await signIn(asker, 'alice', PASSWORD), 200)
    for (let i = 0; i < 4; i++) assert.equal(await signIn(asker, 'alice', 'wrong'), 403)
    const fresh = await troupe.browser()
    for (let i = 0; i < 4; i++) assert.equal(await signIn(fresh, 'alice', 'wrong'), 401)
    assert.equal(await signIn(fresh, 'alice', PASSWORD), 200)
  })

  test('of many attempts at once five are told, and a right one among the others is not', async () => {
    await troupe.signedIn('alice', 'operator')
    for (const name of ['alice', 'nobody']) {
      const asker = await troupe.browser()
      const words = [...Array<string>(19).fill('wrong'), PASSWORD]
      const statuses = await Promise.all(words.map((word) => signIn(asker, name, word)))
      assert.deepEqual([...statuses].sort(), [...Array(5).fill(401), ...Array(15).fill(423)], name)
    }
  })

  test('a locked name is locked at every console of the store, whether somebody has it or not', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'console-'))
    const storeUrl = `sqlite:${join(directory, 'console.db')}`
    const one = await startConsole({ storeUrl })
    const two = await startConsole({ storeUrl })
    try {
      await one.signedIn('alice', 'operator')
      for (const name of ['alice', 'nobody']) {
        const [here, there] = [await one.browser(), await two.browser()]
        for (let i = 0; i < 3; i++) assert.equal(await signIn(here, name, 'wrong'), 401, name)
        for (let i = 0; i < 2; i++) assert.equal(await signIn(there, name, 'wrong'), 401, name)
        assert.deepEqual([await signIn(here, name, PASSWORD), await signIn(there, name, PASSWORD)], [423, 423], name)
      }
    } finally {
      await two.stop()
      await one.stop()
      rmSync(directory, { recursive: true })
    }
  })

  test('names that nobody has, wrong passwords and accounts without one are answered alike', async () => {
    await troupe.signedIn('alice', 'operator')
    await troupe.store.accounts.insert({
      ...{ name: 'bob', displayName: 'Bob', role: 'viewer', source: 'oidc', subject: 'x y', disabled: false },
      ...{ failedAttempts: 0, createdAtMs: 1, changedAtMs: 1 },
    })
    const texts = new Set<string>()
    for (const name of ['alice', 'nobody', 'bob']) {
      const answer = await (await troupe.browser()).post('/api/session', { name, password: 'wrong' })
      texts.add(`${answer.status} ${answer.text} ${Object.keys(answer.headers).sort().join()}`)
    }
    assert.equal(texts.size, 1, [...texts].join('\n'))
  })

  test('a link signs in who forgot the password, who then may set another without the old one, for 15 minutes', async () => {
    const elsewhere = await troupe.signedIn('alice', 'administrator')
    const { url, account } = await link()
    assert.equal(account, 'alice')
    const browser = await troupe.browser()
    const came = await browser.post('/api/session/link', { token: tokenOf(url) })
    assert.deepEqual([came.body.account.name, came.body.mustChoosePassword], ['alice', false])
    browser.csrfToken = came.body.csrfToken
    const fresh = 'another fine password'
    assert.equal((await browser.post('/api/session/password', { old: '', new: fresh })).status, 200)
    assert.equal((await browser.get('/api/settings')).status, 200)
    assert.equal(
      (await browser.put('/api/settings', (await browser.get('/api/settings')).body)).status,
      200,
      'the CSRF token stays',
    )
    assert.equal((await elsewhere.get('/api/settings')).status, 401)
    assert.equal(await signIn(await troupe.browser(), 'alice', PASSWORD), 401)
    assert.equal(await signIn(await troupe.browser(), 'alice', fresh), 200)
    assert.equal((await browser.post('/api/session/password', { old: '', new: PASSWORD })).status, 422)
  })

  test('links are for accounts that are there and enabled', async () => {
    await troupe.signedIn('alice', 'administrator')
    await assert.rejects(link('nobody'), { code: 'CONSOLE_NOT_FOUND' })
    await troupe.store.accounts.update('alice', { disabled: true })
    await assert.rejects(link('alice'), { code: 'CONSOLE_NOT_ALLOWED' })
  })

  test('a wrong old password changes nothing; five of them end the sessions', async () => {
    const asker = await troupe.signedIn('alice', 'operator')
    for (let i = 0; i < 5; i++) {
      const { status, body } = await asker.post('/api/session/password', { old: 'wrong', new: 'another fine password' })
      assert.deepEqual([status, Object.keys(body.fields)], [422, ['old']])
    }
    assert.equal((await asker.get('/api/settings')).status, 401)
  })

  test('signing out everywhere ends all sessions, signing out only this one', async () => {
    const [one, two, three] = [
      await troupe.signedIn('alice', 'operator'),
      await troupe.signedIn('alice', 'operator'),
      await troupe.signedIn('alice', 'operator'),
    ]
    await one.delete('/api/session')
    assert.deepEqual([(await one.get('/api/settings')).status, (await two.get('/api/settings')).status], [401, 200])
    await two.delete('/api/session?everywhere=true')
    assert.equal((await three.get('/api/settings')).status, 401)
  })
})

describe('accounts', () => {
  test('a change of role holds from the next request on; disabling, removing and a new password end the sessions', async () => {
    const boss = await troupe.signedIn('boss', 'administrator')
    const alice = await troupe.signedIn('alice', 'administrator')
    const change = async (body: unknown) => (await boss.ask('PATCH', '/api/accounts/alice', body)).status
    assert.equal(await change({ role: 'viewer' }), 200)
    assert.equal((await alice.get('/api/accounts')).status, 403)
    assert.equal((await alice.get('/api/settings')).status, 200)
    assert.equal(await change({ disabled: true }), 200)
    assert.equal((await alice.get('/api/settings')).status, 401)
    assert.equal(
      (await (await troupe.browser()).post('/api/session', { name: 'alice', password: PASSWORD })).status,
      403,
    )
    assert.equal(await change({ disabled: false }), 200)
    const again = await troupe.signedIn('alice', 'viewer')
    assert.equal(await change({ password: 'another fine password' }), 200)
    assert.equal((await again.get('/api/settings')).status, 401)
    assert.equal((await boss.delete('/api/accounts/alice')).status, 200)
    assert.equal((await boss.delete('/api/accounts/alice')).status, 404)
    assert.ok((await audited()).includes('account-removed boss'))
  })

  test('the last administrator can be neither demoted nor disabled nor removed', async () => {
    const boss = await troupe.signedIn('boss', 'administrator')
    for (const body of [{ role: 'viewer' }, { disabled: true }]) {
      const answer = await boss.ask('PATCH', '/api/accounts/boss', body)
      assert.deepEqual([answer.status, answer.body.code], [409, 'CONSOLE_CONFLICT'])
    }
    assert.equal((await boss.delete('/api/accounts/boss')).status, 409)
    await troupe.signedIn('second', 'administrator')
    assert.equal((await boss.delete('/api/accounts/boss')).status, 200)
  })

  test('no answer, audit entry or store record has a password or a secret in it', async () => {
    const boss = await troupe.signedIn('boss', 'administrator')
    const made = await boss.post('/api/accounts', { name: 'alice', role: 'viewer', password: 'a very special word' })
    await boss.ask('PATCH', '/api/accounts/alice', { password: 'another special word' })
    const token = await boss.post('/api/tokens', { label: 'backup', role: 'viewer' })
    const all = [
      made.text,
      (await boss.get('/api/accounts')).text,
      (await boss.get('/api/tokens')).text,
      (await boss.get('/api/audit')).text,
      JSON.stringify(await troupe.store.accounts.list()),
      JSON.stringify(await troupe.store.tokens.list()),
    ].join('\n')
    assert.doesNotMatch(all, /special word/)
    assert.ok(!all.includes(token.body.secret))
    assert.match(JSON.stringify(await troupe.store.accounts.get('alice')), /\$argon2id\$v=19\$/)
    assert.doesNotMatch(made.text, /argon2/)
  })

  test('names are taken once', async () => {
    const boss = await troupe.signedIn('boss', 'administrator')
    const again = await boss.post('/api/accounts', { name: 'boss', role: 'viewer', password: PASSWORD })
    assert.deepEqual([again.status, again.body.fields], [409, { name: 'is taken' }])
  })
})

describe('API tokens', () => {
  test('are made for at most the own role, are shown once, end, and may be ended by their owner and administrators', async () => {
    const alice = await troupe.signedIn('alice', 'operator')
    assert.equal((await alice.post('/api/tokens', { label: 'x', role: 'administrator' })).status, 403)
    const { body } = await alice.post('/api/tokens', { label: 'nightly', role: 'viewer', expiresInDays: 1 })
    assert.match(body.secret, /^troupe_[\w-]{43}$/)
    const ask = async (path: string) => {
      const headers = { authorization: `Bearer ${body.secret}` }
      return (await troupe.server.app.inject({ method: 'GET', url: path, headers })).statusCode
    }
    assert.equal(await ask('/api/settings'), 200)
    assert.equal(await ask('/api/accounts'), 403)
    const bob = await troupe.signedIn('bob', 'operator')
    assert.deepEqual((await bob.get('/api/tokens')).body.tokens, [])
    assert.equal((await bob.delete(`/api/tokens/${body.token.id}`)).status, 404)
    troupe.clock.move(24 * 60 * MINUTE + 1)
    assert.equal(await ask('/api/settings'), 401)
    const boss = await troupe.signedIn('boss', 'administrator')
    assert.equal((await boss.get('/api/tokens')).body.tokens.length, 1)
    assert.equal((await boss.delete(`/api/tokens/${body.token.id}`)).status, 200)
  })

  test('make no tokens and change no passwords: who found one must not be able to stay', async () => {
    const script = await troupe.script('alice', 'administrator')
    assert.equal((await script.post('/api/tokens', { label: 'x', role: 'viewer' })).status, 403)
    const change = await script.post('/api/session/password', { old: PASSWORD, new: 'another fine password' })
    assert.equal(change.status, 403)
  })
})

test('the audit is read in pages, newest first, by account and kind', async () => {
  const boss = await troupe.signedIn('boss', 'administrator')
  for (let i = 0; i < 5; i++) await boss.post('/api/tokens', { label: `t${i}`, role: 'viewer' })
  const first = await boss.get('/api/audit?limit=2&what=token-made')
  assert.deepEqual(
    first.body.entries.map((entry: { detail: { label: string } }) => entry.detail.label),
    ['t4', 't3'],
  )
  const second = await boss.get(`/api/audit?limit=2&what=token-made&before=${first.body.next}`)
  assert.deepEqual(
    second.body.entries.map((entry: { detail: { label: string } }) => entry.detail.label),
    ['t2', 't1'],
  )
  assert.deepEqual((await boss.get('/api/audit?account=nobody')).body, { entries: [] })
  assert.equal((await boss.get('/api/audit?limit=100000')).status, 422)
})

test('settings: administrators change them, everybody sees them, pages hear of it', async () => {
  const boss = await troupe.signedIn('boss', 'administrator')
  const settings = (await boss.get('/api/settings')).body
  const changed = { ...settings, liveManagement: false }
  assert.equal(
    (await boss.put('/api/settings', { ...settings, retentionDays: { ...settings.retentionDays, jobs: 0 } })).status,
    422,
  )
  assert.equal((await boss.put('/api/settings', changed)).status, 200)
  assert.equal((await (await troupe.browser()).get('/api/session')).body.liveManagement, false)
  const { status, body } = await boss.get('/api/nodes')
  assert.deepEqual([status, body.code], [403, 'CONSOLE_OFF'])
})

test('settings: who saves over what somebody else has saved since is told, and the audit says what was before', async () => {
  const boss = await troupe.signedIn('boss', 'administrator')
  const { body: read } = await boss.get('/api/settings')
  const wanted = [['cron'], ['mount']].map((resourceTypes) => boss.put('/api/settings', { ...read, resourceTypes }))
  const [first, second] = await Promise.all(wanted)
  assert.deepEqual([first?.status, second?.status, second?.body.code], [200, 409, 'CONSOLE_CONFLICT'])
  const { revision, ...unread } = read
  assert.deepEqual([revision, first?.body.revision, (await boss.put('/api/settings', unread)).status], [0, 1, 422])
  const [changed] = await troupe.store.audit.list({ what: 'setting-changed' })
  assert.deepEqual(changed?.detail, { before: read, after: (await boss.get('/api/settings')).body })
})
