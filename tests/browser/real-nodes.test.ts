// The console's pages over real nodes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { counterSays, heading } from './open-browser.ts'
import { type RealNodes, startRealNodes } from './real-nodes.ts'

let real: RealNodes
before(async () => {
  real = await startRealNodes()
})
after(() => real?.close())

test('first account: by a link that works once, without any default password [live 12.1]', async () => {
  const link = await real.link()
  const { page, complaints, accessible } = await real.window({ path: new URL(link).pathname + new URL(link).hash })
  await page.getByText('Choose a name and a password').waitFor()
  assert.equal(new URL(page.url()).hash, '')
  await accessible()
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password', { exact: true }).fill('short')
  await page.getByLabel('Password again').fill('short')
  await page.getByRole('button', { name: 'Make the account' }).click()
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await page.getByLabel('Password again').fill('correct horse battery')
  await page.getByRole('button', { name: 'Make the account' }).click()
  await heading(page, 'Overview')
  await page.getByRole('link', { name: 'Live Management' }).click()
  await counterSays(page, '3 of 3 nodes selected (100.0%)')
  assert.deepEqual(complaints, [])
  const again = await real.window({ path: new URL(link).pathname + new URL(link).hash })
  await again.page.getByRole('alert').waitFor()
})
