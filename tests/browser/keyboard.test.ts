// The console without a mouse: everything in its order, actions run and confirmed by keys alone, dialogs that keep the focus and give it back.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { counterSays, heading, type OpenedConsole, openConsole } from './open-browser.ts'

let opened: OpenedConsole
before(async () => {
  opened = await openConsole({ nodes: 6 })
})
after(() => opened?.close())

/** Name and role of what has the focus, as a reader of the screen says it. */
async function focused(page: Page): Promise<string> {
  const words = (await page.evaluate(`(() => {
    const it = document.activeElement
    const labels = [...(it.labels ?? [])].map((label) => label.textContent).join(' ')
    const by = (it.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
    return [it.getAttribute('role') ?? it.tagName.toLowerCase(), it.getAttribute('aria-label') ?? (by.trim() || labels || it.textContent)]
  })()`)) as [string, string]
  return words.map((word) => word.trim().replace(/\s+/g, ' ')).join(' ')
}

/** Presses Tab until that has the focus; what it passed on its way. */
async function tabTo(page: Page, wanted: RegExp): Promise<string[]> {
  const passed: string[] = []
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const now = await focused(page)
    if (wanted.test(now)) return passed
    passed.push(now)
  }
  return assert.fail(`Tab does not lead to ${wanted}, but over ${passed.join(' | ')}`)
}

test('Tab goes from the bar over tabs and filter to the list and the page; the skip link goes there at once', async () => {
  const { page } = await opened.window({ path: '/puppet', account: 'operator' })
  await counterSays(page, '6 of 6')
  const skip = page.getByRole('link', { name: 'Skip to the page' })
  await skip.focus()
  const passed = await tabTo(page, /^button disable/)
  const order = [
    /Overview/,
    /Live Management/,
    /Jobs/,
    /Account/,
    /Manage Resources/,
    /Control Puppet/,
    /Node filter/,
    /listbox Nodes/,
  ]
  const at = order.map((one) => passed.findIndex((name) => one.test(name)))
  assert.ok(
    at.every((place, i) => place >= 0 && (i === 0 || place > (at[i - 1] ?? 0))),
    `${at}: ${passed.join(' | ')}`,
  )
  await skip.focus()
  await page.keyboard.press('Enter')
  const left = await tabTo(page, /^button disable/)
  assert.ok(!left.some((name) => /Account|listbox/.test(name)), left.join(' | '))
})

test('an action by keys: opened, filled in, asked, kept in the dialog, cancelled, run; the result has the focus', async () => {
  const { page, complaints } = await opened.window({ path: '/tasks/service', account: 'operator' })
  await counterSays(page, '6 of 6')
  await heading(page, 'service task')
  await page.getByRole('button', { name: /^restart/ }).focus()
  await page.keyboard.press('Enter')
  await page.locator('input:focus').waitFor()
  await page.keyboard.type('sshd')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('service=sshd').waitFor()
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press(i < 5 ? 'Tab' : 'Shift+Tab')
    assert.equal(
      await dialog.locator(':focus').count(),
      1,
      `after ${i + 1} times Tab the focus is on ${await focused(page)}`,
    )
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('main').locator('input:focus, button:focus').waitFor()
  await page.getByRole('main').locator('input:focus, button:focus').press('Enter')
  await dialog.waitFor()
  await tabTo(page, /^button Run on 6 nodes/)
  await page.keyboard.press('Enter')
  await heading(page, /^(Running|Results for) service restart/)
  await page.locator('h1:focus').waitFor()
  await page.getByText('6 / 6 answered').waitFor()
  await tabTo(page, /^button on 6 nodes/)
  await page.keyboard.press('Enter')
  await page.getByRole('main').getByRole('link', { name: 'web1.example.com' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('menus, pop-overs and drawers: opened by keys, closed by Escape, the focus back where it was', async () => {
  const { page } = await opened.window({ path: '/puppet', account: 'operator' })
  await counterSays(page, '6 of 6')
  for (const name of ['Account operator', 'Light or dark', 'Saved groups', 'Wildcards allowed']) {
    const opener = page.getByRole('button', { name })
    await opener.focus()
    await page.keyboard.press('Enter')
    await page.locator('[role="menu"], [role="dialog"]').filter({ visible: true }).first().waitFor()
    await page.keyboard.press('Escape')
    await page
      .locator('[role="menu"], [role="dialog"]')
      .filter({ visible: true })
      .first()
      .waitFor({ state: 'detached' })
    await opener.and(page.locator(':focus')).waitFor()
  }
})

test('the node list by keys: arrows, Space, Shift ranges, typing to a name; Enter opens the node', async () => {
  const { page } = await opened.window({ path: '/puppet', account: 'operator' })
  await counterSays(page, '6 of 6')
  await page.getByRole('listbox', { name: 'Nodes' }).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Space')
  await counterSays(page, '5 of 6')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await counterSays(page, '4 of 6')
  await page.keyboard.press('Control+a')
  await counterSays(page, '6 of 6')
  await page.keyboard.type('web2')
  await page.keyboard.press('Enter')
  await heading(page, 'web2.example.com')
  await page.goBack()
  await counterSays(page, '6 of 6')
})

test('dialogs, also those opened from a menu: the focus is in what is to be typed, and back on what opened them', async () => {
  const { page } = await opened.window({ path: '/admin/accounts', account: 'administrator' })
  await heading(page, 'Accounts')
  const dialog = page.getByRole('dialog')
  const closed = async (name: string): Promise<void> => {
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name, exact: true }).and(page.locator(':focus')).waitFor()
  }
  await page.getByRole('button', { name: 'New account' }).press('Enter')
  await dialog
    .getByLabel(/^Name \*/)
    .and(page.locator(':focus'))
    .waitFor()
  await closed('New account')
  for (const [item, field] of [
    ['Edit', 'Name shown'],
    ['Remove', /^Type viewer/],
  ] as const) {
    await page.getByRole('button', { name: 'Change viewer' }).press('Enter')
    await page.getByRole('menuitem', { name: item }).press('Enter')
    await dialog.getByLabel(field).and(page.locator(':focus')).waitFor()
    await closed('Change viewer')
  }
})

test('Select none, pressed, keeps the focus: the next key goes on from there', async () => {
  const { page } = await opened.window({ path: '/puppet', account: 'operator' })
  await counterSays(page, '6 of 6')
  const none = page.getByRole('button', { name: 'Select none' })
  await none.press('Enter')
  await counterSays(page, '0 of 6')
  await none.and(page.locator(':focus')).waitFor()
  assert.equal(await none.isDisabled(), true)
  await page.keyboard.press('Shift+Tab')
  await page.getByRole('button', { name: 'Select all' }).and(page.locator(':focus')).press('Enter')
  await counterSays(page, '6 of 6')
})
