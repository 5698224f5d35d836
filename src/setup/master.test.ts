import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { parseCertificate } from '#security/certificate.ts'
import { readCertificate, readRevocations } from '#security/key-text.ts'
import { createAuthority, issueServerCertificate } from './certificates.ts'
import { credentialFiles, endGrace, previousCredentials, rotateCredentials } from './credentials.ts'
import { createIdentityKeys } from './identity-certificates.ts'
import { layoutOf, masterRecord } from './installed.ts'
import { issueKeys } from './issue-keys.ts'
import { type MasterOptions, prepareMaster } from './master.ts'
import { grantFor, prepareNode } from './node.ts'

const root = mkdtempSync(join(tmpdir(), 'troupe-setup-'))
after(() => rmSync(root, { recursive: true }))
const nowMs = Date.UTC(2026, 10, 22)
const DAY_MS = 86_400_000
const MASTER = 'puppetmaster.example.com'
let folders = 0

/** `run({ port: 7 })` is `mco setup master --port 7` in a directory of its own. */
function newMaster() {
  const home = join(root, String(++folders))
  const [directory, stateDirectory] = [join(home, 'etc'), join(home, 'state')]
  const at = (...path: string[]): string => join(directory, ...path)
  const run = (asked: MasterOptions['asked'] = {}, more: Partial<MasterOptions> = {}) =>
    prepareMaster({
      ...{ directory, asked: { stateDirectory, ...asked }, hostName: MASTER, listenAddress: '[::]', nowMs },
      operator: ({ account }) => ({ account, home: join(home, 'peadmin') }),
      puppetCertificate: () => assert.fail('Puppet was asked'),
      ...more,
    })
  const read = (...path: string[]): string => readFileSync(at(...path), 'utf8')
  return {
    home,
    directory,
    stateDirectory,
    at,
    read,
    run,
    operator: (name: string) => readFileSync(join(home, 'peadmin', name), 'utf8'),
  }
}

/** Every file below, with its text. */
function snapshot(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')]),
  )
}
const fates = ({ items }: Awaited<ReturnType<typeof prepareMaster>>): string =>
  [...new Set(items.map(({ fate }) => fate))].join()

test('prepareMaster: a password of 256 bits, accounts, certificates and configuration; nobody else may read any of it', async () => {
  const { run, read, home, directory, operator } = newMaster()
  const made = await run({ port: 61_617, collectives: ['prod', 'dev'] })
  assert.equal(fates(made), 'made')
  assert.match(read('credentials'), /^[\w-]{43}\n$/)
  assert.match(read('broker-passwords'), /^#.*\nclient = [\w-]{43}\nnode = [\w-]{43}\n$/)
  assert.match(read('server.cfg'), /^collectives = prod,dev\nmain_collective = prod$/m)
  assert.match(read('server.cfg'), new RegExp(`^plugin.psk.previous_file = ${directory}/credentials.previous$`, 'm'))
  assert.match(read('broker.cfg'), /^broker\.listen = \[::\]:61617$/m)
  assert.match(
    operator('.mcollective'),
    new RegExp(`^plugin.psk.file = ${home}/peadmin/.mcollective.d/credentials$`, 'm'),
  )
  assert.equal(operator('.mcollective.d/credentials'), read('credentials'))
  for (const file of [...Object.keys(snapshot(directory)), ...Object.keys(snapshot(join(home, 'peadmin')))]) {
    assert.equal(statSync(file).mode & 0o777, 0o600, file)
  }
})

test('prepareMaster again: nothing changes, choices are remembered, and what somebody edited stays', async () => {
  const { run, read, at, directory } = newMaster()
  await run({ port: 61_617, names: ['mco.example.com'] })
  const before = snapshot(directory)
  assert.equal(fates(await run()), 'kept')
  assert.deepEqual(snapshot(directory), before)

  writeFileSync(at('server.cfg'), `${read('server.cfg')}loglevel = debug\n`)
  const changed = await run({ port: 61_618, names: ['mco.example.com', '192.0.2.7'] })
  assert.match(read('server.cfg'), /port = 61617\n.*loglevel = debug/s)
  assert.match(read('broker.cfg'), /:61618$/m)
  const said = changed.items.map(({ path, fate, reason = '' }) => `${path.slice(directory.length)} ${fate} ${reason}`)
  assert.ok(
    said.includes('/server.cfg edited ') && said.includes('/ssl/cert.pem changed it does not name 192.0.2.7'),
    said.join('\n'),
  )
  assert.equal(read('credentials'), before[at('credentials')])
  assert.equal(read('broker-passwords'), before[at('broker-passwords')])
})

test('prepareMaster renews the certificate of the broker before it ends, by the same authority', async () => {
  const { run, read } = newMaster()
  await run()
  const [authority, certificate] = [read('ssl', 'ca.pem'), read('ssl', 'cert.pem')]
  await run({}, { nowMs: nowMs + 800 * DAY_MS })
  assert.equal(read('ssl', 'ca.pem'), authority)
  assert.notEqual(read('ssl', 'cert.pem'), certificate)
})

test('prepareMaster brings the copies of the operator up to date, and removes a former password that is gone', async () => {
  const { run, directory, read, operator } = newMaster()
  await run()
  const files = credentialFiles(directory)
  rotateCredentials(files, { nowMs, graceMs: DAY_MS, force: false })
  await run()
  assert.equal(operator('.mcollective.d/credentials'), read('credentials'))
  assert.equal(operator('.mcollective.d/credentials.previous'), read('credentials.previous'))
  endGrace(files)
  await run()
  assert.throws(() => operator('.mcollective.d/credentials.previous'), /ENOENT/)
})

test('prepareMaster without an account makes files for nobody', async () => {
  const { run, home } = newMaster()
  await run({ operator: null })
  assert.equal(existsSync(join(home, 'peadmin')), false)
})

test('prepareMaster refuses a directory others may write, a lost password, another scheme, and the directory of a node', async () => {
  const { run, at, directory } = newMaster()
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o777)
  await assert.rejects(run(), (error) => isTroupeError(error, 'SETUP_UNSAFE_DIRECTORY'))
  chmodSync(directory, 0o755)
  await run()
  await assert.rejects(run({ security: 'aes' }), (error) => isTroupeError(error, 'USAGE_INVALID'))
  rmSync(at('credentials'))
  await assert.rejects(run(), (error) => isTroupeError(error, 'SETUP_DAMAGED'))
  writeFileSync(at('setup.json'), '{"version":1,"role":"node","identity":"web1","written":{}}')
  await assert.rejects(run(), (error) => isTroupeError(error, 'USAGE_INVALID') && /the node web1/.test(error.message))
  writeFileSync(at('setup.json'), 'x')
  await assert.rejects(run(), (error) => isTroupeError(error, 'SETUP_DAMAGED'))
})

test("prepareMaster with Puppet's certificates: the broker has copies, nodes log in with theirs, the identity is the certificate's", async () => {
  const { run, read, home } = newMaster()
  const authority = await createAuthority('Puppet CA', { nowMs })
  const issued = await issueServerCertificate(authority, { names: [MASTER], nowMs, days: 1 })
  const puppet = {
    name: MASTER,
    certificate: join(home, 'host.pem'),
    key: join(home, 'host.key'),
    authority: join(home, 'ca.pem'),
  }
  mkdirSync(home)
  writeFileSync(puppet.certificate, issued.certificate)
  writeFileSync(puppet.key, issued.key)
  writeFileSync(puppet.authority, authority.certificate)
  const puppetCertificate = () => puppet
  await run({ puppetCertificates: true }, { puppetCertificate, hostName: 'localhost' })
  assert.deepEqual(
    [read('ssl/ca.pem'), read('ssl/cert.pem'), read('ssl/key.pem')],
    [authority.certificate, issued.certificate, issued.key],
  )
  assert.match(
    read('broker.cfg'),
    /^broker\.account\.node\.certificate = \*\nbroker\.account\.node\.identity = certificate$/m,
  )
  assert.match(read('server.cfg'), new RegExp(`^identity = ${MASTER}$[^]*ssl.cert = ${puppet.certificate}$`, 'm'))
  assert.doesNotMatch(read('server.cfg'), /password/)
  assert.equal(fates(await run({}, { puppetCertificate })), 'kept')
  await assert.rejects(run({ identity: 'other.example.com' }, { puppetCertificate }), (error) =>
    isTroupeError(error, 'USAGE_INVALID'),
  )
})

test('rotateCredentials: a new password, the former one with its end; refused while that has not come, unless forced', async () => {
  const { run, directory, read } = newMaster()
  await run()
  const files = credentialFiles(directory)
  const rotate = (atMs: number, force = false) => rotateCredentials(files, { nowMs: atMs, graceMs: DAY_MS, force })
  const former = read('credentials').trim()
  const { untilMs, keyId, previousKeyId } = rotate(nowMs)
  assert.deepEqual(previousCredentials(files), { psk: former, untilMs })
  assert.equal(untilMs, nowMs + DAY_MS)
  assert.notEqual(keyId, previousKeyId)
  assert.throws(
    () => rotate(nowMs + 1),
    (error) => isTroupeError(error, 'SETUP_GRACE_RUNNING'),
  )
  assert.equal(rotate(nowMs + 1, true).previousKeyId, keyId)
  rotate(nowMs + 3 * DAY_MS)
  assert.throws(
    () => rotateCredentials(credentialFiles(root), { nowMs, graceMs: 1, force: true }),
    (error) => isTroupeError(error, 'SETUP_NOT_HERE'),
  )
})

test('rotateCredentials: a change that was cut off half-way is no grace period', async () => {
  const { run, directory, read } = newMaster()
  await run()
  const files = credentialFiles(directory)
  writeFileSync(files.previous, `${read('credentials')}until = 2099-01-01T00:00:00Z\n`)
  assert.equal(previousCredentials(files), undefined)
  rotateCredentials(files, { nowMs, graceMs: DAY_MS, force: false })
})

test('grantFor and prepareNode with psk: password, node account and authority; during a grace period the former password too', async () => {
  const { run, directory, read, home } = newMaster()
  await run({ collectives: ['prod'] })
  const grant = () => grantFor({ identity: 'web1' }, { directory, mayReplace: false, nowMs })
  assert.deepEqual(grant().key, { scheme: 'psk', credentials: read('credentials') })
  rotateCredentials(credentialFiles(directory), { nowMs, graceMs: DAY_MS, force: false })
  assert.deepEqual(grant().key, {
    scheme: 'psk',
    credentials: read('credentials'),
    previous: read('credentials.previous'),
  })
  assert.throws(() => grantFor({ identity: MASTER }, { directory, mayReplace: true, nowMs }), /is the master itself/)

  const node = { directory: join(home, 'node'), stateDirectory: join(home, 'node-state'), identity: 'web1' }
  const from = { grant: grant(), authority: read('ssl/ca.pem'), key: undefined }
  const { items, awaits } = prepareNode({ ...node, from })
  assert.deepEqual([new Set(items.map(({ fate }) => fate)), awaits], [new Set(['made']), []])
  const config = readFileSync(join(node.directory, 'server.cfg'), 'utf8')
  assert.match(
    config,
    new RegExp(`^plugin.activemq.pool.1.password = ${/node = (.*)/.exec(read('broker-passwords'))![1]}$`, 'm'),
  )
  assert.match(config, /^collectives = prod$/m)
  assert.equal(readFileSync(join(node.directory, 'credentials'), 'utf8'), read('credentials'))
  assert.ok(prepareNode({ ...node, from }).items.every(({ fate }) => fate === 'kept'))
  assert.throws(
    () => prepareNode({ ...node, directory, from }),
    (error) => isTroupeError(error, 'USAGE_INVALID'),
  )
  assert.throws(
    () => grantFor({ identity: 'web2' }, { directory: node.directory, mayReplace: false, nowMs }),
    /is the directory of a node/,
  )
})

test('grantFor with aes certifies the keys a node made; an identity that has keys is refused, or replaced and its old ones revoked', async () => {
  const { run, directory, read, at, operator } = newMaster()
  await run({ security: 'aes' })
  assert.equal(existsSync(at('credentials')), false)
  const [first, second] = [createIdentityKeys(), createIdentityKeys()]
  const grant = (keys?: { ed25519: string; x25519: string }, mayReplace = false) =>
    grantFor({ identity: 'web1', ...(keys ? { keys } : {}) }, { directory, mayReplace, nowMs })
  assert.throws(() => grant(), /brings no public keys/)
  const { key } = grant(first.publicKeys)
  assert.ok(key.scheme === 'aes')
  const certificate = parseCertificate(readCertificate(key.certificate))
  assert.deepEqual([certificate.role, certificate.name], ['node', 'web1'])
  assert.equal(Buffer.from(certificate.x25519).toString('hex'), first.publicKeys.x25519)
  assert.ok(!JSON.stringify(key).includes(read('aes/authority.key').split('\n')[1]!))
  assert.throws(
    () => grant(second.publicKeys),
    (error) => isTroupeError(error, 'SETUP_JOIN_REFUSED'),
  )
  grant(second.publicKeys, true)
  assert.ok(readRevocations(read('aes/revoked')).has(certificate.serial))
  await run()
  assert.equal(operator('.mcollective.d/aes/certificates/web1.pem'), read('aes/certificates/web1.pem'))
})

test('issueKeys: a folder for one more caller or node, once; the collective keeps certificates alone', async () => {
  const { run, directory, stateDirectory, home, read } = newMaster()
  await run({ security: 'aes' })
  const record = masterRecord(directory)
  const issue = (role: 'client' | 'node', name: string, output: string) =>
    issueKeys({ layout: layoutOf(directory, stateDirectory), record, role, name, output: join(home, output), nowMs })
  const { name, settings } = issue('client', 'ann', 'ann')
  assert.equal(name, 'cert=ann')
  assert.deepEqual(
    settings.find(([key]) => key === 'plugin.aes.group'),
    ['plugin.aes.group', join(home, 'ann', 'group.pem')],
  )
  const key = readFileSync(join(home, 'ann', 'client.key'), 'utf8')
  assert.ok(!Object.values(snapshot(directory)).some((text) => text.includes(key)))
  assert.ok(existsSync(join(directory, 'aes/callers/ann.pem')))
  issue('node', 'web1', 'web1')
  assert.equal(readFileSync(join(home, 'web1', 'group.key'), 'utf8'), read('aes/group.key'))
  assert.throws(() => issue('client', 'ann', 'ann2'), /will not make other keys for the client ann/)
  assert.throws(() => issue('client', 'bob', 'ann'), /is there already/)
})

test('issueKeys in a collective with a password: SETUP_NOT_HERE', async () => {
  const { run, directory, stateDirectory, home } = newMaster()
  await run()
  const layout = layoutOf(directory, stateDirectory)
  const options = {
    layout,
    record: masterRecord(directory),
    role: 'client',
    name: 'ann',
    output: join(home, 'ann'),
    nowMs,
  } as const
  assert.throws(
    () => issueKeys(options),
    (error) => isTroupeError(error, 'SETUP_NOT_HERE'),
  )
})
