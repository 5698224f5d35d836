// Signing in to the console at a real OpenID provider: who gets which role, and what a dishonest browser can do about it. [M-080]

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { vouched } from '../../src/console/auth/oidc.ts'
import { type Asker, ORIGIN, startConsole, type TestConsole } from './console.ts'
import { CLIENT, type OpenIdProvider, type Person, startProvider } from './openid-provider.ts'

const BACK = `${ORIGIN}/api/session/oidc/callback`
const people = new Map<string, Person>()
let provider: OpenIdProvider
let troupe: TestConsole

const options = (issuer: string) => ({
  ...{ name: 'Example SSO', issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, redirectUrl: BACK },
  ...{ scopes: ['openid', 'profile', 'groups'], nameClaim: 'preferred_username', groupsClaim: 'groups' },
  groups: { administrator: ['troupe-admins'], operator: ['ops', 'night-shift'], viewer: ['staff'] },
})

before(async () => {
  provider = await startProvider(BACK, people)
  troupe = await startConsole({ provider: options(provider.issuer) })
})
after(async () => {
  await troupe.stop()
  await provider.close()
})
beforeEach(() => {
  people.clear()
  people.set('4711', { name: 'Alice@Example.com', displayName: 'Alice Example', groups: ['staff', 'ops'] })
})

const locationOf = (answer: { headers: Readonly<Record<string, unknown>> }): string => String(answer.headers.location)
const begin = async (asker: Asker, to = '/jobs'): Promise<string> =>
  locationOf(await asker.get(`/api/session/oidc?to=${encodeURIComponent(to)}`))
/** What the browser does when it comes back: the other site sent it here. */
const comeBack = (asker: Asker, url: string) =>
  asker.ask('GET', url.slice(ORIGIN.length), undefined, {
    headers: { origin: undefined, 'sec-fetch-site': 'cross-site' },
  })

async function signIn(login = '4711'): Promise<{ asker: Asker; to: string }> {
  const asker = await troupe.browser()
  const answer = await comeBack(asker, await provider.signIn(await begin(asker), login))
  assert.equal(answer.status, 303)
  return { asker, to: locationOf(answer) }
}

const whoIs = async (asker: Asker) => (await asker.get('/api/session')).body.account

describe('signing in at an OpenID provider', () => {
  test('makes an account with the role of the highest group, and leads to where one wanted to go', async () => {
    assert.equal((await (await troupe.browser()).get('/api/session')).body.oidcName, 'Example SSO')
    const { asker, to } = await signIn()
    assert.equal(to, '/jobs')
    assert.deepEqual(await whoIs(asker), {
      name: 'alice',
      displayName: 'Alice Example',
      role: 'operator',
      source: 'oidc',
    })
    assert.equal((await troupe.store.accounts.get('alice'))?.subject, `${provider.issuer} 4711`)
    assert.equal((await asker.get('/api/accounts')).status, 403)
    const session = (await asker.get('/api/session')).body
    assert.deepEqual([session.mustChoosePassword, session.needsSetup], [false, false])
  })

  test('groups that changed change the role at the next sign-in, the account stays', async () => {
    people.set('4711', { name: 'alice', displayName: 'Alice E.', groups: ['troupe-admins'] })
    const { asker } = await signIn()
    assert.deepEqual([(await whoIs(asker)).role, (await whoIs(asker)).displayName], ['administrator', 'Alice E.'])
    people.set('4711', { name: 'renamed', displayName: 'Alice E.', groups: ['staff'] })
    const { asker: later } = await signIn()
    assert.deepEqual([(await whoIs(later)).name, (await whoIs(later)).role], ['alice', 'viewer'])
    assert.equal((await asker.get('/api/accounts')).status, 403, 'the earlier session has the new role as well')
  })

  test('who is in none of the groups is refused, and has no account', async () => {
    people.set('666', { name: 'mallory', displayName: 'Mallory', groups: ['guests'] })
    const { asker, to } = await signIn('666')
    assert.equal(to, '/sign-in?problem=oidc-refused')
    assert.equal(await whoIs(asker), undefined)
    assert.equal(await troupe.store.accounts.get('mallory'), undefined)
  })

  test('nobody takes over an account by having its name at the provider', async () => {
    await troupe.signedIn('boss', 'administrator')
    people.set('667', { name: 'boss', displayName: 'Not the boss', groups: ['staff'] })
    const { asker, to } = await signIn('667')
    assert.equal(to, '/sign-in?problem=oidc-refused')
    assert.equal(await whoIs(asker), undefined)
    people.set('668', { name: 'alice', displayName: 'Another Alice', groups: ['troupe-admins'] })
    await signIn()
    assert.equal((await signIn('668')).to, '/sign-in?problem=oidc-refused')
  })

  test('a disabled account stays out', async () => {
    await signIn()
    await troupe.store.accounts.update('alice', { disabled: true })
    assert.equal((await signIn()).to, '/sign-in?problem=oidc-refused')
    await troupe.store.accounts.update('alice', { disabled: false })
  })

  test('who refuses at the provider comes back to the sign-in page', async () => {
    const asker = await troupe.browser()
    const answer = await comeBack(asker, await provider.refuse(await begin(asker)))
    assert.equal(locationOf(answer), '/sign-in?problem=oidc-failed')
  })

  test('an account of the provider has no password to guess or change', async () => {
    const { asker } = await signIn()
    asker.csrfToken = (await asker.get('/api/session')).body.csrfToken
    assert.equal((await asker.post('/api/session/password', { old: '', new: 'another fine password' })).status, 403)
    const boss = await troupe.signedIn('boss', 'administrator')
    const set = await boss.ask('PATCH', '/api/accounts/alice', { password: 'another fine password' })
    assert.deepEqual([set.status, Object.keys(set.body.fields)], [422, ['password']])
  })
})

describe('a browser that does not play by the rules', () => {
  test('state, code and browser belong together, and count once', async () => {
    const [alice, mallory] = [await troupe.browser(), await troupe.browser()]
    const [hers, his] = [
      await provider.signIn(await begin(alice), '4711'),
      await provider.signIn(await begin(mallory), '4711'),
    ]
    // Mallory has Alice come back with his code.
    assert.equal(locationOf(await comeBack(alice, his)), '/sign-in?problem=oidc-failed')
    // That was her one attempt.
    assert.equal(locationOf(await comeBack(alice, hers)), '/sign-in?problem=oidc-failed')
    assert.equal(await whoIs(alice), undefined)
    const cookies = new Map(mallory.cookies)
    assert.equal(locationOf(await comeBack(mallory, his)), '/jobs')
    for (const [name, value] of cookies) mallory.cookies.set(name, value)
    assert.equal(locationOf(await comeBack(mallory, his)), '/sign-in?problem=oidc-failed')
  })

  test('without the cookie, with another state, code or issuer, or too late: nothing', async () => {
    const bends: [what: string, bend: (url: URL, asker: Asker) => void][] = [
      ['no cookie', (_, asker) => asker.cookies.delete('__Host-troupe-oidc')],
      ['another state', (url) => url.searchParams.set('state', 'x'.repeat(43))],
      ['no state', (url) => url.searchParams.delete('state')],
      ['another code', (url) => url.searchParams.set('code', 'x'.repeat(43))],
      ['another issuer', (url) => url.searchParams.set('iss', 'https://evil.example')],
      ['too late', () => troupe.clock.move(10 * 60_000 + 1)],
    ]
    for (const [what, bend] of bends) {
      const asker = await troupe.browser()
      const url = new URL(await provider.signIn(await begin(asker), '4711'))
      bend(url, asker)
      assert.equal(locationOf(await comeBack(asker, url.href)), '/sign-in?problem=oidc-failed', what)
      assert.equal(await whoIs(asker), undefined, what)
    }
  })

  test('the cookie of a sign-in on its way is no session', async () => {
    const asker = await troupe.browser()
    await begin(asker)
    asker.cookies.set('__Host-troupe', asker.cookies.get('__Host-troupe-oidc')!)
    assert.equal((await asker.get('/api/settings')).status, 401)
    const session = (await asker.get('/api/session')).body
    assert.deepEqual([session.account, session.mustChoosePassword], [undefined, false])
  })

  test('it is led to pages of the console alone', async () => {
    const asker = await troupe.browser()
    for (const to of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      '/a\nb',
      '/ x',
    ]) {
      assert.equal((await asker.get(`/api/session/oidc?to=${encodeURIComponent(to)}`)).status, 422, to)
    }
  })
})

test('a provider that is away is no failure of the console', async () => {
  const gone = await startConsole({ provider: options('http://127.0.0.1:1') })
  try {
    const answer = await (await gone.browser()).get('/api/session/oidc')
    assert.deepEqual([answer.status, locationOf(answer)], [303, '/sign-in?problem=oidc-failed'])
    assert.equal((await gone.browser()).csrfToken.length > 0, true)
  } finally {
    await gone.stop()
  }
})

test('vouched: claims inside others, a single group, everybody, and names that are none', () => {
  const from = (claims: Record<string, unknown>, groupsClaim = 'groups', viewer: string[] = []) =>
    vouched(
      { nameClaim: 'sub', groupsClaim, groups: { administrator: ['root'], operator: [], viewer } },
      { iss: 'https://sso.example.com', sub: 'alice', ...claims },
    )
  assert.equal(from({ realm_access: { roles: ['x', 'root'] } }, 'realm_access.roles').role, 'administrator')
  assert.equal(from({ 'https://example.com/groups': ['root'] }, 'https://example.com/groups').role, 'administrator')
  assert.equal(from({ groups: 'root' }).role, 'administrator')
  assert.equal(from({}, 'groups', ['*']).role, 'viewer')
  assert.throws(() => from({ groups: [{ root: true }, null, 7] }), { code: 'CONSOLE_NOT_ALLOWED' })
  assert.throws(() => from({ groups: { root: true } }, '__proto__.x'), { code: 'CONSOLE_NOT_ALLOWED' })
  for (const sub of ['', '../x', 'a b', '-a', '@x', 7 as unknown as string]) {
    assert.throws(() => from({ sub, groups: ['root'] }), { code: 'CONSOLE_OIDC' }, String(sub))
  }
})
