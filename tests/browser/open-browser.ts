// Real Chromium against a whole console over emulated nodes, for tests of the pages: every message of the page's own console, every violation
// of the content-security policy and every dialog a page did not mean to open is a failure of the test that made it.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { createAuthority, issueServerCertificate } from '../../src/setup/certificates.ts'
import { PASSWORD, type StartConsole, startConsole, type TestConsole, UNLIMITED } from '../conformance/console.ts'
import { ensurePackage } from '../debian-package.ts'

export const CHROMIUM = '/usr/bin/chromium'
const WEB = fileURLToPath(new URL('../../dist/web', import.meta.url))
/** Machines that run tests are busy; what does not come by then does not come. */
const WITHIN_MS = 40_000
/** Above it Google calls a page unsteady; a row that jumps by its own height is more. */
const SHIFT_MAX = 0.1

export interface OpenedConsole {
  readonly troupe: TestConsole
  readonly url: string
  /** A window of its own with its own cookies, signed in as `account` when given (with the role of the same name). */
  window(options?: WindowOptions): Promise<Window>
  close(): Promise<void>
}

export interface WindowOptions {
  readonly account?: string
  readonly password?: string
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
  /** Light or dark, as if the system had changed; fails with what cannot be told apart in it. */
  legible(scheme: 'light' | 'dark'): Promise<void>
  /** By how many pixels what is there is wider than its place. */
  wider(): Promise<number>
  /** Fails when the page scrolls sideways, or has jumped since it was loaded. */
  steady(): Promise<void>
}

/** `port`: when something must know it before; default any. */
export async function openConsole(options: StartConsole = {}, port = 0): Promise<OpenedConsole> {
  assert.ok(existsSync(WEB), 'these tests need the built pages: npm run build')
  const nowMs = Date.now()
  const authority = await createAuthority('Troupe CA for tests', { nowMs })
  const names: [string, ...string[]] = ['localhost', '127.0.0.1']
  const { key, certificate: cert } = await issueServerCertificate(authority, { names, nowMs, days: 2 })
  const troupe = await startConsole({ limits: UNLIMITED, ...options, tls: { key, cert }, webDirectory: WEB })
  for (const role of ['viewer', 'operator', 'administrator'] as const) await troupe.signedIn(role, role)
  const url = `https://127.0.0.1:${await troupe.server.listen('127.0.0.1', port)}`
  const browser = await openBrowser().catch(async (error: unknown) => {
    // Else the console would keep the process of the tests alive.
    await troupe.stop()
    throw error
  })
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

/** `program` runs Chromium in another place, e.g. the network of a lab's host. */
export function openBrowser(program = CHROMIUM, more: readonly string[] = []): Promise<Browser> {
  ensurePackage('chromium', CHROMIUM)
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', ...more] })
}

/** Runs in the page before anything of its own. */
const WATCH = `
window.unsteady = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.unsteady += entry.value
}).observe({ type: 'layout-shift', buffered: true })
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) =>
  console.error('policy violated: ' + [effectiveDirective, blockedURI, sample].join(' ')))
`

export async function openWindow(browser: Browser, url: string, options: WindowOptions = {}): Promise<Window> {
  const { account, password, path = '/', dark = false, width = 1440, height = 900 } = options
  const context = await browser.newContext({
    baseURL: url,
    ignoreHTTPSErrors: true,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.addInitScript(WATCH)
  page.setDefaultTimeout(WITHIN_MS)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    // What the console refuses is part of many tests; that Chromium writes it down as well is not.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text())
    }
  })
  await page.goto(path)
  if (account !== undefined) await signIn(page, account, password)
  return {
    page,
    context,
    complaints,
    accessible: () => examine(page, (axe) => axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])),
    async legible(scheme) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor()
      await examine(page, (axe) => axe.withRules(['color-contrast', 'link-in-text-block']))
    },
    wider: () => page.evaluate(WIDER),
    async steady() {
      assert.equal(await page.evaluate(WIDER), 0, `${page.url()} scrolls sideways`)
      const unsteady: number = await page.evaluate('window.unsteady')
      assert.ok(unsteady < SHIFT_MAX, `${page.url()} jumps: layout shifts of ${unsteady}`)
    },
  }
}

async function examine(page: Page, choose: (axe: AxeBuilder) => AxeBuilder): Promise<void> {
  // In the middle of a change of colours everything is illegible.
  await page.evaluate(STILL)
  const { violations } = await choose(new AxeBuilder({ page })).analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  assert.deepEqual(found, [], `on ${page.url()}`)
}

const STILL = `Promise.all(document.getAnimations()
  .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime))
  .map((animation) => animation.finished.catch(() => {}))).then(() => {})`

const WIDER = `Math.max(...[document.documentElement, document.querySelector('main')]
  .filter(Boolean).map((it) => it.scrollWidth - it.clientWidth))`

export async function signIn(page: Page, account: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Name').fill(account)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: `Account ${account}` }).waitFor()
}

/** Waits for the page of that heading. */
export const heading = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { level: 1, name }).waitFor()

/** Waits until the counter of the node list says so, e.g. `5 of 40 nodes selected (12.5%)`. */
export const counterSays = (page: Page, text: string): Promise<void> =>
  page.getByRole('status').filter({ hasText: 'nodes selected' }).filter({ hasText: text }).waitFor()
