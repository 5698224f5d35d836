// The command palette and the keys that go with it, and what people change while others do: groups, settings, parts of a job, a selection that
// has grown. [live 2, 3, 7, 8]

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { counterSays, heading, type OpenedConsole, openConsole } from './open-browser.ts'

let opened: OpenedConsole
before(async () => {
  opened = await openConsole({ nodes: 20 })
})
after(() => opened?.close())

const field = (page: Page) => page.getByRole('combobox', { name: /^Search pages/ })
const here = (page: Page) => page.getByRole('listbox', { name: 'Results' }).getByRole('option', { selected: true })
const focused = (page: Page): Promise<string | null> => page.evaluate('document.activeElement?.ariaLabel ?? null')
const names = (): string[] => opened.troupe.nodes.map(({ identity }) => identity)

test('palette: opens on Ctrl-K, finds a node, a page and an action by keys alone, and gives the focus back on Escape', async () => {
  const { page, complaints, accessible, legible } = await opened.window({ path: '/jobs', account: 'operator' })
  await heading(page, 'Jobs')
  await page.getByLabel('Node', { exact: true }).focus()
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: /^Overview/ }).waitFor()
  await accessible()
  await legible('dark')
  await page.keyboard.press('Escape')
  await field(page).waitFor({ state: 'detached' })
  assert.equal(await focused(page), 'Node')

  await page.keyboard.press('Control+k')
  await field(page).fill('db2')
  await page.getByRole('option', { name: /^db2\.example\.com/, selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await heading(page, /db2\.example\.com/)

  await page.getByRole('button', { name: 'Search and commands' }).click()
  await field(page).fill('restart serv')
  await page.getByRole('option', { name: /^service restart/, selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await heading(page, 'service task')
  await page.getByRole('textbox', { name: /service/i }).waitFor()

  await page.keyboard.press('Control+k')
  await field(page).fill('service st')
  // Not the list of before, whose first is a page.
  await page.getByRole('option', { name: /^service st/, selected: true }).waitFor()
  await page
    .getByRole('option', { name: /^service st/ })
    .nth(1)
    .waitFor()
  const first = await here(page).textContent()
  await page.keyboard.press('ArrowDown')
  assert.notEqual(await here(page).textContent(), first)
  await page.keyboard.press('ArrowUp')
  assert.equal(await here(page).textContent(), first)
  const active = await field(page).getAttribute('aria-activedescendant')
  assert.equal(active, await here(page).getAttribute('id'))
  await field(page).fill('nothing is called <b>so</b>')
  await page.getByText('Nothing is called nothing is called <b>so</b>.').waitFor()
  await page.keyboard.press('Enter')
  assert.ok(await field(page).isVisible())
  assert.deepEqual(complaints, [])
})

test('palette: what it finds are links: with Ctrl they open beside, by click and by Enter', async () => {
  const { page, context, complaints } = await opened.window({ path: '/jobs', account: 'operator' })
  await heading(page, 'Jobs')
  await page.keyboard.press('Control+k')
  await field(page).fill('db2')
  const found = page.getByRole('option', { name: /^db2\.example\.com/, selected: true })
  for (const act of [() => found.click({ modifiers: ['Control'] }), () => page.keyboard.press('Control+Enter')]) {
    const [beside] = await Promise.all([context.waitForEvent('page'), act()])
    await heading(beside, /db2\.example\.com/)
    await beside.close()
  }
  await field(page).waitFor()
  await found.click()
  await heading(page, /db2\.example\.com/)
  assert.deepEqual(complaints, [])
})

test('palette: filter and selection travel along; a saved group is used where one is; viewers are not led to the audit', async () => {
  const viewer = await opened.troupe.signedIn('viewer', 'viewer')
  await viewer.post('/api/groups', { name: 'The databases', description: '', shared: false, filter: { name: 'db*' } })
  const { page, complaints } = await opened.window({ path: '/resources?name=web*', account: 'viewer' })
  await counterSays(page, '4 of 20')
  await page.keyboard.press('Control+k')
  await field(page).fill('control')
  await page.keyboard.press('Enter')
  await heading(page, 'Control Puppet')
  await counterSays(page, '4 of 20')
  assert.equal(new URL(page.url()).searchParams.get('name'), 'web*')
  await page.keyboard.press('Control+k')
  await field(page).fill('databases')
  await page.getByRole('option', { name: /^The databases/, selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.searchParams.get('name') === 'db*')
  await heading(page, 'Control Puppet')
  await page.keyboard.press('Control+k')
  await field(page).fill('audit')
  await page.getByText('Nothing is called audit.').waitFor()
  assert.deepEqual(complaints, [])
})

test('/ goes to the node filter, is a letter in fields, and can be switched off', async () => {
  const { page, complaints } = await opened.window({ path: '/puppet', account: 'operator' })
  await counterSays(page, '20 of 20')
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('/')
  await page.keyboard.type('web/')
  assert.equal(await page.getByLabel('Node filter').inputValue(), 'web/')
  await page.getByRole('listbox', { name: 'Nodes' }).focus()
  await page.keyboard.press('/')
  const id = await page.getByLabel('Node filter').getAttribute('id')
  assert.equal(await page.evaluate('document.activeElement?.id'), id, 'the list hands it on to the filter')
  await page.keyboard.press('Control+k')
  await page.getByLabel('goes to the node filter').uncheck()
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('/')
  await page.keyboard.type('x')
  assert.equal(await page.getByLabel('Node filter').inputValue(), 'web/')
  assert.deepEqual(complaints, [])
})

test('a saved group is renamed, keeps the filter of now, and is for everybody', async () => {
  const operator = await opened.troupe.signedIn('operator', 'operator')
  await operator.post('/api/groups', { name: 'Old', description: '', shared: false, nodes: names().slice(0, 2) })
  const { page, complaints, accessible } = await opened.window({ path: '/puppet?name=web*', account: 'operator' })
  await counterSays(page, '4 of 20')
  await page.getByRole('button', { name: 'Saved groups' }).click()
  await page.getByRole('button', { name: 'Change the group Old' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change the group Old' })
  await dialog.getByText('What it has: 2 nodes by name').waitFor()
  await accessible()
  await dialog.getByLabel('Name', { exact: true }).fill('New')
  await dialog.getByText('The filter in use now: web*').click()
  await dialog.getByLabel('For everybody').check()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The group New is changed.').waitFor()
  const { groups } = (await (await opened.troupe.signedIn('viewer', 'viewer')).get('/api/groups')).body
  const [group] = groups.filter(({ account }: { account: string }) => account === 'operator')
  assert.deepEqual([group.name, group.filter, group.nodes, group.shared], ['New', { name: 'web*' }, undefined, true])
  assert.deepEqual(complaints, [])
})

test('the filter by agents: with what is known of them, in the address and in the options of mco', async () => {
  const { page, complaints } = await opened.window({ path: '/puppet', account: 'operator' })
  await counterSays(page, '20 of 20')
  await page.getByRole('button', { name: 'Advanced search' }).click()
  await page.getByRole('combobox', { name: 'Agent' }).click()
  await page.getByRole('option', { name: /^service 20/ }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.waitForURL((url) => url.searchParams.get('agent') === 'service')
  await counterSays(page, '20 of 20')
  const { body } = await (await opened.troupe.signedIn('viewer', 'viewer')).post('/api/nodes/match', {
    agents: ['/^serv/', 'nosuchagent'],
  })
  assert.deepEqual([body.nodes, body.options], [[], "-A '/^serv/' -A nosuchagent"])
  assert.deepEqual(complaints, [])
})

test('a job is run again on the nodes of one group of equal answers', async () => {
  const operator = await opened.troupe.signedIn('operator', 'operator')
  const asked = { kind: 'call', agent: 'puppet', action: 'status', inputs: {}, nodes: names() }
  const { body: job } = await operator.post('/api/jobs', asked)
  await opened.troupe.live.jobs.ended(job.id)
  const { page, complaints, accessible } = await opened.window({ path: `/jobs/${job.id}`, account: 'viewer' })
  const group = page.getByRole('listitem').filter({ hasText: 'Disabled' }).first()
  await group.getByRole('button', { name: /^on \d+ nodes?$/ }).click()
  const again = group.getByRole('button', { name: /^Run again on / })
  const count = /\d+|this/.exec((await again.textContent()) ?? '')?.[0]
  await accessible()
  await again.click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Run on/ })
    .click()
  await heading(page, `Results for puppet status on ${count === 'this' ? '1 node' : `${count} nodes`}`)
  await page.getByText('repeats').waitFor()
  assert.deepEqual(complaints, [])
})

test('settings: what is half typed stays when somebody else saves, and what both changed is said', async () => {
  const { page, complaints } = await opened.window({ path: '/admin/settings', account: 'administrator' })
  const days = page.getByLabel('Jobs and their answers')
  await days.fill('31')
  const administrator = await opened.troupe.signedIn('administrator', 'administrator')
  const { body: before } = await administrator.get('/api/settings')
  const theirs = { ...before, retentionDays: { ...before.retentionDays, audit: 123 } }
  const { body: saved } = await administrator.put('/api/settings', theirs)
  await page.getByText(/Taken over from them: how long the audit is kept/).waitFor()
  assert.equal(await days.inputValue(), '31')
  assert.equal(await page.getByLabel('Audit', { exact: true }).inputValue(), '123')
  await administrator.put('/api/settings', { ...saved, retentionDays: { ...saved.retentionDays, jobs: 44 } })
  await page.getByText(/Kept as you have it: how long jobs are kept/).waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The settings are saved.').waitFor()
  const { body: now } = await administrator.get('/api/settings')
  assert.deepEqual([now.retentionDays.jobs, now.retentionDays.audit], [31, 123])
  await administrator.put('/api/settings', { ...before, revision: now.revision })
  assert.deepEqual(complaints, [])
})

test('only nodes that were not inspected are asked; a failed one is told apart, also in a comparison', async () => {
  const { book } = opened.troupe.live.inspector
  const operator = await opened.troupe.signedIn('operator', 'operator')
  const { body } = await operator.post('/api/resources/inspect', { types: ['user'], nodes: names().slice(0, 15) })
  for (const { id } of body.jobs) await opened.troupe.live.jobs.ended(id)
  const failed = names()[1] ?? ''
  book.fail('user', failed, opened.troupe.clock.now(), 'no memory left')
  const { page, complaints, accessible } = await opened.window({ path: '/resources/user', account: 'operator' })
  await page.getByText('1 node failed or did not answer').waitFor()
  await page.getByRole('button', { name: 'Inspect 5 nodes' }).click()
  await page.getByRole('button', { name: 'Inspect 5 nodes' }).waitFor({ state: 'detached' })
  await page.getByText(/in all on 19 nodes/).waitFor()
  assert.equal(book.figures('user', [failed]).failed[0]?.reason, 'no memory left')
  await page.goto(`/compare?left=node:${names()[0]}&right=node:${failed}&type=user`)
  await page.getByText('Nothing is known of user resources on the right').waitFor()
  await page.getByText('no memory left').waitFor()
  await accessible()
  assert.deepEqual(complaints, [])
})

test('a password that is missing is told to readers of the screen', async () => {
  const { page } = await opened.window({ account: 'operator' })
  await page.getByRole('button', { name: 'Account operator' }).click()
  await page.getByRole('menuitem', { name: 'Change password' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Change password' }).click()
  const present = dialog.getByLabel('Present password')
  await present.and(page.locator('[aria-invalid="true"]')).waitFor()
  const told = await present.getAttribute('aria-describedby')
  assert.match(await page.locator(`[id="${told}"]`).innerText(), /know that it is you/)
})
