import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { prepareStateDirectory } from './state-directory.ts'

const nowMs = Date.UTC(2026, 10, 22)
const DAY_MS = 86_400_000
const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-state-'))
  folders.push(folder)
  return folder
}

function snapshot(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((f) => [join(f.parentPath, f.name), readFileSync(join(f.parentPath, f.name), 'utf8')]),
  )
}

const usual = { identity: 'puppetmaster.example.com', nodes: 0, nowMs }

test('prepareStateDirectory makes keys and configuration only their owner can read', async () => {
  const directory = join(freshFolder(), 'troupe')
  const made = await prepareStateDirectory({ ...usual, directory, nodes: 2 })
  assert.equal(made.created, true)
  assert.equal(made.port, 61_613)
  assert.deepEqual(
    made.nodes.map((node) => node.identity),
    ['puppetmaster.example.com', 'web1.example.com', 'db1.example.com'],
  )
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777
    assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, entry.name)
  }
  assert.match(readFileSync(join(directory, 'credentials'), 'utf8'), /^[\w-]{43}\n$/)
})

test('prepareStateDirectory: sample nodes cannot act on the machine they share', async () => {
  const made = await prepareStateDirectory({ ...usual, directory: freshFolder(), nodes: 1 })
  const [own, sample] = made.nodes.map(({ config }) => readFileSync(config, 'utf8'))
  for (const agent of ['package', 'puppet', 'puppetd', 'puppetral', 'service']) {
    assert.match(sample ?? '', new RegExp(`^plugin\\.${agent}\\.activate_agent = 0$`, 'm'))
    assert.doesNotMatch(own ?? '', new RegExp(`^plugin\\.${agent}\\.`, 'm'))
  }
})

test('prepareStateDirectory a second time changes nothing', async () => {
  const directory = freshFolder()
  await prepareStateDirectory({ ...usual, directory, nodes: 1 })
  const before = snapshot(directory)
  const again = await prepareStateDirectory({ ...usual, directory, nodes: 1 })
  assert.equal(again.created, false)
  assert.deepEqual(again.notes, [])
  assert.deepEqual(snapshot(directory), before)
})

test('prepareStateDirectory completes a half-made directory without touching its secrets', async () => {
  const directory = freshFolder()
  await prepareStateDirectory({ ...usual, directory })
  const marker = JSON.parse(readFileSync(join(directory, 'setup.json'), 'utf8'))
  writeFileSync(join(directory, 'setup.json'), JSON.stringify({ ...marker, complete: false }))
  const key = readFileSync(join(directory, 'credentials'), 'utf8')
  for (const name of ['ca', 'certs', 'client.cfg']) rmSync(join(directory, name), { recursive: true })
  await prepareStateDirectory({ ...usual, directory })
  assert.equal(readFileSync(join(directory, 'credentials'), 'utf8'), key)
  assert.ok(readdirSync(directory).includes('client.cfg'))
})

test('prepareStateDirectory moves to another port, keeps it, and leaves edited files alone', async () => {
  const directory = freshFolder()
  await prepareStateDirectory({ ...usual, directory })
  const client = join(directory, 'client.cfg')
  writeFileSync(client, `${readFileSync(client, 'utf8')}color = 0\n`)
  const moved = await prepareStateDirectory({ ...usual, directory, port: 7000 })
  assert.match(readFileSync(join(directory, 'server.cfg'), 'utf8'), /^plugin\.activemq\.pool\.1\.port = 7000$/m)
  assert.match(readFileSync(client, 'utf8'), /color = 0/)
  assert.deepEqual(moved.notes, [`left ${client} as edited; delete it to have it written anew`])
  assert.equal((await prepareStateDirectory({ ...usual, directory })).port, 7000)
})

test('prepareStateDirectory renews the certificate of the broker a month before its end and after a change of name', async () => {
  const directory = freshFolder()
  await prepareStateDirectory({ ...usual, directory })
  const pem = (): string => readFileSync(join(directory, 'certs', 'broker.pem'), 'utf8')
  const first = pem()
  const late = await prepareStateDirectory({ ...usual, directory, nowMs: nowMs + 800 * DAY_MS })
  assert.deepEqual(late.notes, ['renewed the certificate of the broker: it ends in 25 days'])
  assert.notEqual(pem(), first)
  const renamed = await prepareStateDirectory({
    ...usual,
    directory,
    identity: 'new.example.com',
    nowMs: nowMs + 800 * DAY_MS,
  })
  assert.deepEqual(renamed.notes, ['renewed the certificate of the broker: it does not name new.example.com'])
})

test('prepareStateDirectory refuses what it did not make, what is damaged and what it cannot write', async () => {
  const fails = (
    directory: string,
    code: 'SETUP_FOREIGN_DIRECTORY' | 'SETUP_DAMAGED' | 'SETUP_UNWRITABLE',
  ): Promise<void> =>
    assert.rejects(prepareStateDirectory({ ...usual, directory }), (error) => isTroupeError(error, code))
  const foreign = freshFolder()
  writeFileSync(join(foreign, 'thesis.txt'), 'x')
  await fails(foreign, 'SETUP_FOREIGN_DIRECTORY')
  await fails(join(foreign, 'thesis.txt', 'x'), 'SETUP_UNWRITABLE')
  for (const name of ['credentials', join('ca', 'ca.key')]) {
    const directory = freshFolder()
    await prepareStateDirectory({ ...usual, directory })
    rmSync(join(directory, name))
    await fails(directory, 'SETUP_DAMAGED')
  }
  const garbled = freshFolder()
  writeFileSync(join(garbled, 'setup.json'), '{')
  await fails(garbled, 'SETUP_DAMAGED')
})

test('prepareStateDirectory closes an open directory, unless others may have put keys into it', async () => {
  const directory = freshFolder()
  chmodSync(directory, 0o777)
  await prepareStateDirectory({ ...usual, directory })
  assert.equal(statSync(directory).mode & 0o777, 0o700)
  chmodSync(directory, 0o770)
  await assert.rejects(prepareStateDirectory({ ...usual, directory }), (error) =>
    isTroupeError(error, 'SETUP_UNSAFE_DIRECTORY'),
  )
})

test('prepareStateDirectory with the aes scheme: keys for the operator and every node, kept, renewed and only made when missing', async () => {
  const directory = freshFolder()
  const aes = { ...usual, directory, nodes: 1 }
  const made = await prepareStateDirectory({ ...aes, security: 'aes' })
  assert.equal(made.security, 'aes')
  const server = readFileSync(join(directory, 'nodes/web1.example.com/server.cfg'), 'utf8')
  assert.match(server, /^securityprovider = aes\nplugin\.aes\./m)
  assert.match(server, new RegExp(`^plugin.aes.group = ${join(directory, 'aes/group.key')}$`, 'm'))
  assert.doesNotMatch(server, /plugin\.psk|plugin\.aes\.certificates/)
  const client = readFileSync(made.clientConfig, 'utf8')
  assert.match(client, new RegExp(`^plugin.aes.group = ${join(directory, 'aes/group.pem')}$`, 'm'))
  assert.match(client, new RegExp(`^plugin.aes.certificates = ${join(directory, 'aes/certificates')}$`, 'm'))
  for (const entry of readdirSync(join(directory, 'aes'), { recursive: true, withFileTypes: true })) {
    const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777
    assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, entry.name)
  }

  const before = snapshot(directory)
  const again = await prepareStateDirectory(aes)
  assert.deepEqual([again.security, again.notes, snapshot(directory)], ['aes', [], before])

  const late = await prepareStateDirectory({ ...aes, nowMs: nowMs + 800 * DAY_MS })
  assert.equal(late.notes.filter((note) => /renewed the certificate of the (operator|node)/.test(note)).length, 3)
  const key = join(directory, 'aes/nodes/web1.example.com.key')
  assert.equal(readFileSync(key, 'utf8'), before[key])

  rmSync(join(directory, 'aes/authority.key'))
  await assert.rejects(prepareStateDirectory(aes), (error) => isTroupeError(error, 'SETUP_DAMAGED'))

  const back = await prepareStateDirectory({ ...aes, security: 'psk' })
  assert.match(readFileSync(back.clientConfig, 'utf8'), /^securityprovider = psk$/m)
})
