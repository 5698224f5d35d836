import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { type Log, silentLog } from '#base/log.ts'
import { parseConfig } from '#config/load.ts'
import { parseCertificate } from '#security/certificate.ts'
import { readCertificate } from '#security/key-text.ts'
import { createIdentityAuthority, issueGroupKey } from '#setup/identity-certificates.ts'
import type { ConnectorStatus } from '#transport/connector.ts'
import { createMemoryBus } from '#transport/memory.ts'
import { callerKey, schemeFor, shareConnector, watchBus } from './console-bus.ts'

const DAY_MS = 86_400_000
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'console-bus-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function settings(lines = '') {
  const text = `identity = console.example.com\nstatedir = ${folder}/state\nplugin.psk = a key for tests only\n${lines}`
  return parseConfig(text, join(folder, 'client.cfg'), 'client')
}

function withAuthority(nowMs: number) {
  const authority = createIdentityAuthority()
  mkdirSync(join(folder, 'aes'))
  const save = (name: string, content: string) => writeFileSync(join(folder, 'aes', name), content, { mode: 0o600 })
  save('authority.key', authority.key)
  save('authority.pem', authority.publicKey)
  save('group.pem', issueGroupKey(authority.key, { nowMs }).certificate)
  const file = (name: string) => join(folder, 'aes', name)
  // The operator's own key is not used by the console.
  return settings(
    `securityprovider = aes\nplugin.aes.key = /none\nplugin.aes.certificate = /none\nplugin.aes.authority = ${file('authority.pem')}\nplugin.aes.group = ${file('group.pem')}\n`,
  )
}

test('schemeFor: psk speaks as user=ACCOUNT, aes as cert=console.ACCOUNT, so that no account passes for an operator', () => {
  assert.equal(schemeFor(settings(), 'alice', silentLog).callerId(), 'user=alice')
  const aes = withAuthority(Date.now())
  assert.equal(schemeFor(aes, 'admin', silentLog).callerId(), 'cert=console.admin')
})

test('callerKey: made once, for its owner alone, and renewed with the same keys a month before its end', () => {
  const nowMs = Date.now()
  const aes = withAuthority(nowMs)
  const { keyFile, certificateFile } = callerKey(aes, 'alice', nowMs)
  const read = () => parseCertificate(readCertificate(readFileSync(certificateFile, 'utf8')))
  const first = read()
  assert.deepEqual([first.role, first.name], ['client', 'console.alice'])
  assert.equal(statSync(keyFile).mode & 0o777, 0o600)
  assert.equal(statSync(join(folder, 'state', 'console', 'callers')).mode & 0o777, 0o700)
  callerKey(aes, 'alice', nowMs + DAY_MS)
  assert.equal(read().serial, first.serial)
  callerKey(aes, 'alice', first.notAfterMs - 20 * DAY_MS)
  assert.notEqual(read().serial, first.serial)
  assert.deepEqual(read().ed25519, first.ed25519)
})

test('callerKey: without the key of the authority the message says which files are wanted and how to make them', () => {
  assert.throws(
    () => callerKey(settings(), 'alice'),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'CONSOLE_NO_CALLER_KEY')
      assert.match(error.message, /callers\/alice\.key.*aes\/authority\.key.*mco setup keys --caller console\.alice/)
      return true
    },
  )
})

test('shareConnector: users of one connection have addresses of their own and leave alone', async () => {
  const bus = createMemoryBus()
  const shared = shareConnector(bus.connector({ identity: 'console.example.com' }))
  const states: ConnectorStatus['state'][] = []
  shared.onStatus((status) => states.push(status.state))
  await shared.connect()
  const [alice, bob] = [shared.share(), shared.share()]
  const addresses = [alice.replyAddress('mcollective'), bob.replyAddress('mcollective')] as const
  assert.notEqual(addresses[0], addresses[1])
  const heard: string[] = []
  alice.subscribe({ kind: 'reply', address: addresses[0] }, ({ bytes }) => heard.push(`alice ${bytes[0]}`))
  bob.subscribe({ kind: 'reply', address: addresses[1] }, ({ bytes }) => heard.push(`bob ${bytes[0]}`))
  const told: string[] = []
  bob.onStatus = (status) => told.push(status.state)
  const node = bus.connector({ identity: 'web1.example.com' })
  await node.connect()
  const reply = async (n: number) => {
    for (const address of addresses)
      await node.publish({ kind: 'reply', address }, new Uint8Array([n]), { ttlMs: 1000 })
    await new Promise((resolve) => setImmediate(resolve))
  }
  await reply(1)
  await alice.disconnect()
  await reply(2)
  bus.break('console.example.com')
  bus.restore('console.example.com')
  assert.deepEqual(heard, ['alice 1', 'bob 1', 'bob 2'])
  assert.deepEqual(told, ['disconnected', 'connected'])
  assert.deepEqual(states, ['connecting', 'connected', 'disconnected', 'connected'])
})

test('watchBus: says once that there is no broker, also when there never was one, and nothing while it connects', () => {
  const said: string[] = []
  const log: Log = { ...silentLog, warn: (text) => void said.push(text), info: (text) => void said.push(text) }
  const watch = watchBus(log)
  assert.equal(watch.heard({ state: 'connecting', to: 'broker', attempt: 1 }), false)
  assert.deepEqual([watch.state(), said], [{ connected: false, problem: 'connecting to the broker' }, []])
  for (const reason of ['refused', 'refused', 'timed out'])
    watch.heard({ state: 'disconnected', reason, retryMs: 1_000 })
  assert.deepEqual(watch.state(), { connected: false, problem: 'timed out' })
  for (const _ of [1, 2]) watch.heard({ state: 'connected', to: 'broker' })
  watch.heard({ state: 'disconnected', reason: 'closed', retryMs: 1_000 })
  assert.deepEqual(said, [
    'no broker, so no node can be reached: refused; the console goes on trying',
    'connected to broker',
    'no broker, so no node can be reached: closed; the console goes on trying',
  ])
})
