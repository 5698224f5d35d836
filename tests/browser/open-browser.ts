// Real Chromium against a whole console over emulated nodes, for tests of the pages: every message of the page's own console and every
// violation of the content-security policy is a failure of the test that made it.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { createAuthority, issueServerCertificate } from '../../src/setup/certificates.ts'
import { PASSWORD, type StartConsole, startConsole, type TestConsole, UNLIMITED } from '../conformance/console.ts'

const CHROMIUM = '/usr/bin/chromium'
const WEB = fileURLToPath(new URL('../../dist/web', import.meta.url))

export interface OpenedConsole {
  readonly troupe: TestConsole
  readonly url: string
  /** A window of its own with its own cookies, signed in as `account` when given (with the role of the same name). */
  window(options?: WindowOptions): Promise<Window>
  close(): Promise<void>
}

export interface WindowOptions {
  readonly account?: 'viewer' | 'operator' | 'administrator'
  readonly path?: string
  readonly dark?: boolean
  readonly width?: number
  readonly height?: number
}

export interface Window {
  readonly page: Page
  readonly context: BrowserContext
  /** Messages of the page that say something is wrong; empty at the end of a good test. */
  readonly complaints: string[]
  /** Fails with every violation of WCAG 2.2 A and AA in what is on the screen. */
  accessible(): Promise<void>
}

export async function openConsole(options: StartConsole = {}): Promise<OpenedConsole> {
  assert.ok(existsSync(CHROMIUM), `these tests need Chromium at ${CHROMIUM}: apt-get install chromium`)
  assert.ok(existsSync(WEB), 'these tests need the built pages: npm run build')
  const nowMs = Date.now()
  const authority = await createAuthority('Troupe CA for tests', { nowMs })
  const names: [string, ...string[]] = ['localhost', '127.0.0.1']
  const { key, certificate: cert } = await issueServerCertificate(authority, { names, nowMs, days: 2 })
  const troupe = await startConsole({ limits: UNLIMITED, ...options, tls: { key, cert }, webDirectory: WEB })
  for (const role of ['viewer', 'operator', 'administrator'] as const) await troupe.signedIn(role, role)
  const url = `https://127.0.0.1:${await troupe.server.listen('127.0.0.1', 0)}`
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  return {
    troupe,
    url,
    window: (wanted = {}) => openWindow(browser, url, wanted),
    async close() {
      await browser.close()
      await troupe.stop()
    },
  }
}

async function openWindow(browser: Browser, url: string, options: WindowOptions): Promise<Window> {
  const { account, path = '/', dark = false, width = 1440, height = 900 } = options
  const context = await browser.newContext({
    baseURL: url,
    ignoreHTTPSErrors: true,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`))
  page.on('console', (message) => {
    // What the console refuses is part of many tests; that Chromium writes it down as well is not.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text())
    }
  })
  await page.goto(path)
  if (account !== undefined) await signIn(page, account)
  return {
    page,
    context,
    complaints,
    async accessible() {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
      )
      assert.deepEqual(found, [], `on ${page.url()}`)
    },
  }
}

export async function signIn(page: Page, account: string): Promise<void> {
  await page.getByLabel('Name').fill(account)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: `Account ${account}` }).waitFor()
}
