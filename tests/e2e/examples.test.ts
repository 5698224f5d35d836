// The programs of examples/, run as a script's author runs them: as processes, through the package's own name, with the configuration that
// mco finds, against a real broker and node.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createLocalCollective, type LocalCollective } from './local-collective.ts'

const run = promisify(execFile)
const home = mkdtempSync(join(tmpdir(), 'troupe-home-'))
let collective: LocalCollective

before(async () => {
  collective = await createLocalCollective()
  await collective.startBroker()
  await collective.startNode()
  symlinkSync(collective.state.clientConfig, join(home, '.mcollective'))
})
after(async () => {
  await collective.close()
  rmSync(home, { recursive: true })
})

async function example(name: string, ...words: string[]): Promise<string> {
  const file = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
  const { stdout } = await run(process.execPath, [file, ...words], {
    env: { ...process.env, HOME: home },
    timeout: 30_000,
  })
  return stdout
}

test('examples/latency.mjs prints every node and the account', async () => {
  assert.match(await example('latency.mjs'), /^node1\.example\.com \d+\.\d ms\n1 of 1 answered \[\]\n$/)
})

test('examples/facts.ts prints a fact of the nodes that match', async () => {
  assert.equal(await example('facts.ts', 'osfamily'), 'node1.example.com Debian\n')
})

test('examples/rolling.mjs goes from node to node', async () => {
  assert.equal(await example('rolling.mjs'), 'node1.example.com ok\n')
})
