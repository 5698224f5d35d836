// The pictures of the README, made anew: node_modules/.bin/node scripts/screenshots.mjs
// A web console over emulated nodes in this process, some work done on it, and Chromium looking at it; docs/images/*.png, 1280 by 800. Takes dist/web
// (npm run build) and Debian's chromium. Needs Node >= 22.18 (type stripping).
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fillConsole } from '../tests/browser/fill-console.ts'
import { openConsole } from '../tests/browser/open-browser.ts'

const images = fileURLToPath(new URL('../docs/images', import.meta.url))
const BYTES_MAX = 250_000

/** Name of the file -> address, words it waits for, light or dark. */
const PICTURES = {
  overview: { path: '/', shows: 'Last Puppet runs' },
  resources: { path: '/resources/package/find?title=openssl', shows: 'Properties with differences', dark: true },
}

mkdirSync(images, { recursive: true })
const opened = await openConsole({ nodes: 60 })
try {
  await fillConsole(opened.troupe, { lab: false })
  await everythingKnown(opened.troupe)
  for (const [name, { path, shows, dark = false }] of Object.entries(PICTURES)) {
    const { page, context } = await opened.window({
      path,
      account: 'operator',
      dark,
      width: 1280,
      height: 800,
    })
    await page.getByRole('main').getByText(shows).first().waitFor()
    await page
      .getByRole('status')
      .filter({ hasText: / \.\.\.$/ })
      .waitFor({ state: 'detached' })
    await page.evaluate('document.activeElement?.blur()')
    await page.evaluate('document.fonts.ready.then(() => {})')
    const png = await page.screenshot()
    if (png.length > BYTES_MAX) throw new Error(`${name}.png has ${png.length} bytes, more than ${BYTES_MAX}`)
    writeFileSync(join(images, `${name}.png`), png)
    process.stdout.write(`docs/images/${name}.png ${Math.round(png.length / 1000)} kB\n`)
    await context.close()
  }
} finally {
  await opened.close()
}

/** All nodes have told their facts, and how long they take to answer. */
async function everythingKnown(troupe) {
  const operator = await troupe.signedIn('operator', 'operator')
  await operator.post('/api/overview/ping', {})
  for (let i = 0; i < 120; i++) {
    const { body } = await operator.get('/api/overview')
    if (body.latency !== undefined && !JSON.stringify(body.operatingSystems).includes('unknown')) return
    await sleep(500)
  }
  throw new Error('nodes do not tell what they are')
}
