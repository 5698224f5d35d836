// The aes envelope under the fuzzer: bytes as they come; content that anybody with the group's public key can encrypt, which
// reaches certificates and signatures; JSON under a right signature; and texts with keys.

import { EMPTY_FILTER } from '#message/filter.ts'
import type { Request } from '#message/request.ts'
import { parseCertificate } from '#security/certificate.ts'
import { readAuthorities, readCertificate, readPrivateKey, readRevocations } from '#security/key-text.ts'
import { revoke } from '#setup/identity-certificates.ts'
import { encryptedByHand, NODE, NOW_MS, newRealm, schemeOf, signedByHand } from '../../conformance/aes-parties.ts'
import { registerTarget } from '../fuzz.ts'

const realm = newRealm()
const admin = realm.issue('client', 'admin')
const certificate = readCertificate(admin.certificate)
const client = schemeOf(admin, [realm])
const node = schemeOf(realm.issue('node', NODE), [realm])
const request: Request = {
  ...{ id: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d', agent: 'rpcutil', collective: 'mcollective', sender: 'a' },
  ...{ caller: 'cert=admin', filter: EMPTY_FILTER, sentAtMs: NOW_MS, ttlSeconds: 60, replyTo: null },
  body: { kind: 'rpc', action: 'ping', data: { a: [1, { b: null }] }, processResults: true },
}
const sealed = client.encodeRequest(request)
const reply = node.encodeReply(
  { requestId: request.id, sender: NODE, agent: 'rpcutil', sentAtMs: NOW_MS, body: { kind: 'text', text: 'pong' } },
  node.decodeRequest(sealed.bytes),
)
const json = Buffer.from(JSON.stringify(request))
const tokens = ['TRP\x01', '\x01', '\x02', '\x00', '\xff', '[', '{', '"', '"__proto__":']

registerTarget(
  'aes-untrusted',
  (bytes) => {
    const original = [sealed.bytes, reply].some((seed) => Buffer.compare(seed, bytes) === 0)
    if (bytes[4] === 2) client.decodeReply(bytes, () => [sealed])
    else node.decodeRequest(bytes)
    if (!original) throw new Error('changed bytes were accepted')
  },
  ['SECURITY_MALFORMED', 'SECURITY_WRONG_KIND', 'SECURITY_CANNOT_DECRYPT'],
  { seeds: [sealed.bytes, reply], tokens, weight: 0.1 },
)

registerTarget(
  'aes-content',
  (content) => {
    node.decodeRequest(encryptedByHand(realm, () => Buffer.from(content)))
    throw new Error('content nobody signed was accepted')
  },
  ['SECURITY_MALFORMED', 'SECURITY_BAD_KEY', 'SECURITY_UNKNOWN_AUTHORITY', 'SECURITY_BAD_SIGNATURE'],
  { seeds: [signedByHand(admin, certificate, Buffer.alloc(112), json), certificate], tokens, weight: 0.03 },
)

registerTarget(
  'aes-trusted',
  (input) => {
    const signed = (head: Buffer): Buffer => signedByHand(admin, certificate, head, Buffer.from(input))
    node.decodeRequest(encryptedByHand(realm, signed))
  },
  ['MESSAGE_INVALID', 'SECURITY_WRONG_NAME', 'SECURITY_WRONG_ROLE'],
  { seeds: [json], tokens, weight: 0.03 },
)

registerTarget(
  'aes-texts',
  (input) => {
    const text = Buffer.from(input).toString('utf8')
    if (text.includes('CERTIFICATE')) parseCertificate(readCertificate(text))
    else if (text.includes('PUBLIC')) readAuthorities(text)
    else if (text.includes('PRIVATE')) readPrivateKey(text, 'ed25519')
    else readRevocations(text)
  },
  ['SECURITY_BAD_KEY'],
  {
    seeds: [admin.certificate, admin.key, realm.authority.publicKey, revoke('', admin.certificate)].map((text) =>
      Buffer.from(text),
    ),
    tokens: ['-----BEGIN TROUPE CERTIFICATE-----', '-----END PRIVATE KEY-----', '\n', '#', '=', 'AAAA'],
    weight: 0.1,
  },
)
