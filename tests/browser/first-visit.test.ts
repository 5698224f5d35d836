// How the program of the pages comes into a browser that has never seen it: everything it needs is named in the page's head, comes as the build has
// compressed it, and nothing is asked twice. Bounds on bytes, so that a library does not slip into every page.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type OpenedConsole, openConsole } from './open-browser.ts'

/** Of all files and answers together until the list of nodes is there: what they were with 40 nodes, and a tenth. */
const BYTES_MAX = 290_000
const REQUESTS_MAX = 16

let opened: OpenedConsole
before(async () => {
  opened = await openConsole({ nodes: 40 })
})
after(() => opened?.close())

interface Loaded {
  readonly path: string
  readonly by: string
  readonly bytes: number
  readonly plainBytes: number
}

for (const [path, asked] of [
  ['/puppet', ['/api/nodes', '/api/session']],
  ['/tasks/rpcutil', ['/api/nodes', '/api/session']],
  ['/jobs', ['/api/session']],
] as const) {
  test(`${path}: is asked for at once, compressed, and no more than it takes`, async () => {
    const { page, context } = await opened.window({ account: 'operator' })
    const fresh = await context.newPage()
    await page.close()
    await fresh.goto(path)
    await fresh.getByRole('heading', { level: 1 }).waitFor()
    if (asked.length > 1) await fresh.getByRole('option').first().waitFor()
    const loaded = (await fresh.evaluate(`performance.getEntriesByType('resource').map((entry) => ({
      path: new URL(entry.name).pathname, by: entry.initiatorType, bytes: entry.encodedBodySize, plainBytes: entry.decodedBodySize,
    }))`)) as Loaded[]
    const named = await fresh.evaluate(
      `[...document.querySelectorAll('head [src], head [href]')].map((it) => it.getAttribute('src') ?? it.getAttribute('href'))`,
    )
    const files = loaded.filter((one) => one.path.startsWith('/assets/'))
    assert.deepEqual(
      files.filter((one) => !(named as string[]).includes(one.path)).map((one) => one.path),
      [],
      'found only after the program had begun',
    )
    assert.deepEqual(
      files.filter((one) => one.plainBytes > 2000 && one.bytes > one.plainBytes / 2).map((one) => one.path),
      [],
      'not compressed',
    )
    const first = loaded.filter((one) => (asked as readonly string[]).includes(one.path))
    assert.deepEqual(
      first.map((one) => [one.path, one.by]).sort(),
      asked.map((address) => [address, 'link']),
      'asked once, by the page itself',
    )
    const bytes = loaded.reduce((sum, one) => sum + one.bytes, 0)
    assert.ok(bytes <= BYTES_MAX && loaded.length <= REQUESTS_MAX, `${bytes} bytes in ${loaded.length} requests`)
  })
}
