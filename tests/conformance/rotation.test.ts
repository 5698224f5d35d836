// The password of a fleet changes while everybody works: nodes with the former password, with both, with the new one alone and with none of
// them, before and after the end of the grace period. Real commands, nodes and files; time is moved by hand. [R-016, B-018]

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { parseConfig } from '#config/load.ts'
import { keyNames, type PskMember, pskFromFiles, pskWithOneKey } from '#main/psk-from-files.ts'
import { credentialFiles, endGrace, rotateCredentials } from '#setup/credentials.ts'
import { type Collective, type RunOptions, startCollective } from './mco-in-memory.ts'

const MASTER = 'puppetmaster.example.com'
const directory = mkdtempSync(join(tmpdir(), 'troupe-rotation-'))
const start = new ManualClock()
const GRACE_MS = 20 * 60_000
let collective: Collective
const now = (): number => collective?.clock.now() ?? start.now()

const folderOf = (name: string): string => join(directory, name)
function memberOf(name: string): PskMember {
  const { current, previous } = credentialFiles(folderOf(name))
  const text = `plugin.psk.file = ${current}\nplugin.psk.previous_file = ${previous}\n`
  const settings = parseConfig(text, join(folderOf(name), 'server.cfg'), 'server')
  return { psk: settings.security.psk, configFile: settings.file, caller: 'uid=0', log: silentLog, now }
}
const write = (name: string, password: string): void => {
  mkdirSync(folderOf(name), { recursive: true })
  writeFileSync(credentialFiles(folderOf(name)).current, password, { mode: 0o600 })
}
/** As Puppet does: the master's files, perhaps without the former password. */
const distribute = async (name: string, { former = true }: { former?: boolean } = {}): Promise<void> => {
  const { readFileSync } = await import('node:fs')
  const [from, to] = [credentialFiles(folderOf(MASTER)), credentialFiles(folderOf(name))]
  if (former) writeFileSync(to.previous, readFileSync(from.previous), { mode: 0o600 })
  writeFileSync(to.current, readFileSync(from.current), { mode: 0o600 })
}

let rotatedAtMs = 0
/** Lets time pass until so many minutes after the change. */
const passTo = async (minutes: number): Promise<void> => {
  const untilMs = rotatedAtMs + minutes * 60_000
  while (now() < untilMs) await collective.pass(Math.min(240_000, untilMs - now()))
}

/** As peadmin on the master. */
const mco = (words: string, options: RunOptions = {}) =>
  collective.run(words.split(' '), {
    security: (key) => (key === 'usual' ? pskFromFiles(memberOf(MASTER)) : pskWithOneKey(memberOf(MASTER), key)),
    keyNames: keyNames(memberOf(MASTER)),
    ...options,
  })
const answering = async (): Promise<string> => (await mco('find --sort')).stdout.trim().split('\n').join()
const status = async (): Promise<string> => {
  const { stdout } = await mco('credentials status --json')
  const { nodes } = JSON.parse(stdout) as { nodes: { identity: string; password: string }[] }
  return nodes.map(({ identity, password }) => `${identity.split('.')[0]} ${password}`).join(', ')
}

before(async () => {
  const names = [MASTER, 'both.example.com', 'new.example.com', 'old.example.com', 'stranger.example.com']
  for (const name of names)
    write(name, name === 'stranger.example.com' ? 'the password of others' : 'the first password')
  const nodes = names.map((identity) => ({
    ...{ identity, facts: {}, classes: [] },
    security: () => pskFromFiles(memberOf(identity)),
  }))
  collective = await startCollective(nodes)
})
after(async () => {
  await collective.stop()
  rmSync(directory, { recursive: true })
})

const KNOWN = 'both.example.com,new.example.com,old.example.com'

test('rotation: everybody with the password answers before, a stranger never does', async () => {
  assert.equal(await answering(), `${KNOWN},${MASTER}`)
  assert.equal(await status(), 'both new, new new, old new, puppetmaster new')
})

test('rotation: right after it every node answers, although none has been told', async () => {
  rotatedAtMs = now()
  rotateCredentials(credentialFiles(folderOf(MASTER)), { nowMs: rotatedAtMs, graceMs: GRACE_MS, force: false })
  assert.equal(await answering(), `${KNOWN},${MASTER}`)
  assert.equal(await status(), 'both old, new old, old old, puppetmaster both')
})

test('rotation: status tells the new password, both, and the former alone; nodes told both answer without a restart', async () => {
  await distribute('both.example.com')
  assert.equal(await answering(), `${KNOWN},${MASTER}`)
  await distribute('new.example.com', { former: false })
  assert.equal(await status(), 'both both, new new, old old, puppetmaster both')
  const { stdout, code } = await mco('credentials status')
  assert.equal(code, 2)
  assert.match(stdout, /4 nodes: 3 with the new password, 1 with only the former one, 0 without an answer/)
  const refused = await mco('credentials finish')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /Will not forget the former password: 1 node with only that/)
})

test('rotation: a second change is refused while the first has not ended', () => {
  const again = { nowMs: now(), graceMs: GRACE_MS, force: false }
  assert.throws(
    () => rotateCredentials(credentialFiles(folderOf(MASTER)), again),
    /grace period of the last change runs/,
  )
})

test('rotation: who has the former password alone is reached to the end, and registers', async () => {
  await passTo(17)
  assert.equal(await answering(), `both.example.com,old.example.com,${MASTER}`)
})

test('rotation: two minutes before the end requests are made with the new password', async () => {
  await passTo(18)
  assert.equal(await answering(), `both.example.com,new.example.com,${MASTER}`)
})

test('rotation: after the end the former password opens nothing any more, and status still finds who has only that', async () => {
  await passTo(20.1)
  assert.equal(await answering(), `both.example.com,new.example.com,${MASTER}`)
  assert.equal(await status(), 'both new, new new, old old, puppetmaster new')
  const former = await mco('find --sort', { security: () => pskWithOneKey(memberOf(MASTER), 'previous') })
  assert.equal(former.stdout, 'old.example.com\n')
  assert.match((await mco('credentials status')).stdout, /refused since .*cannot be reached until then/s)
})

test('rotation: once the last node has the new password, the former one is forgotten', async () => {
  await distribute('old.example.com')
  assert.equal(await status(), 'both new, new new, old new, puppetmaster new')
  const files = credentialFiles(folderOf(MASTER))
  const { stdout } = await mco('credentials finish --json', { installation: { finish: async () => endGrace(files) } })
  assert.equal(stdout, '{"finished":true}\n')
  assert.equal(await answering(), `${KNOWN},${MASTER}`)
  assert.match((await mco('credentials status')).stdout, /Former password: none is known here/)
})

test('rotation: a password edited by hand is in force at once where it was edited, and nowhere else', async () => {
  write(MASTER, '# changed by hand\nthe second password\n')
  assert.equal(await answering(), MASTER)
  write('both.example.com', 'the second password')
  assert.equal(await answering(), `both.example.com,${MASTER}`)
})
