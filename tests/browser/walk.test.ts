// The acceptance walk of Live Management over emulated nodes, and people who meet: a viewer, two operators, two tabs, a session that ends in mid-job,
// Live Management switched off. What needs real machines is in real-nodes.test.ts. [live 8, 12]

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'
import { PASSWORD } from '../conformance/console.ts'
import { counterSays, heading, type OpenedConsole, openConsole } from './open-browser.ts'

let opened: OpenedConsole
before(async () => {
  opened = await openConsole({ nodes: 20 })
})
after(() => opened?.close())

const main = (page: Page): Locator => page.getByRole('main')
const button = (page: Page, name: string | RegExp): Locator => main(page).getByRole('button', { name })
/** Runs what is in the open row; says yes when asked. */
async function runOn(page: Page, nodes: string): Promise<void> {
  await button(page, `Run on ${nodes}`).click()
  const dialog = page.getByRole('dialog')
  const results = page.getByRole('heading', { level: 1, name: /^(Running|Results for) / })
  await dialog.or(results).first().waitFor()
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: `Run on ${nodes}` }).click()
  await results.waitFor()
}

test('1-4: all selected, nothing inspected; Inspect All; the list of users, outliers first; variants side by side; search', async () => {
  const { page, complaints } = await opened.window({ path: '/resources', account: 'operator' })
  await counterSays(page, '20 of 20 nodes selected (100.0%)')
  await heading(page, 'Summary of all resource types')
  const row = (type: string): Locator => main(page).getByRole('row', { name: new RegExp(`^${type} resources`) })
  for (const type of ['user', 'group', 'package', 'host']) await row(type).getByText('Not inspected').waitFor()
  await button(page, 'Inspect All').click()
  for (const type of ['user', 'group', 'package', 'host'])
    await row(type)
      .getByText(/^\d+(\.\d)?%$/)
      .waitFor()
  await row('package').getByRole('link').click()
  await heading(page, 'package resources')
  await main(page).getByText('mco rpc puppetral search type=package', { exact: true }).waitFor()
  await main(page).getByRole('link', { name: 'openssl', exact: true }).click()
  await heading(page, 'package openssl')
  await main(page).getByText('mco rpc puppetral find type=package title=openssl', { exact: true }).waitFor()
  await main(page)
    .getByText(/We found 20 nodes with package openssl, with 2 variations/)
    .waitFor()
  await main(page).getByText('Properties with differences').waitFor()
  await button(page, /^on \d+ nodes$/)
    .last()
    .click()
  await main(page)
    .getByRole('link', { name: /\.example\.com$/ })
    .first()
    .waitFor()
  await page.goBack()
  await heading(page, 'package resources')

  await page.goto('/resources/user')
  await main(page).getByLabel('Search user by name').fill('gopher')
  await page.keyboard.press('Enter')
  await heading(page, 'user gopher')
  await main(page)
    .getByText(/We found 7 nodes with user gopher/)
    .waitFor()
  await page.goto('/resources/user/find?title=no-such-user')
  await main(page)
    .getByText(/found no user/)
    .waitFor()
  assert.deepEqual(complaints, [])
})

test('5: clone a user to others: band, preview of creations, typed nothing below 26, result, undo', async () => {
  const { page, complaints, accessible, wider } = await opened.window({
    path: '/resources/user/find?title=gopher',
    account: 'operator',
  })
  await heading(page, 'user gopher')
  await button(page, 'Clone resource').first().click()
  await page.getByRole('heading', { name: 'Cloning user: gopher' }).waitFor()
  await page.setViewportSize({ width: 1180, height: 800 })
  await page.getByRole('button', { name: 'Preview' }).click()
  await main(page).getByRole('table').waitFor()
  assert.equal(await wider(), 0, 'a preview with many columns scrolls by itself')
  await page.getByLabel('Node filter').fill('db*')
  await page.keyboard.press('Enter')
  await counterSays(page, '4 of 20')
  await page.getByRole('button', { name: 'Preview' }).click()
  await main(page)
    .getByText(/^\d creations?$/)
    .first()
    .waitFor()
  await accessible()
  await page.getByRole('button', { name: 'Clone', exact: true }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Clone to \d nodes?$/ })
    .click()
  await main(page)
    .getByText(/^\d success$/)
    .first()
    .waitFor()
  await accessible()
  const has = (): number =>
    opened.troupe.nodes.filter((node) => /^db/.test(node.identity) && node.resources.get('user')?.has('gopher')).length
  assert.equal(has(), 4)
  await button(page, 'Undo').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Put back what was before' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await heading(page, /Undo|undo/)
  await main(page)
    .getByText(/answered/)
    .first()
    .waitFor()
  assert.ok(has() < 4)
  assert.deepEqual(complaints, [])
})

test('a preview on its way goes on when the page is loaded anew, with its options; once made it is not made again; cancelled, it is gone', async () => {
  const { page, complaints } = await opened.window({ path: '/resources/user/find?title=gopher', account: 'operator' })
  const asked: string[] = []
  page.on('request', (request) => void asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
  const begun = (): number => asked.filter((one) => one === 'POST /api/clones/preview').length
  let isHeld = true
  await page.route(/\/api\/clones\/preview\/\w+\?wait=/, async (route) => {
    if (!isHeld) return route.continue()
    await sleep(200)
    const id = new URL(route.request().url()).pathname.split('/').at(-1)
    const progress = { question: 1, questions: 2, answered: 7, asked: 20 }
    // The page that is left does not wait for it.
    return route.fulfill({ json: { id, state: 'running', progress } }).catch(() => {})
  })
  await heading(page, 'user gopher')
  await button(page, 'Clone resource').first().click()
  await page.getByLabel('Create the home directory').check()
  await page.getByRole('button', { name: 'Preview' }).click()
  const progress = page.getByText('Asking the nodes, question 1 of 2: 7 of 20 answered')
  await progress.waitFor()
  await page.reload()
  await progress.waitFor()
  assert.equal(await page.getByLabel('Create the home directory').isChecked(), true)
  isHeld = false
  const made = main(page).getByText('a look only, nothing has been changed')
  await made.waitFor()
  await page.reload()
  await made.waitFor()
  await page.getByRole('button', { name: 'Clone', exact: true }).waitFor()
  assert.equal(begun(), 1)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await button(page, 'Clone resource').first().waitFor()
  const ended = asked.find((one) => one.startsWith('DELETE /api/clones/preview/'))
  assert.ok(ended)
  await button(page, 'Clone resource').first().click()
  await page.getByRole('button', { name: 'Preview' }).waitFor()
  const operator = await opened.troupe.signedIn('operator', 'operator')
  assert.equal((await operator.get(ended.split(' ')[1] ?? '')).status, 404)
  assert.equal(begun(), 1)
  assert.deepEqual(complaints, [])
})

test('9: a viewer browses and looks; every Run that changes nodes and every Clone is absent', async () => {
  const { page, complaints } = await opened.window({ path: '/resources/user/find?title=gopher', account: 'viewer' })
  await main(page)
    .getByText(/We found \d+ nodes with user/)
    .waitFor()
  assert.equal(await page.getByRole('button', { name: /clone/i }).count(), 0)
  for (const path of [
    '/puppet?action=disable',
    '/puppet?action=runonce',
    '/puppet?action=runall',
    '/tasks/service/restart',
  ]) {
    await page.goto(path)
    await main(page)
      .getByText(/takes the role operator/)
      .waitFor()
    assert.equal(await page.getByRole('button', { name: /^Run/ }).count(), 0, path)
  }
  await page.goto('/tasks/rpcutil/ping')
  await runOn(page, '20 nodes')
  await main(page).getByText('20 / 20 answered').waitFor()
  assert.equal(await page.getByRole('link', { name: 'Admin' }).count(), 0)
  await page.goto('/admin/accounts')
  assert.equal(
    await main(page)
      .getByRole('button', { name: /account/i })
      .count(),
    0,
  )
  assert.deepEqual(complaints, [])
})

test('two operators at once: each sees what the other runs, in the list of jobs, without asking', async () => {
  await opened.troupe.signedIn('alice', 'operator')
  await opened.troupe.signedIn('bob', 'operator')
  const alice = await opened.window({ path: '/tasks/lab/status', account: 'alice' })
  const bob = await opened.window({ path: '/jobs', account: 'bob' })
  await heading(bob.page, 'Jobs')
  await Promise.all([
    runOn(alice.page, '20 nodes'),
    bob.page.getByRole('row').filter({ hasText: 'alice' }).filter({ hasText: 'lab status' }).first().waitFor(),
  ])
  await alice.page.goto('/jobs')
  await bob.page.goto('/tasks/service/restart')
  await bob.page.getByRole('textbox', { name: /service/i }).fill('cron')
  await runOn(bob.page, '20 nodes')
  await bob.page.getByText('20 / 20 answered').waitFor()
  await alice.page.getByRole('row').filter({ hasText: 'bob' }).filter({ hasText: 'service restart' }).first().waitFor()
  assert.deepEqual([...alice.complaints, ...bob.complaints], [])
})

test('a session that ends in mid-job: one signs in over the page, and the job has gone on', async () => {
  const { page, complaints } = await opened.window({ path: '/tasks/lab/wait?name=web*', account: 'operator' })
  await counterSays(page, '4 of 20')
  await runOn(page, '4 nodes')
  await main(page).getByText('0 / 4 answered').waitFor()
  opened.troupe.clock.move(31 * 60_000)
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await dialog.waitFor({ timeout: 60_000 })
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await heading(page, /^Results for lab wait/)
  assert.deepEqual(complaints, [])
})

test('two tabs of one browser: the second starts where its address says; signing out in one ends both', async () => {
  const { page, context } = await opened.window({ path: '/puppet?name=web*', account: 'operator' })
  await counterSays(page, '4 of 20')
  const second = await context.newPage()
  await second.goto(page.url())
  await counterSays(second, '4 of 20')
  await second.getByRole('button', { name: 'Reset filter' }).click()
  await counterSays(second, '20 of 20')
  await counterSays(page, '4 of 20')
  await second.getByRole('button', { name: 'Account operator' }).click()
  await second.getByRole('menuitem', { name: 'Sign out' }).click()
  await second.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor()
})

test('Live Management switched off by an administrator: said where it was, at once; accounts and audit go on', async () => {
  const { page, complaints, accessible } = await opened.window({ path: '/admin/settings', account: 'administrator' })
  const other = await opened.window({ path: '/puppet', account: 'operator' })
  await counterSays(other.page, '20 of 20')
  const live = main(page).getByRole('switch', { name: 'Live Management is on' })
  await live.click()
  await button(page, /^Save/).click()
  await other.page.reload()
  await other.page.getByText('Live Management is switched off').waitFor()
  await page.goto('/admin/audit')
  await main(page).getByRole('row').filter({ hasText: 'setting-changed' }).first().waitFor()
  await accessible()
  await page.goto('/admin/settings')
  await live.click()
  await button(page, /^Save/).click()
  await other.page.reload()
  await counterSays(other.page, '20 of 20')
  assert.deepEqual(complaints, [])
})
