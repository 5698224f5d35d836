import assert from 'node:assert/strict'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import type { Request } from '#message/request.ts'
import { createPskScheme } from '#security/psk.ts'
import type { SecurityScheme } from '#security/security.ts'
import { createSwitchingScheme } from '#security/switching.ts'
import { NODE, NOW_MS, newRealm, schemeOf } from './aes-parties.ts'
import { sampleReply, sampleRequest, securityConformance } from './security.ts'

const realm = newRealm()
const foreign = newRealm()
const admin = realm.issue('client', 'admin')
const server = realm.issue('node', NODE)
const psk = (key = 'the shared key', caller = 'uid=0') => createPskScheme({ psk: key, caller, now: () => NOW_MS })
const both = (seal: SecurityScheme, accept = psk()) => createSwitchingScheme({ seal, accept: [accept] })
const requestOf = (client: SecurityScheme): Request => ({ ...sampleRequest, caller: client.callerId() })
const fails =
  (code: string, text = /./) =>
  (error: unknown) =>
    isTroupeError(error) && error.code === code && text.test(error.message)

securityConformance('aes that also accepts psk', () => ({
  client: both(schemeOf(admin, [realm])),
  node: both(schemeOf(server, [realm])),
  stranger: both(schemeOf(foreign.issue('client', 'admin'), [foreign]), psk('another key')),
  latecomer: psk(),
}))

securityConformance('psk that also accepts aes', () => ({
  client: createSwitchingScheme({ seal: psk(), accept: [schemeOf(admin, [realm])] }),
  node: createSwitchingScheme({ seal: psk(), accept: [schemeOf(server, [realm])] }),
  stranger: createSwitchingScheme({ seal: psk('another key'), accept: [schemeOf(admin, [realm])] }),
  latecomer: schemeOf(admin, [realm]),
}))

test('switching: a request is answered in the scheme it was made with, by whoever did not change yet', () => {
  const node = both(schemeOf(server, [realm]))
  for (const client of [psk(), schemeOf(admin, [realm])]) {
    const sealed = client.encodeRequest(requestOf(client))
    const opened = node.decodeRequest(sealed.bytes)
    assert.equal(opened.scheme, client.name)
    assert.equal(client.decodeReply(node.encodeReply(sampleReply, opened), () => [sealed]).sender, NODE)
  }
})

test('switching: once psk is no longer accepted, its requests are refused', () => {
  const node = createSwitchingScheme({ seal: schemeOf(server, [realm]), accept: [] })
  const { bytes } = psk().encodeRequest(requestOf(psk()))
  assert.throws(
    () => node.decodeRequest(bytes),
    fails('SECURITY_MALFORMED', /by security scheme psk, accepted are aes/),
  )
})

test('switching: a psk request cannot borrow a name that certificates prove', () => {
  const node = both(schemeOf(server, [realm]))
  const liar = psk('the shared key', 'cert=admin')
  const { bytes } = liar.encodeRequest(requestOf(liar))
  assert.throws(() => node.decodeRequest(bytes), fails('SECURITY_WRONG_NAME', /cert=admin.*psk/))
})

test('switching: a reply in psk is no answer to a request in aes', () => {
  const client = both(schemeOf(admin, [realm]))
  const sealed = client.encodeRequest(requestOf(client))
  // A stolen node reads the broadcast, has the shared key, and speaks for another.
  const opened = schemeOf(realm.issue('node', 'stolen.example.com'), [realm]).decodeRequest(sealed.bytes)
  const { certificate: _, ...stripped } = opened
  const forged = psk().encodeReply(sampleReply, { ...stripped, keyId: '00000000' })
  assert.throws(() => client.decodeReply(forged, () => [sealed]), fails('SECURITY_NOT_AWAITED'))
})

test('switching: bytes of no scheme, of unknown ones and too few are refused', () => {
  const node = both(schemeOf(server, [realm]))
  for (const bytes of [[], [0x54], [...Buffer.from('TRP\u0001'), 1, 9], [1, 2, 3, 4, 5, 6]]) {
    assert.throws(
      () => node.decodeRequest(Uint8Array.from(bytes)),
      fails('SECURITY_MALFORMED', /accepted are psk, aes/),
    )
  }
})

test('switching: name and caller id are those of the scheme it seals with', () => {
  const scheme = both(schemeOf(admin, [realm]))
  assert.deepEqual([scheme.name, scheme.callerId()], ['aes', 'cert=admin'])
})
