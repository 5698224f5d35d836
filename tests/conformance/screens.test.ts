// Runs every screen of tests/fixtures/screens against two real nodes in this process. `UPDATE_SCREENS=1` writes what is shown now:
// read the difference before it is committed. [cli 6, 7, 8]

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { ManualClock } from '../../src/base/clock.ts'
import {
  createTestMachine,
  PATHS,
  runsPuppet,
  summaryText,
  type TestMachine,
} from '../../src/puppet/agent/test-machine.ts'
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
      puppet: (clock) => puppetOn(clock, 161),
    },
    {
      identity: 'agent.example.com',
      facts: { osfamily: 'Debian', architecture: 'i386', processorcount: '2', os: { release: { major: '12' } } },
      classes: ['default', 'ntp'],
      config: 'plugin.puppet.resource_type_whitelist = file\n',
      puppet: (clock) => puppetOn(clock, 551),
    },
  ])
})
after(() => collective.stop())

/** A Puppet that ran so many seconds ago, loads in 3 s and applies in 6 s. */
function puppetOn(clock: ManualClock, secondsAgo: number): TestMachine {
  const machine = createTestMachine({ clock })
  machine.write(PATHS.summary, summaryText(Math.floor(clock.now() / 1000) - secondsAgo))
  machine.write(PATHS.resources, 'file[/tmp/hello]\nservice[ssh]\n')
  runsPuppet(machine, clock, () => ({ loadMs: 3000, applyMs: 6000 }))
  return machine
}

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
