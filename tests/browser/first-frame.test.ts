// What shows the node list before the program is there: the real list, in the places where the program puts it, for the eyes alone; and nothing where it
// could show something else than the program.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { type OpenedConsole, openConsole, signIn } from './open-browser.ts'

const PICTURE = '#first-frame'
const NAMES = 40

let opened: OpenedConsole
before(async () => {
  opened = await openConsole({ nodes: NAMES })
})
after(() => opened?.close())

/** The page of `path` whose program does not come until it is let. */
async function withoutProgram(path: string, width = 1440): Promise<{ page: Page; complaints: string[]; let(): void }> {
  const { page, context, complaints } = await opened.window({ account: 'operator', width })
  await page.goto('/jobs')
  let go: () => void = () => undefined
  const gone = new Promise<void>((resolve) => {
    go = resolve
  })
  await context.route('**/assets/index-*.js', async (route) => {
    await gone
    await route.continue()
  })
  void page.goto(path, { waitUntil: 'commit' })
  await page.waitForURL(`**${path}`, { waitUntil: 'commit' })
  return { page, complaints, let: go }
}

/** Where everything is that says something, and what it says. */
const places = (root: string): string => `[...document.querySelectorAll('${root} :is(header, section, aside) *')]
  .filter((it) => it.getClientRects().length > 0 && !it.closest('svg *'))
  .map((it) => {
    const { x, y, width, height } = it.getBoundingClientRect()
    const text = it.childElementCount === 0 ? it.textContent : ''
    return { at: [x, y, width, height].map(Math.round).join(' '), text, colour: getComputedStyle(it).color }
  })
  .filter(({ at }) => Number(at.split(' ')[1]) < innerHeight - 60 && !at.endsWith(' 0'))
  .map(({ at, text, colour }) => [at, text, colour].join(' | '))`

test('first-frame: the list that was answered, where and as the program draws it', async () => {
  const { page, complaints, let: go } = await withoutProgram('/puppet')
  await page.locator(PICTURE).waitFor()
  const picture = (await page.evaluate(places(PICTURE))) as string[]
  await page.evaluate(`{
    window.gaps = 0
    new MutationObserver(() => {
      if (document.querySelector('${PICTURE}') === null && document.querySelector('[role=option]') === null) window.gaps++
    }).observe(document.body, { childList: true, subtree: true })
  }`)
  go()
  await page.getByRole('option').first().waitFor()
  assert.equal(await page.locator(PICTURE).count(), 0, 'both are there')
  assert.equal(await page.evaluate('window.gaps'), 0, 'there was a moment without either')
  const drawn = new Set((await page.evaluate(places('#root'))) as string[])
  assert.ok(picture.filter((line) => line.includes('example')).length > 10, 'no names')
  assert.deepEqual(
    picture.filter((line) => !drawn.has(line)),
    [],
    'not where or not as the program has it',
  )
  assert.deepEqual(complaints, [])
})

test('first-frame: is for the eyes alone', async () => {
  const { page, let: go } = await withoutProgram('/tasks')
  await page.locator(PICTURE).waitFor()
  const found = await page.evaluate(`({
    inert: document.querySelector('${PICTURE}').inert,
    hidden: document.querySelector('${PICTURE}').ariaHidden,
    meant: document.querySelectorAll('${PICTURE} :is([role], [id], [href], [for], [tabindex], [aria-label])').length,
  })`)
  assert.deepEqual(found, { inert: true, hidden: 'true', meant: 0 })
  assert.equal(await page.getByRole('button').count(), 0)
  go()
})

test('first-frame: what a session that has ended was refused is not kept for the next one', async () => {
  const { page, context } = await opened.window({ account: 'operator' })
  const cookies = await context.cookies()
  const ended = cookies.map((cookie) => ({ ...cookie, value: cookie.value.replace(/^../, 'AA') }))
  await context.clearCookies()
  await context.addCookies(ended)
  await page.goto('/puppet')
  await signIn(page, 'operator')
  await page.getByRole('option').first().waitFor()
  assert.equal(await page.getByRole('dialog').count(), 0)
})

for (const [why, path, width] of [
  ['a filter', '/puppet?name=web*', 1440],
  ['a selection', '/puppet?only=none', 1440],
  ['a narrow window', '/puppet', 800],
  ['a page without the list', '/reports', 1440],
] as const) {
  test(`first-frame: ${why} is left to the program`, async () => {
    const { page, let: go } = await withoutProgram(path, width)
    // It would have come by now: it has both answers.
    while (
      !(await page.evaluate(
        `performance.getEntriesByType('resource').some(({ name }) => name.includes('first-frame'))`,
      ))
    ) {
      await page.waitForTimeout(50)
    }
    await page.waitForTimeout(500)
    assert.equal(await page.locator(PICTURE).count(), 0)
    go()
    await page.getByRole('heading', { level: 1 }).waitFor()
    assert.equal(await page.locator(PICTURE).count(), 0)
  })
}
