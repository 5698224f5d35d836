// Runs where /etc and /home are a copy that is thrown away (console-clone.test.ts): a console with an emulated node and this machine's real
// Puppet as another. Clones a user to it and takes that back, and prints what was seen, as JSON.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { createHost } from '../../src/daemon/host.ts'
import { createLocalMachine } from '../../src/puppet/agent/local-machine.ts'
import { openRal } from '../../src/puppet/ral/open-ral.ts'
import { sampleNodes } from '../../src/setup/sample-nodes.ts'
import { previewOf, startConsole } from '../conformance/console.ts'

const script = fileURLToPath(new URL('../../src/puppet/ral/ral-worker.rb', import.meta.url))
const real = openRal({
  ...{ machine: createLocalMachine(createHost().run), clock: systemClock, log: silentLog, script },
})
const [source = '', target = ''] = sampleNodes(2).map(({ identity }) => identity)
const troupe = await startConsole({
  nodes: 2,
  config: () => 'plugin.puppetral.reveal_sensitive = user=alice',
  ral: (identity) => (identity === target ? real : undefined),
})
const alice = await troupe.signedIn('alice', 'operator')

const lineOf = (file: string, name: string): string =>
  readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`)) ?? ''
const accounts = (): string[] => [
  lineOf('/etc/passwd', 'gopher').replace(/:\d+:\d+:/, ':ID:ID:'),
  lineOf('/etc/shadow', 'gopher').split(':')[1] ?? '',
  lineOf('/etc/group', 'gophers').replace(/:\d+:/, ':ID:'),
  lineOf('/etc/group', 'climbers').replace(/:\d+:/, ':ID:'),
]
const seen: unknown[] = []

async function preview(): Promise<string> {
  const request = { type: 'user', title: 'gopher', sourceNode: source, nodes: [target], options: { createHome: true } }
  const { body } = await previewOf(alice, request)
  const [{ effect, changes, also }] = body.effects ?? [body]
  seen.push([effect, changes, also])
  return body.id
}
async function ended(path: string, ask: object): Promise<string> {
  const { body } = await alice.post(path, ask)
  if (!body.id) {
    seen.push(body)
    return ''
  }
  await troupe.live.jobs.ended(body.id)
  const { results } = (await alice.get(`/api/jobs/${body.id}/results`)).body
  seen.push([results[0].outcome, results[0].message ?? ''], accounts())
  return body.id
}

const gopher = troupe.nodes[0]?.resources.get('user')?.get('gopher')
if (gopher) gopher.groups = []
seen.push(accounts())
const made = await ended('/api/clones', { preview: await preview() })
await preview()
if (gopher)
  Object.assign(gopher, { shell: '/bin/sh', password: '$6$salt$other', comment: 'Another', groups: ['climbers'] })
const changed = await ended('/api/clones', { preview: await preview() })
await ended(`/api/jobs/${changed}/undo`, {})
await ended(`/api/jobs/${made}/undo`, {})
console.log(JSON.stringify(seen))
await troupe.stop()
await real.stop()
