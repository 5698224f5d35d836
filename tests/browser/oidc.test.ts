// Signing in at a real OpenID provider in real Chromium: from the button on the sign-in page over the provider's forms to where one wanted to
// go. What dishonest browsers try is tests/conformance/console-oidc.test.ts. [M-080]

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { CLIENT, type OpenIdProvider, type Person, startProvider } from '../conformance/openid-provider.ts'
import { heading, type OpenedConsole, openConsole } from './open-browser.ts'

const people = new Map<string, Person>([
  ['4711', { name: 'alice', displayName: 'Alice Example', groups: ['staff', 'ops'] }],
  ['666', { name: 'mallory', displayName: 'Mallory', groups: ['guests'] }],
])
let provider: OpenIdProvider
let opened: OpenedConsole
before(async () => {
  const port = await freePort()
  const redirectUrl = `https://127.0.0.1:${port}/api/session/oidc/callback`
  provider = await startProvider(redirectUrl, people)
  const options = {
    ...{ name: 'Example SSO', issuer: provider.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, redirectUrl },
    ...{ scopes: ['openid', 'profile', 'groups'], nameClaim: 'preferred_username', groupsClaim: 'groups' },
    groups: { administrator: ['troupe-admins'], operator: ['ops'], viewer: ['staff'] },
  }
  opened = await openConsole({ nodes: 3, provider: options }, port)
})
after(async () => {
  await opened?.close()
  await provider?.close()
})

/** The provider must know where the console will be. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function throughProvider(page: Page, login: string): Promise<void> {
  await page.getByRole('link', { name: 'Example SSO' }).click()
  await page.waitForURL((url) => url.origin === provider.issuer)
  await page.locator('input[name="login"]').fill(login)
  await page.locator('input[name="password"]').fill('any')
  await page.locator('button[type="submit"]').click()
  // What the console wants to know of the person.
  await page.locator('input[name="prompt"][value="consent"]').waitFor({ state: 'attached' })
  await page.locator('button[type="submit"]').click()
  await page.waitForURL((url) => url.origin === opened.url)
}

test('sign-in elsewhere: by the button and the forms of the provider to the wanted page, with the role of the group', async () => {
  const { page, complaints, accessible } = await opened.window({ path: '/jobs?text=restart' })
  await page.getByRole('link', { name: 'Example SSO' }).waitFor()
  await accessible()
  await throughProvider(page, '4711')
  await heading(page, 'Jobs')
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, '/jobs?text=restart')
  await page.getByRole('button', { name: 'Account alice' }).click()
  await page.getByText('Alice Example').first().waitFor()
  await page.getByText('operator', { exact: false }).first().waitFor()
  const account = await opened.troupe.store.accounts.get('alice')
  assert.deepEqual([account?.role, account?.subject], ['operator', `${provider.issuer} 4711`])
  assert.equal(await page.getByRole('link', { name: 'Admin' }).count(), 0, 'an operator sees no administration')
  await page.reload()
  await heading(page, 'Jobs')
  assert.deepEqual(complaints, [])
})

test('sign-in elsewhere: who has no right here is told why, has no account, and may try again', async () => {
  const { page, complaints, accessible } = await opened.window({ path: '/puppet' })
  await throughProvider(page, '666')
  await page.getByRole('alert').filter({ hasText: 'have no right to use this console' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/sign-in')
  await page.getByRole('link', { name: 'Example SSO' }).waitFor()
  await accessible()
  assert.equal(await opened.troupe.store.accounts.get('mallory'), undefined)
  assert.deepEqual(complaints, [])
})

test('sign-in elsewhere: who turns back at the provider is on the sign-in page and told so', async () => {
  const { page, complaints } = await opened.window({ path: '/puppet' })
  await page.getByRole('link', { name: 'Example SSO' }).click()
  await page.getByRole('link', { name: 'Cancel' }).click()
  await page.getByRole('alert').filter({ hasText: 'Signing in there did not work' }).waitFor()
  assert.deepEqual(complaints, [])
})
