import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { type Log, silentLog } from '#base/log.ts'
import type { AesSettings } from '#config/settings.ts'
import type { Request } from '#message/request.ts'
import {
  createIdentityAuthority,
  type IssuedIdentity,
  issueGroupKey,
  issueIdentity,
  revoke,
} from '#setup/identity-certificates.ts'
import { aesFromFiles } from './aes-from-files.ts'
import { openRevocationList } from './revocation-list.ts'

const directory = mkdtempSync(join(tmpdir(), 'troupe-aes-'))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)
const write = (name: string, text: string, mode = 0o600): string => {
  writeFileSync(at(name), text)
  chmodSync(at(name), mode)
  return at(name)
}

const nowMs = Date.UTC(2026, 10, 22)
const authority = createIdentityAuthority()
const keep = (name: string, { key, certificate }: IssuedIdentity): void => {
  write(`${name}.key`, key)
  write(`${name}.pem`, certificate, 0o644)
}
const issue = (role: 'client' | 'node', name: string, days = 400) =>
  issueIdentity(authority.key, { role, name, nowMs, days })
write('authority.pem', authority.publicKey, 0o644)
keep('group', issueGroupKey(authority.key, { nowMs }))
const admin = issue('client', 'admin')
const web1 = issue('node', 'web1')
keep('admin', admin)
keep('web1', web1)

const filesOf = (name: string, more: Partial<AesSettings> = {}): AesSettings => ({
  keyFile: at(`${name}.key`),
  certificateFile: at(`${name}.pem`),
  authorityFiles: [at('authority.pem')],
  groupFiles: [at(name === 'admin' ? 'group.pem' : 'group.key')],
  ...{ revokedFile: undefined, certificatesDirectory: undefined, previousKeyFiles: [], acceptPsk: false },
  ...more,
})
function warnings(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const keepLine = (message: string): void => void lines.push(message)
  return { ...silentLog, lines, info: keepLine, warn: keepLine, error: keepLine }
}
const client = (aes = filesOf('admin'), log: Log = silentLog, now = () => nowMs) =>
  aesFromFiles({ kind: 'client', identity: 'anything', aes, log, now })
const node = (name: string, aes = filesOf(name), log: Log = silentLog, now = () => nowMs) =>
  aesFromFiles({ kind: 'server', identity: name, aes, log, now })

const request: Request = {
  ...{ id: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d', agent: 'rpcutil', collective: 'mcollective', sender: 'puppetmaster' },
  ...{ caller: 'cert=admin', sentAtMs: nowMs, ttlSeconds: 60, replyTo: null },
  filter: { facts: [], classes: [], agents: [], identities: [], compounds: [] },
  body: { kind: 'text', text: 'ping' },
}
const fails = (code: string, text: RegExp) => (error: unknown) =>
  isTroupeError(error) && error.code === code && text.test(error.message)

test('aesFromFiles: client and node from files understand each other', () => {
  const { bytes } = client().encodeRequest(request)
  assert.deepEqual(node('web1').decodeRequest(bytes).request, request)
})

test('aesFromFiles: private keys that others may read are refused, by name and mode', () => {
  for (const mode of [0o644, 0o640, 0o604, 0o660, 0o601]) {
    write('exposed.key', admin.key, mode)
    const code = 'CONFIG_UNSAFE_KEY_FILE'
    assert.throws(
      () => client({ ...filesOf('admin'), keyFile: at('exposed.key') }),
      fails(code, /exposed\.key.*must be 0600/),
    )
  }
  write('exposed-group.key', issueGroupKey(authority.key, { nowMs }).key, 0o644)
  const files = { ...filesOf('web1'), groupFiles: [at('exposed-group.key')] }
  assert.throws(() => node('web1', files), fails('CONFIG_UNSAFE_KEY_FILE', /plugin\.aes\.group/))
  const previous = { ...filesOf('web1'), previousKeyFiles: [at('exposed.key')] }
  assert.throws(() => node('web1', previous), fails('CONFIG_UNSAFE_KEY_FILE', /plugin\.aes\.previous_keys/))
  write('strict.key', admin.key, 0o400)
  assert.equal(client({ ...filesOf('admin'), keyFile: at('strict.key') }).callerId(), 'cert=admin')
})

test('aesFromFiles: files that are missing, mixed up or too large are told with setting and name', () => {
  const files = filesOf('admin')
  assert.throws(() => client({ ...files, keyFile: at('none') }), fails('CONFIG_UNREADABLE', /plugin\.aes\.key.*none/))
  assert.throws(
    () => client({ ...files, certificateFile: at('admin.key') }),
    fails('SECURITY_BAD_KEY', /admin\.key.*0 certif/),
  )
  assert.throws(() => client({ ...files, keyFile: at('web1.key') }), fails('SECURITY_BAD_KEY', /do not belong/))
  assert.throws(() => client({ ...files, authorityFiles: [at('group.pem')] }), fails('SECURITY_BAD_KEY', /group\.pem/))
  write('large', 'x'.repeat(70_000))
  assert.throws(() => client({ ...files, keyFile: at('large') }), fails('CONFIG_UNREADABLE', /70000 bytes/))
  const publicGroup = { ...filesOf('web1'), groupFiles: [at('group.pem')] }
  chmodSync(at('group.pem'), 0o600)
  assert.throws(() => node('web1', publicGroup), fails('SECURITY_BAD_KEY', /group\.pem.*0 private keys/))
})

test('aesFromFiles: a certificate of the wrong role or of another node is told at the start', () => {
  assert.throws(
    () => client(filesOf('web1')),
    fails('SECURITY_BAD_KEY', /of the node web1, it must be one of role client/),
  )
  assert.throws(
    () => node('admin'),
    fails('SECURITY_BAD_KEY', /of the client admin, it must be that of the node admin/),
  )
  assert.throws(() => node('web2', filesOf('web1')), fails('SECURITY_BAD_KEY', /must be that of the node web2/))
})

test('aesFromFiles: a certificate near its end is warned of', () => {
  const log = warnings()
  client(filesOf('admin'), log, () => nowMs + 369 * 86_400_000)
  assert.deepEqual(log.lines, [])
  client(filesOf('admin'), log, () => nowMs + 371 * 86_400_000)
  assert.match(log.lines.join(), /admin\.pem ends 2027-12-27.*renew/)
})

test('aesFromFiles: a directory with certificates makes requests for one node readable to it alone', () => {
  mkdirSync(at('certificates'))
  keep('web2', issue('node', 'web2'))
  write('certificates/web1.pem', web1.certificate)
  write('certificates/broken.pem', 'nothing')
  const log = warnings()
  const asking = client({ ...filesOf('admin'), certificatesDirectory: at('certificates') }, log)
  const { bytes } = asking.encodeRequest(request, ['web1'])
  assert.ok(node('web1').decodeRequest(bytes))
  assert.throws(() => node('web2').decodeRequest(bytes), fails('SECURITY_CANNOT_DECRYPT', /./))
  for (const unknown of ['web3', '../admin', 'broken']) {
    assert.ok(node('web2').decodeRequest(asking.encodeRequest(request, [unknown]).bytes))
  }
  assert.equal(log.lines.length, 1)
  assert.match(log.lines[0]!, /broken\.pem/)
})

test('openRevocationList: the file is read again when it changed, and the last good list is kept', () => {
  let now = nowMs
  const log = warnings()
  const file = write('revoked', '')
  const isRevoked = openRevocationList(file, log, () => now)
  const replace = (text: string): void => {
    write('revoked.new', text)
    renameSync(at('revoked.new'), file)
  }
  assert.equal(isRevoked(admin.serial), false)
  replace(revoke('', admin.certificate))
  assert.equal(isRevoked(admin.serial), false)
  now += 5_000
  assert.equal(isRevoked(admin.serial), true)
  replace('what is this')
  now += 5_000
  assert.equal(isRevoked(admin.serial), true)
  rmSync(file)
  now += 5_000
  assert.equal(isRevoked(admin.serial), true)
  replace('# nobody\n')
  now += 5_000
  assert.equal(isRevoked(admin.serial), false)
  assert.match(log.lines.join('\n'), /1 certificates are revoked, 0 were[\s\S]*keeping the list/)
})

test('openRevocationList: a list that cannot be read at the start is an error, not an empty list', () => {
  assert.throws(
    () => openRevocationList(at('no-list'), silentLog, () => nowMs),
    fails('CONFIG_UNREADABLE', /plugin\.aes\.revoked/),
  )
  write('bad-list', 'web1\n')
  assert.throws(() => openRevocationList(at('bad-list'), silentLog, () => nowMs), fails('SECURITY_BAD_KEY', /line 1/))
})
