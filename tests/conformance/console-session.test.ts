// Signing in to the console and what follows from it, through its HTTP API over the real store. [M-080] docs/security.md

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeLink } from '../../src/console/auth/links.ts'
import { ORIGIN, PASSWORD, startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
before(async () => {
  troupe = await startConsole()
})
after(() => troupe.stop())

const tokenOf = (url: string): string => url.split('#token=')[1]!

test('set-up: without accounts only the one-time link makes the first one, an administrator', async () => {
  const browser = await troupe.browser()
  assert.equal((await browser.get('/api/session')).body.needsSetup, true)
  const first = { name: 'root-of-it', password: PASSWORD }
  assert.equal((await browser.post('/api/session/setup', first)).status, 403)
  const link = await makeLink({ ...troupe, url: ORIGIN })
  assert.match(link.url, /^https:\/\/console\.example\.com\/sign-in#token=[\w-]{43}$/)
  const came = await browser.post('/api/session/link', { token: tokenOf(link.url) })
  assert.equal(came.status, 200, came.text)
  assert.deepEqual([came.body.mustChoosePassword, came.body.needsSetup, came.body.account], [true, true, undefined])
  browser.csrfToken = came.body.csrfToken
  assert.equal((await browser.get('/api/settings')).status, 401)
  assert.equal((await browser.post('/api/session/setup', { ...first, name: 'console' })).status, 422)
  const made = await browser.post('/api/session/setup', first)
  assert.equal(made.body.account.role, 'administrator')
  const other = await troupe.browser()
  assert.equal((await other.post('/api/session/link', { token: tokenOf(link.url) })).status, 401)
})
