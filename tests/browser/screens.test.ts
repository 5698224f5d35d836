// Every screen of the console with something on it, in Chromium: WCAG 2.2 A and AA in light and in dark, nothing that jumps while it loads, no sideways
// scrolling on a laptop of 1024 pixels, no complaint of the page. [live 1..8]

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { fillConsole } from './fill-console.ts'
import { type OpenedConsole, openConsole, type Window } from './open-browser.ts'

let opened: OpenedConsole
let window: Window
/** Ids of jobs by title. */
let idOf: (title: string) => string

before(async () => {
  opened = await openConsole({ nodes: 30 })
  const { jobs } = await fillConsole(opened.troupe)
  idOf = (title) => jobs.get(title)?.id ?? assert.fail(`no job ${title}, only ${[...jobs.keys()].join(', ')}`)
  window = await opened.window({ account: 'administrator' })
})
after(() => opened?.close())

interface Screen {
  readonly path: string | (() => string)
  /** Words of its heading. */
  readonly heading: string | RegExp
  /** Words without which it is not there yet. */
  readonly shows: string | RegExp
  /** What is opened first. */
  readonly open?: (page: Page) => Promise<void>
}

const job =
  (title: string, more = ''): (() => string) =>
  () =>
    `/jobs/${idOf(title)}${more}`
const press = (name: string | RegExp) => (page: Page) =>
  page.getByRole('main').getByRole('button', { name }).first().click()

const SCREENS: Readonly<Record<string, Screen>> = {
  overview: { path: '/', heading: 'Overview', shows: 'Last Puppet runs' },
  'summary of resources': { path: '/resources', heading: 'Summary of all resource types', shows: /\d% / },
  'a type': { path: '/resources/user', heading: 'user resources', shows: 'intruder' },
  'a type nobody has inspected': { path: '/resources/mount', heading: 'mount resources', shows: 'Find Resources' },
  'variants of a resource': {
    path: '/resources/package/find?title=openssl',
    heading: /openssl/,
    shows: 'Properties with differences',
  },
  'no such resource': { path: '/resources/user/find?title=nobody-at-all', heading: /nobody-at-all/, shows: /found no/ },
  compare: { path: '/compare', heading: /Compare/, shows: /./ },
  'Control Puppet': { path: '/puppet', heading: 'Control Puppet', shows: 'database migration' },
  'Control Puppet, a run': { path: '/puppet?action=runonce', heading: 'Control Puppet', shows: 'Run on 30 nodes' },
  'Control Puppet, many runs': { path: '/puppet?action=runall', heading: 'Control Puppet', shows: 'At once' },
  'Advanced Tasks': { path: '/tasks', heading: 'Summary of all advanced tasks', shows: 'Answers of every kind' },
  'an action': { path: '/tasks/service/restart', heading: 'service task', shows: 'Run on 30 nodes' },
  'results in the tab': {
    path: () => `/puppet?job=${idOf('puppet status')}`,
    heading: /Results for puppet status/,
    shows: 'Disabled: database migration',
  },
  jobs: { path: '/jobs', heading: 'Jobs', shows: 'Clone user gopher' },
  'jobs, none fits': { path: '/jobs?text=nothing+of+the+kind', heading: 'Jobs', shows: 'No job fits' },
  'a job': { path: job('puppet status'), heading: 'puppet status', shows: 'Disabled: database migration' },
  'a job, one opened group': {
    path: job('lab status'),
    heading: 'lab status',
    shows: 'it is on fire',
    open: press(/^on \d+ nodes?/),
  },
  'a job, one line per node': {
    path: job('package status', '?view=nodes'),
    heading: 'package status',
    shows: 'web1.example.com',
  },
  'a clone': { path: job('Clone user gopher'), heading: /Clone user gopher/, shows: 'Undo' },
  'a node': { path: '/nodes/web1.example.com', heading: 'web1.example.com', shows: 'Facts' },
  'runs of a node': {
    path: '/nodes/web1.example.com?tab=runs',
    heading: 'web1.example.com',
    shows: /changed|unchanged/,
  },
  'a node nobody knows': { path: '/nodes/nobody.example.com', heading: /nobody/, shows: /./ },
  reports: { path: '/reports', heading: 'Reports', shows: 'web1.example.com' },
  accounts: { path: '/admin/accounts', heading: 'Accounts', shows: 'operator' },
  tokens: { path: '/admin/tokens', heading: /tokens/i, shows: 'Nightly report' },
  audit: { path: '/admin/audit', heading: 'Audit', shows: 'operator' },
  settings: { path: '/admin/settings', heading: 'Settings', shows: /Live Management/ },
  'no such page': { path: '/nowhere', heading: /./, shows: /./ },
}

/** There, and nothing on it still to come. */
async function loaded(page: Page, screen: Screen): Promise<void> {
  await page.getByRole('heading', { level: 1, name: screen.heading }).waitFor()
  const main = page.getByRole('main')
  await main.getByText(screen.shows).filter({ visible: true }).first().waitFor()
  await page
    .getByRole('status')
    .filter({ hasText: / \.\.\.$/ })
    .waitFor({ state: 'detached' })
  await page.getByRole('status', { name: 'Loading the node list' }).waitFor({ state: 'detached' })
}

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`${name}: accessible in light and dark, steady, as wide as the window`, async () => {
    const { page, complaints, accessible, legible, steady } = window
    complaints.length = 0
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(typeof screen.path === 'string' ? screen.path : screen.path())
    await loaded(page, screen)
    await steady()
    await screen.open?.(page)
    await accessible()
    await legible('dark')
    await page.setViewportSize({ width: 1024, height: 768 })
    assert.equal(await window.wider(), 0)
    assert.deepEqual(complaints, [])
  })
}
