// The console's pages in real Chromium, timed inside the page: from the start of the navigation until the names of the node list have been painted, from a
// key until the list has been redrawn, a fleet-wide action until all its answers are on the screen, and what the page holds in memory.

import { chromium, type Page } from 'playwright-core'
import type { ConsoleAccess } from './console-access.ts'
import { memoryOf } from './process-memory.ts'

const CHROMIUM = '/usr/bin/chromium'
const WAIT_MS = 60_000

export interface BenchBrowser {
  firstPaint(): Promise<FirstPaint>
  /** A page that stays, with the node list loaded. */
  open(): Promise<BenchPage>
  close(): Promise<void>
}

/** Milliseconds, in a browser that was never here, and in the same once more. */
export interface FirstPaint {
  /** Until names are painted. */
  readonly coldMs: number
  readonly againMs: number
  /** Until the program has painted them, and takes clicks and keys. */
  readonly readyMs: number
  readonly againReadyMs: number
}

export interface Filtered {
  /** From the last key of the pattern until the page says how many it would match. */
  readonly previewMs: number
  /** From Enter until the list has been redrawn. */
  readonly redrawnMs: number
  /** From Enter until the console has confirmed it. */
  readonly confirmedMs: number
}

export interface FleetRun {
  /** From the click on Run, milliseconds. */
  readonly firstResultMs: number
  readonly completeMs: number
  /** When the page showed the end and all its groups, milliseconds since 1970. */
  readonly completeAtMs: number
  /** Different numbers of answers that were painted on the way. */
  readonly steps: number
  readonly answered: number
}

export interface PageMemory {
  /** Live objects of JavaScript, after a collection. */
  readonly heapMb: number
  /** What only the process of the page has. */
  readonly privateMb: number
}

export interface BenchPage {
  filter(pattern: string, expected: number): Promise<Filtered>
  reset(total: number): Promise<void>
  /** Puppet's status of all nodes, by the button of the page. */
  fleetStatus(): Promise<FleetRun>
  memory(): Promise<PageMemory>
}

/** Calls back after the next frame has been painted; the time is performance.now(). */
const PAINTED = `const painted = (done) => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => done(performance.now()); c.port2.postMessage(0) });`
/** window.wait(test): resolves to the time of the first painted frame in which test() holds. */
const WATCH = `${PAINTED}
window.whenPainted = (test) => new Promise((resolve) => {
  const look = () => { if (!test()) return false; painted(resolve); return true }
  if (look()) return
  const watch = new MutationObserver(() => { if (look()) watch.disconnect() })
  watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
})
const named = (place) => /\\.example\\.com/.test(document.querySelector(place)?.textContent ?? '')
window.namesPainted = window.whenPainted(() => named('#first-frame, [role=listbox] [role=option]'))
window.listReady = window.whenPainted(() => named('[role=listbox] [role=option]'))
window.keyAt = 0
addEventListener('keydown', (event) => { window.keyAt = event.timeStamp }, true)
`

/** Trusts the console's key, as browsers of its users do: else it would open every connection twice, and keep nothing in its cache. */
export async function openBenchBrowser({ url, cookie, keyHash }: ConsoleAccess): Promise<BenchBrowser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--enable-precise-memory-info', `--ignore-certificate-errors-spki-list=${keyHash}`],
  })
  const [name = '', value = ''] = cookie.split(/=(.*)/s)
  const newPage = async (): Promise<Page> => {
    const context = await browser.newContext({
      ...{ baseURL: url, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' },
    })
    await context.addCookies([{ name, value, url, secure: true, httpOnly: true, sameSite: 'Lax' }])
    const page = await context.newPage()
    page.setDefaultTimeout(WAIT_MS)
    await page.addInitScript(WATCH)
    return page
  }
  return {
    async firstPaint() {
      const page = await newPage()
      await page.goto('/puppet', { waitUntil: 'commit' })
      const coldMs = (await page.evaluate('window.namesPainted')) as number
      const readyMs = (await page.evaluate('window.listReady')) as number
      await page.goto('/puppet', { waitUntil: 'commit' })
      const againMs = (await page.evaluate('window.namesPainted')) as number
      const againReadyMs = (await page.evaluate('window.listReady')) as number
      await page.context().close()
      return { coldMs, readyMs, againMs, againReadyMs }
    },
    async open() {
      const page = await newPage()
      await page.goto('/puppet')
      await page.evaluate('window.listReady')
      const cdp = await browser.newBrowserCDPSession()
      const inPage = await page.context().newCDPSession(page)
      return {
        filter: (pattern, expected) => filter(page, pattern, expected),
        async reset(total) {
          await page.getByRole('button', { name: 'Reset filter' }).click()
          await page.evaluate(`window.whenPainted(() => ${listed(total)})`)
        },
        fleetStatus: () => fleetStatus(page),
        async memory() {
          await inPage.send('HeapProfiler.collectGarbage')
          const { usedSize } = await inPage.send('Runtime.getHeapUsage')
          const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
          const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => memoryOf(id).privateKb)
          return { heapMb: usedSize / 2 ** 20, privateMb: Math.max(...pages) / 1024 }
        },
      }
    },
    close: () => browser.close(),
  }
}

const listed = (count: number): string =>
  `document.querySelector('[role=listbox] [role=option]')?.getAttribute('aria-setsize') === '${count}'`

async function filter(page: Page, pattern: string, expected: number): Promise<Filtered> {
  const field = page.getByLabel('Node filter')
  await field.fill('')
  await field.focus()
  await page.keyboard.type(pattern.slice(0, -1))
  const shown = expected.toLocaleString('en')
  const preview = page.evaluate(
    `window.whenPainted(() => [...document.querySelectorAll('[role=status]')].some((it) => it.textContent.startsWith('${shown} nodes by name'))).then((ms) => ms - window.keyAt)`,
  )
  await page.keyboard.type(pattern.slice(-1))
  const previewMs = (await preview) as number
  const redrawn = page.evaluate(`window.whenPainted(() => ${listed(expected)}).then((ms) => ms - window.keyAt)`)
  await page.keyboard.press('Enter')
  const redrawnMs = (await redrawn) as number
  const confirmedMs = (await page.evaluate(
    `window.whenPainted(() => document.querySelector('[role=listbox]')?.ariaBusy === 'false').then((ms) => ms - window.keyAt)`,
  )) as number
  return { previewMs, redrawnMs, confirmedMs }
}

async function fleetStatus(page: Page): Promise<FleetRun> {
  await page.goto('/puppet?action=status')
  await page.evaluate('window.listReady')
  const run = page.getByRole('button', { name: /^Run on [\d,]+ nodes$/ }).and(page.locator(':visible'))
  await run.waitFor()
  const over = page.evaluate(`new Promise((resolve) => {
    ${PAINTED}
    const seen = new Set()
    let startedAt, firstAt
    addEventListener('click', (event) => { startedAt ??= event.timeStamp }, true)
    const bar = () => document.querySelector('[role=progressbar][aria-label="Nodes that answered"]')
    let last = -1
    const look = () => {
      const now = Number(bar()?.getAttribute('aria-valuenow') ?? 0)
      const total = Number(bar()?.getAttribute('aria-valuemax') ?? -1)
      if (now > 0 && now !== last) { last = now; seen.add(now); painted((ms) => { firstAt ??= ms }) }
      const running = bar()?.hasAttribute('data-running') ?? true
      const whole = !running && groupsTotal() >= total
      if (whole) { watch.disconnect(); painted((ms) => resolve({ firstResultMs: firstAt - startedAt, completeMs: ms - startedAt, completeAtMs: performance.timeOrigin + ms, steps: seen.size, answered: now })) }
    }
    const groupsTotal = () => [...document.querySelectorAll('[aria-label="Groups of equal answers"] > li')].reduce((sum, it) => sum + Number((/([\\d,]+) nodes?/.exec(it.textContent)?.[1] ?? '1').replaceAll(',', '')), 0)
    const watch = new MutationObserver(look)
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
  })`)
  await run.click()
  return (await over) as FleetRun
}
