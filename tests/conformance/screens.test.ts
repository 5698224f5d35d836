// Runs every screen of tests/fixtures/screens against two real nodes in this process. `UPDATE_SCREENS=1` writes what is shown now:
// read the difference before it is committed. [cli 6, 7, 8]

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type Collective, startCollective } from './mco-in-memory.ts'
import { parseScreens, renderScreens, showScreen } from './screens.ts'

const directory = new URL('../fixtures/screens/', import.meta.url)
let collective: Collective

before(async () => {
  collective = await startCollective([
    {
      identity: 'puppetmaster.example.com',
      facts: { osfamily: 'RedHat', architecture: 'x86_64', processorcount: '4', os: { release: { major: '9' } } },
      classes: ['default', 'pe_mcollective', 'helloworld', 'pe_mcollective'],
    },
    {
      identity: 'agent.example.com',
      facts: { osfamily: 'Debian', architecture: 'i386', processorcount: '2', os: { release: { major: '12' } } },
      classes: ['default', 'ntp'],
    },
  ])
})
after(() => collective.stop())

for (const name of readdirSync(directory).filter((file) => file.endsWith('.txt'))) {
  test(`screens of ${name}`, async () => {
    const file = new URL(name, directory)
    const screens = parseScreens(readFileSync(file, 'utf8'))
    assert.ok(screens.length > 0)
    const shown = []
    for (const screen of screens) shown.push({ ...screen, expected: await showScreen(collective, screen) })
    if (process.env.UPDATE_SCREENS === '1') writeFileSync(file, renderScreens(shown))
    else for (const [i, screen] of screens.entries()) assert.equal(shown[i]?.expected, screen.expected, screen.command)
  })
}
