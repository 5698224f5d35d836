import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { RECIPIENTS_MAX } from '#base/limits.ts'
import { agentDdl, startTestNode } from '#daemon/test-node.ts'
import type { Request } from '#message/request.ts'
import type { Agent } from '#rpc/agent.ts'
import { parseCertificate, rawPublicKey, signCertificate } from '#security/certificate.ts'
import { readCertificate, readPrivateKey } from '#security/key-text.ts'
import { openingKey } from '#security/key-wrap.ts'
import type { SecurityScheme } from '#security/security.ts'
import { type IssuedIdentity, issueGroupKey, renewIdentity } from '#setup/identity-certificates.ts'
import {
  encryptedByHand,
  NODE,
  NOW_MS,
  newRealm,
  privateGroup,
  publicGroup,
  type Realm,
  schemeOf,
  signedByHand,
} from './aes-parties.ts'
import { endToEndConformance, registration } from './end-to-end.ts'
import { sampleReply, sampleRequest, securityConformance } from './security.ts'

const DAY_MS = 86_400_000
const realm = newRealm()
const next = newRealm()
const foreign = newRealm()
const admin = realm.issue('client', 'admin')
const server = realm.issue('node', NODE)

const requestOf = (client: SecurityScheme): Request => ({ ...sampleRequest, caller: client.callerId() })
const fails =
  (code: string, text = /./) =>
  (error: unknown) =>
    isTroupeError(error) && error.code === code && text.test(error.message)

securityConformance('aes', () => ({
  client: schemeOf(next.issue('client', 'admin'), [next, realm]),
  node: schemeOf(next.issue('node', NODE), [next, realm]),
  stranger: schemeOf(foreign.issue('client', 'admin'), [foreign]),
  latecomer: schemeOf(admin, [realm, next]),
}))

endToEndConformance('aes', () => {
  const dismissed = realm.issue('client', 'dismissed')
  const scrapped = realm.issue('node', 'stolen.example.com')
  const revoked = new Set([dismissed.serial, scrapped.serial])
  const isRevoked = (serial: string) => revoked.has(serial)
  const stolen = realm.issue('node', 'stolen.example.com')
  const certificateOf = (name: string) =>
    ({ [NODE]: readCertificate(server.certificate), 'stolen.example.com': readCertificate(stolen.certificate) })[name]
  return {
    operator: schemeOf(admin, [realm], { isRevoked, certificateOf }),
    colleague: schemeOf(realm.issue('client', 'colleague'), [realm]),
    node: schemeOf(server, [realm], { isRevoked }),
    stolen: schemeOf(stolen, [realm]),
    dismissed: schemeOf(dismissed, [realm]),
    scrapped: schemeOf(scrapped, [realm]),
    // Its own clock stands still, which must not help it.
    ended: schemeOf(realm.issue('client', 'ended', -0.5), [realm], { now: () => NOW_MS - 0.6 * DAY_MS }),
  }
})

/** An envelope around JSON of the test's choosing: what a holder of keys could send. */
function sealedByHand(json: string, { by = admin, wraps = 1, label = 'troupe aes v1 message\0' } = {}): Buffer {
  const certificate = readCertificate(by.certificate)
  return encryptedByHand(realm, (head) => signedByHand(by, certificate, head, Buffer.from(json), label), { wraps })
}

test('aes: the layout is as drawn in aes.ts, so a second implementation can read it', () => {
  const node = schemeOf(server, [realm])
  const request = { ...sampleRequest, caller: 'cert=admin' }
  assert.deepEqual(node.decodeRequest(sealedByHand(JSON.stringify(request))).request, request)
  assert.throws(
    () => node.decodeRequest(sealedByHand(JSON.stringify(request), { label: 'another' })),
    fails('SECURITY_BAD_SIGNATURE'),
  )
})

test('aes: deep JSON, wrong types and non-JSON under a right signature are refused as MESSAGE_INVALID', () => {
  const node = schemeOf(server, [realm])
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const wrong = JSON.stringify({ ...sampleRequest, caller: 'cert=admin', agent: 7 })
  for (const json of [deep, wrong, 'not json', '[]', 'null', '', '{"__proto__":{"agent":"x"}}']) {
    assert.throws(() => node.decodeRequest(sealedByHand(json)), fails('MESSAGE_INVALID'))
  }
})

test('aes: content that nobody vouches for is not even decoded', () => {
  const node = schemeOf(server, [realm])
  const stranger = newRealm().issue('client', 'admin')
  assert.throws(
    () => node.decodeRequest(sealedByHand('not json', { by: stranger })),
    fails('SECURITY_UNKNOWN_AUTHORITY'),
  )
  assert.throws(() => node.decodeRequest(sealedByHand('not json', { label: 'x' })), fails('SECURITY_BAD_SIGNATURE'))
})

test('aes: whoever can decrypt a request cannot make a second one of it', () => {
  const node = schemeOf(server, [realm])
  const json = Buffer.from(JSON.stringify({ ...sampleRequest, caller: 'cert=admin' }))
  let content: Buffer = Buffer.alloc(0)
  const original = encryptedByHand(realm, (head) => {
    content = signedByHand(admin, readCertificate(admin.certificate), head, json)
    return content
  })
  assert.ok(node.decodeRequest(original))
  // The same certificate, signature and JSON under a key of the thief's.
  assert.throws(() => node.decodeRequest(encryptedByHand(realm, () => content)), fails('SECURITY_BAD_SIGNATURE'))
})

test('aes: more recipients than allowed are refused on both sides', () => {
  const client = schemeOf(admin, [realm])
  const names = Array.from({ length: RECIPIENTS_MAX + 1 }, (_, i) => `node${i}.example.com`)
  assert.throws(() => client.encodeRequest(requestOf(client), names), fails('MESSAGE_TOO_LARGE'))
  const json = JSON.stringify({ ...sampleRequest, caller: 'cert=admin' })
  const node = schemeOf(server, [realm])
  assert.equal(node.decodeRequest(sealedByHand(json, { wraps: RECIPIENTS_MAX })).request.caller, 'cert=admin')
  assert.throws(
    () => node.decodeRequest(sealedByHand(json, { wraps: RECIPIENTS_MAX + 1 })),
    fails('SECURITY_MALFORMED'),
  )
})

test('aes: a public key of low order in an envelope is refused like any other wrong one', () => {
  const bytes = Buffer.from(sealedByHand('{}'))
  bytes.fill(0, 24, 56)
  assert.throws(
    () => schemeOf(server, [realm]).decodeRequest(bytes),
    fails('SECURITY_CANNOT_DECRYPT', /changed on the way/),
  )
})

test('aes: a request to known nodes is encrypted to each of them, to an unknown one to the group', () => {
  const other = realm.issue('node', 'other.example.com')
  const certificates = new Map([server, other].map((one) => [parse(one).name, readCertificate(one.certificate)]))
  const client = schemeOf(admin, [realm], { certificateOf: (name) => certificates.get(name) })
  const bystander = schemeOf(realm.issue('node', 'bystander.example.com'), [realm])
  const nodes = [server, other].map((one) => schemeOf(one, [realm]))

  const known = client.encodeRequest(requestOf(client), [NODE, 'other.example.com'])
  for (const node of nodes) assert.equal(node.decodeRequest(known.bytes).proof, known.proof)
  assert.throws(() => bystander.decodeRequest(known.bytes), fails('SECURITY_CANNOT_DECRYPT', /encrypted to key/))

  const withUnknown = client.encodeRequest(requestOf(client), [NODE, 'new.example.com'])
  for (const node of [...nodes, bystander]) assert.equal(node.decodeRequest(withUnknown.bytes).proof, withUnknown.proof)
})

test('aes: certificates met in replies are used for requests to their nodes', () => {
  const client = schemeOf(admin, [realm])
  const node = schemeOf(server, [realm])
  const bystander = schemeOf(realm.issue('node', 'bystander.example.com'), [realm])
  const sealed = client.encodeRequest(requestOf(client), [NODE])
  assert.ok(bystander.decodeRequest(sealed.bytes))
  client.decodeReply(node.encodeReply(sampleReply, node.decodeRequest(sealed.bytes)), () => [sealed])
  const second = client.encodeRequest(requestOf(client), [NODE])
  assert.ok(node.decodeRequest(second.bytes))
  assert.throws(() => bystander.decodeRequest(second.bytes), fails('SECURITY_CANNOT_DECRYPT'))
})

test('aes: a node that was met and got new keys since is reached by its new certificate', () => {
  const renewed = realm.issue('node', NODE)
  const revoked = new Set<string>()
  const isRevoked = (serial: string) => revoked.has(serial)
  const client = schemeOf(admin, [realm], { isRevoked, certificateOf: () => readCertificate(renewed.certificate) })
  const old = schemeOf(server, [realm])
  const sealed = client.encodeRequest(requestOf(client))
  client.decodeReply(old.encodeReply(sampleReply, old.decodeRequest(sealed.bytes)), () => [sealed])
  assert.ok(old.decodeRequest(client.encodeRequest(requestOf(client), [NODE]).bytes))
  revoked.add(server.serial)
  const { bytes } = client.encodeRequest(requestOf(client), [NODE])
  assert.ok(schemeOf(renewed, [realm]).decodeRequest(bytes))
  assert.throws(() => old.decodeRequest(bytes), fails('SECURITY_CANNOT_DECRYPT'))
})

test('aes: a certificate that is not of the node it is looked up for is not used', () => {
  const certificate = readCertificate(realm.issue('node', 'mallory.example.com').certificate)
  const client = schemeOf(admin, [realm], { certificateOf: () => certificate })
  const { bytes } = client.encodeRequest(requestOf(client), [NODE])
  assert.ok(schemeOf(server, [realm]).decodeRequest(bytes))
})

test('aes: nothing is encrypted to a revoked node', () => {
  const gone = realm.issue('node', 'gone.example.com')
  const certificates = new Map([server, gone].map((one) => [parse(one).name, readCertificate(one.certificate)]))
  const client = schemeOf(admin, [realm], {
    certificateOf: (name) => certificates.get(name),
    isRevoked: (serial) => serial === gone.serial,
  })
  const { bytes } = client.encodeRequest(requestOf(client), [NODE, 'gone.example.com'])
  assert.ok(schemeOf(server, [realm]).decodeRequest(bytes))
  assert.throws(() => schemeOf(gone, [realm]).decodeRequest(bytes), fails('SECURITY_CANNOT_DECRYPT'))
  assert.throws(
    () => client.encodeRequest(requestOf(client), ['gone.example.com']),
    fails('SECURITY_CERTIFICATE_REVOKED', /gone\.example\.com/),
  )
})

test('aes: a collective with a group key of its own is not read with that of the others', () => {
  const dev = issueGroupKey(realm.authority.key, { collective: 'dev', nowMs: NOW_MS })
  const client = schemeOf(admin, [realm], { groups: [publicGroup(realm.group), publicGroup(dev)] })
  const { bytes } = client.encodeRequest({ ...requestOf(client), collective: 'dev' })
  assert.throws(() => schemeOf(server, [realm]).decodeRequest(bytes), fails('SECURITY_CANNOT_DECRYPT'))
  assert.ok(schemeOf(server, [realm], { groups: [privateGroup(dev)] }).decodeRequest(bytes))
})

test('aes: without a group key for the collective there is no broadcast', () => {
  const client = schemeOf(admin, [realm], { groups: [] })
  assert.throws(() => client.encodeRequest(requestOf(client)), fails('SECURITY_NO_RECIPIENT_KEY', /mcollective/))
})

test('aes: a group key changes without a window: nodes read with both, clients follow', () => {
  const fresh = issueGroupKey(realm.authority.key, { nowMs: NOW_MS })
  const node = schemeOf(server, [realm], { groups: [privateGroup(fresh), privateGroup(realm.group)] })
  for (const group of [realm.group, fresh]) {
    const client = schemeOf(admin, [realm], { groups: [publicGroup(group)] })
    assert.ok(node.decodeRequest(client.encodeRequest(requestOf(client)).bytes))
  }
})

test('aes: a node with new keys still reads what was encrypted to its previous ones', () => {
  const client = schemeOf(admin, [realm], { certificateOf: () => readCertificate(server.certificate) })
  const { bytes } = client.encodeRequest(requestOf(client), [NODE])
  const renewed = realm.issue('node', NODE)
  const previousDecryptionKeys = [readPrivateKey(server.key, 'x25519')]
  assert.ok(schemeOf(renewed, [realm], { previousDecryptionKeys }).decodeRequest(bytes))
  assert.throws(() => schemeOf(renewed, [realm]).decodeRequest(bytes), fails('SECURITY_CANNOT_DECRYPT'))
})

test('aes: a renewed certificate goes with the keys of the old one', () => {
  const renewed = renewIdentity(realm.authority.key, admin.certificate, { nowMs: NOW_MS + 400 * DAY_MS })
  const late = { now: () => NOW_MS + 401 * DAY_MS }
  const client = schemeOf({ ...renewed, key: admin.key }, [realm], late)
  const node = schemeOf(realm.issue('node', NODE, 500), [realm], late)
  assert.equal(node.decodeRequest(client.encodeRequest(requestOf(client)).bytes).keyId, renewed.serial)
})

test('aes: a certificate is good from its beginning to its end, by the clock of who reads it', () => {
  const client = schemeOf(admin, [realm])
  const { bytes } = client.encodeRequest(requestOf(client))
  const { notBeforeMs, notAfterMs } = parse(admin)
  const long = realm.issue('node', NODE, 3000)
  const at = (nowMs: number) => () => schemeOf(long, [realm], { now: () => nowMs }).decodeRequest(bytes)
  assert.ok(at(notBeforeMs)())
  assert.ok(at(notAfterMs)())
  assert.throws(at(notBeforeMs - 1), fails('SECURITY_CERTIFICATE_ENDED', /valid from/))
  assert.throws(at(notAfterMs + 1), fails('SECURITY_CERTIFICATE_ENDED', /it ended 2026-12-2/))
})

test('aes: a process whose own certificate has ended says so instead of asking in vain', () => {
  const client = schemeOf(admin, [realm], { now: () => NOW_MS + 31 * DAY_MS })
  assert.throws(
    () => client.encodeRequest(requestOf(client)),
    fails('SECURITY_CERTIFICATE_ENDED', /client certificate of admin/),
  )
})

test('aes: revocation counts from the moment the list says so, also for certificates met before', () => {
  const revoked = new Set<string>()
  const node = schemeOf(server, [realm], { isRevoked: (serial) => revoked.has(serial) })
  const client = schemeOf(admin, [realm])
  assert.ok(node.decodeRequest(client.encodeRequest(requestOf(client)).bytes))
  revoked.add(admin.serial)
  const { bytes } = client.encodeRequest(requestOf(client))
  assert.throws(() => node.decodeRequest(bytes), fails('SECURITY_CERTIFICATE_REVOKED'))
})

test('aes: registrations come from nodes, other requests from clients', () => {
  const keeper = schemeOf(server, [realm])
  const other = schemeOf(realm.issue('node', 'other.example.com'), [realm])
  const client = schemeOf(admin, [realm])
  const decode = (sender: SecurityScheme, request: Request) => keeper.decodeRequest(sender.encodeRequest(request).bytes)
  assert.equal(decode(other, registration(other, 'other.example.com')).request.sender, 'other.example.com')
  assert.throws(() => decode(client, registration(client, NODE)), fails('SECURITY_WRONG_ROLE'))
  assert.throws(() => decode(other, requestOf(other)), fails('SECURITY_WRONG_ROLE'))
  assert.throws(
    () => decode(other, { ...registration(other, 'other.example.com'), caller: 'cert=admin' }),
    fails('SECURITY_WRONG_NAME'),
  )
})

test('aes: a certificate altered in any byte is not believed', () => {
  const certificate = readCertificate(admin.certificate)
  const node = schemeOf(server, [realm])
  for (let i = 0; i < certificate.length; i++) {
    const changed = Buffer.from(certificate)
    changed[i] = changed[i]! ^ (1 << (i % 8))
    const text = `-----BEGIN TROUPE CERTIFICATE-----\n${changed.toString('base64')}\n-----END TROUPE CERTIFICATE-----`
    const bytes = sealedByHand('{}', { by: { ...admin, certificate: text } })
    assert.match(
      errorCodeOf(() => node.decodeRequest(bytes)),
      /^SECURITY_(BAD_KEY|BAD_SIGNATURE|MALFORMED|UNKNOWN_AUTHORITY)$/,
      `byte ${i}`,
    )
  }
})

function errorCodeOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    if (isTroupeError(error) && error.code.startsWith('SECURITY_')) return error.code
  }
  return 'no security error'
}

test('aes: a certificate cannot be signed by one who is no authority', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const fields = parse(realm.issue('client', 'mallory'))
  const own = signCertificate(fields, readPrivateKey(admin.key, 'ed25519'))
  assert.equal(parseCertificate(own.bytes).name, 'mallory')
  const forged = Buffer.from(signCertificate(fields, privateKey).bytes)
  parse(realm.issue('client', 'x')).bytes.copy(forged, 30, 30, 34)
  const node = schemeOf(server, [realm])
  for (const bytes of [own.bytes, forged]) {
    const text = `-----BEGIN TROUPE CERTIFICATE-----\n${bytes.toString('base64')}\n-----END TROUPE CERTIFICATE-----`
    const sent = sealedByHand('{}', { by: { ...admin, certificate: text } })
    assert.match(
      errorCodeOf(() => node.decodeRequest(sent)),
      /SECURITY_(UNKNOWN_AUTHORITY|BAD_SIGNATURE)/,
    )
  }
})

test('aes: keys and certificates that do not belong together are refused when the scheme is made', () => {
  const made =
    (identity: IssuedIdentity, realms: Realm[] = [realm]) =>
    () =>
      schemeOf(identity, realms)
  assert.throws(made({ ...admin, key: server.key }), fails('SECURITY_BAD_KEY', /do not belong/))
  const groups = [{ ...publicGroup(realm.group), decryptionKey: readPrivateKey(next.group.key, 'x25519') }]
  assert.throws(() => schemeOf(server, [realm], { groups }), fails('SECURITY_BAD_KEY', /group certificate/))
  assert.throws(
    () => schemeOf(server, [realm], { groups: [{ certificate: readCertificate(admin.certificate) }] }),
    fails('SECURITY_BAD_KEY', /none of a group/),
  )
})

test('aes: no error text holds a private key or what was encrypted', () => {
  const node = schemeOf(server, [realm])
  const secret = JSON.stringify({ ...sampleRequest, caller: 'cert=root', body: { kind: 'text', text: 'top secret' } })
  const bytes = sealedByHand(secret)
  const keys = [admin, server, realm.group].map(({ key }) => key.split('\n')[1]!)
  assert.throws(
    () => node.decodeRequest(bytes),
    (error) =>
      error instanceof Error &&
      ![...keys, 'top secret'].some((text) => `${error.message} ${error.stack}`.includes(text)),
  )
})

test('aes: ids of keys are of the public half', () => {
  const key = readPrivateKey(server.key, 'x25519')
  assert.deepEqual(openingKey(key).x25519, rawPublicKey(key))
})

test('aes: a node authorizes the proven caller, and runs a request once', async () => {
  const callers: string[] = []
  let runs = 0
  const clock = new ManualClock(NOW_MS)
  const echo: Agent = {
    ddl: agentDdl('echo', ['say']),
    actions: {
      say: () => {
        runs++
        return {}
      },
    },
  }
  const started = await startTestNode({
    ...{ clock, agents: { echo } },
    daemon: {
      security: schemeOf(server, [realm]),
      authorize: ({ caller }) => {
        callers.push(caller)
        return { allowed: true, reason: '' }
      },
    },
  })
  const client = schemeOf(admin, [realm])
  const filter = { facts: [], classes: [], agents: [], identities: [], compounds: [] }
  const body = { kind: 'rpc', action: 'say', data: {}, processResults: true } as const
  const request = { ...requestOf(client), sentAtMs: NOW_MS, agent: 'echo', replyTo: null, filter, body }
  const { bytes } = client.encodeRequest(request)
  const target = { kind: 'broadcast', collective: 'mcollective', agent: 'echo' } as const
  for (let i = 0; i < 3; i++) await started.post(target, bytes)
  await started.stop()
  assert.deepEqual([callers, runs, started.daemon.stats().replayed], [['cert=admin'], 1, 2])
})

function parse({ certificate }: { certificate: string }) {
  return parseCertificate(readCertificate(certificate))
}
