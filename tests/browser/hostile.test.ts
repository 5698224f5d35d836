// What nodes say is foreign, and may mean harm: markup, escapes of terminals, text that runs backwards, a megabyte in one line, names of JavaScript's
// own. Every screen shows it as text, no script of it runs, nothing of it is loaded, and the page stays usable. [live 10]

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { PATHS } from '../../src/puppet/agent/test-machine.ts'
import { LIBDIR } from '../conformance/mco-in-memory.ts'
import { heading, type OpenedConsole, openConsole, type Window } from './open-browser.ts'

const HARM = "window.harmed=1;document.title='harmed'"
const SCRIPT = `<img src=x onerror="${HARM}"><script>${HARM}</script><svg onload="${HARM}"><style>*{display:none}</style>`
/** Clears a terminal, paints, rings, runs backwards, joins words without a width, ends in a lone half of a pair. */
const ODD = '\u001b[2J\u001b[31mred\u0007 \u202egnp.exe\u202c \u200b\u2066x\u2069 \ud800'
const LONG = 'long'.repeat(262_144)
/** What would turn the text around it, or be invisible. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

const DDL = `metadata :name => "evil", :description => ${JSON.stringify(SCRIPT.replaceAll('"', "'"))}, :author => "x", :license => "x",
  :version => "1", :url => "https://example.com/", :timeout => 10

action "say", :description => ${JSON.stringify(SCRIPT.replaceAll('"', "'"))} do
  display :always

  output :text, :description => "What it says", :display_as => ${JSON.stringify(SCRIPT.replaceAll('"', "'"))}
  output :long, :description => "A line", :display_as => "Long"
  output :map, :description => "A map", :display_as => "Map"
end
`
const CODE = `const [script, odd, long] = ${JSON.stringify([SCRIPT, ODD, LONG])}
export default { actions: { say: () => ({
  text: script + odd, long, map: JSON.parse('{"__proto__": {"role": "administrator"}, "constructor": 1, "toString": 2}'),
  [script]: odd,
}) } }
`

let opened: OpenedConsole
let window: Window
let folder: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-hostile-'))
  const agents = join(folder, 'mcollective', 'agent')
  mkdirSync(agents, { recursive: true })
  writeFileSync(join(agents, 'evil.ddl'), DDL)
  writeFileSync(join(agents, 'evil.mjs'), CODE)
  opened = await openConsole({ nodes: 3, libdirs: [LIBDIR, folder] })
  const [node] = opened.troupe.nodes
  assert.ok(node)
  Object.assign(node.facts, { [SCRIPT]: ODD, odd: SCRIPT, longest: LONG.slice(0, 100_000) })
  node.puppet.write(PATHS.disabled, JSON.stringify({ disabled_message: `${SCRIPT}${ODD}` }))
  const bad = { ensure: 'present', comment: `${SCRIPT}${ODD}`, home: LONG.slice(0, 100_000), shell: '/bin/sh' }
  node.resources.get('user')?.set(SCRIPT, bad).set('__proto__', bad).set(ODD, bad)
  window = await opened.window({ account: 'operator' })
  await heading(window.page, 'Overview')
})
after(async () => {
  await opened?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Nothing of it ran, nothing of it is unseen, and the page still does what it is told. */
async function harmless(page: Page): Promise<void> {
  assert.equal(await page.evaluate('window.harmed'), undefined)
  assert.notEqual(await page.title(), 'harmed')
  const text = await page.locator('body').innerText()
  assert.equal(JSON.stringify(new RegExp(`.{0,60}${UNSEEN.source}`).exec(text)?.[0]), undefined, page.url())
  assert.equal(await window.wider(), 0, page.url())
  assert.deepEqual(window.complaints, [])
  assert.equal(await page.evaluate("document.querySelectorAll('main img, main style, main script').length"), 0)
}

test('answers of an action: script, escapes, a megabyte in a line, __proto__ as a key', async () => {
  const { page, accessible } = window
  await page.goto('/tasks')
  await page.getByRole('main').getByRole('link', { name: 'evil', exact: true }).click()
  await harmless(page)
  await page.goto('/tasks/evil/say')
  await page.getByRole('button', { name: 'Run on 3 nodes' }).click()
  const dialog = page.getByRole('dialog')
  const results = page.getByRole('heading', { level: 1, name: /^Results for / })
  await dialog.or(results).first().waitFor()
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Run on 3 nodes' }).click()
  await results.waitFor()
  const main = page.getByRole('main')
  await main.getByText('<script>').first().waitFor()
  await main.getByText('constructor').first().waitFor()
  await main
    .getByText(/gnp\.exe/)
    .first()
    .waitFor()
  await harmless(page)
  await main
    .getByRole('button', { name: /show [\d,.\s]+ more character/ })
    .first()
    .click()
  await harmless(page)
  await accessible()
  await main.getByText('One line per node', { exact: true }).click()
  await main.getByRole('row').nth(1).waitFor()
  await harmless(page)
})

test('resources: titles and values', async () => {
  const { page } = window
  await page.goto('/resources/user')
  const main = page.getByRole('main')
  await main.getByRole('button', { name: 'Find Resources' }).click()
  await main.getByRole('link', { name: '__proto__' }).waitFor()
  await harmless(page)
  await main.getByRole('link', { name: '__proto__' }).click()
  await main.getByText(/We found 1 node with user __proto__/).waitFor()
  await main.getByText('<script>').first().waitFor()
  await harmless(page)
  await page.goto('/resources/user')
  await main
    .getByRole('link', { name: /<script>/ })
    .first()
    .click()
  await main.getByText(/We found 1 node with user/).waitFor()
  await harmless(page)
})

test('a node: facts, the reason why Puppet is disabled', async () => {
  const { page } = window
  const name = opened.troupe.nodes[0]?.identity ?? ''
  await page.goto(`/nodes/${name}`)
  await page.getByRole('main').getByText('<script>').first().waitFor()
  await harmless(page)
  const operator = await opened.troupe.signedIn('operator', 'operator')
  await operator.post('/api/puppet/refresh', {})
  await page.goto('/puppet?action=status')
  await page.getByRole('button', { name: 'Run on 3 nodes' }).click()
  await page
    .getByRole('main')
    .getByText(/Disabled: .*<script>/)
    .first()
    .waitFor()
  await harmless(page)
  await page.goto('/reports')
  await heading(page, 'Reports')
  await harmless(page)
  await page.goto('/jobs')
  await heading(page, 'Jobs')
  await harmless(page)
})

test('an address: what stands in it is text as well', async () => {
  const { page } = window
  const words = encodeURIComponent(SCRIPT)
  for (const path of [
    `/nodes/${words}`,
    `/resources/user/find?title=${words}`,
    `/tasks/${words}`,
    `/jobs?text=${words}`,
    `/jobs/${words}`,
    `/${words}`,
  ]) {
    await page.goto(path)
    await heading(page, /./)
    await harmless(page)
  }
  await page.goto('/puppet?name=%00%ff&except=__proto__&fact=__proto__%3Dx&sel=zzz')
  await heading(page, /./)
  await harmless(page)
})
