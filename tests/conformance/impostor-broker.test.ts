// What is left when the broker is not verified (`ssl.verify = none`) and somebody between node and broker poses as it; that a verified one is not
// spoken to is in stomp-faults.test.ts. docs/security.md

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { silentLog } from '#base/log.ts'
import { type Broker, createBroker } from '#broker/broker.ts'
import { CLIENT_PERMISSIONS, NODE_PERMISSIONS } from '#broker/roles.ts'
import { createPskScheme } from '#security/psk.ts'
import type { SecurityScheme } from '#security/security.ts'
import { createStompConnector } from '#transport/stomp/stomp-connector.ts'
import { NODE, NOW_MS, newRealm, schemeOf } from './aes-parties.ts'
import { Deliveries } from './deliveries.ts'
import { sampleRequest } from './security.ts'
import { createTestAuthority } from './test-certificates.ts'

const realm = newRealm()
const psk = createPskScheme({ psk: 'the shared key', caller: 'uid=0', now: () => NOW_MS })
const everything = {
  subscribe: [...NODE_PERMISSIONS.subscribe, ...CLIENT_PERMISSIONS.subscribe],
  publish: [...NODE_PERMISSIONS.publish, ...CLIENT_PERMISSIONS.publish],
}
const broadcast = { kind: 'broadcast', collective: 'mcollective', agent: 'service' } as const

describe('a broker nobody vouches for', () => {
  let impostor: Broker
  before(async () => {
    const foreign = await createTestAuthority('somebody')
    impostor = createBroker({
      listen: { host: '127.0.0.1', port: 0 },
      tls: await foreign.issue(['127.0.0.1']),
      accounts: [{ name: 'member', password: 'the password of members', permissions: everything }],
      log: silentLog,
    })
    await impostor.start()
  })
  after(() => impostor.stop({ drainMs: 100 }))

  const connector = (identity: string) => {
    const { host, port } = { host: '127.0.0.1', port: impostor.address().port }
    const login = { user: 'member', password: 'the password of members' }
    return createStompConnector({ pool: [{ host, port, ...login, tls: { verify: 'none' } }], identity, pid: 1 })
  }

  /** The bytes of a request as they pass through the impostor. */
  async function seen(client: SecurityScheme): Promise<Uint8Array> {
    const victim = connector('victim')
    const ear = connector('ear')
    const heard = new Deliveries()
    ear.subscribe(broadcast, heard.take)
    await Promise.all([ear.connect(), victim.connect()])
    // Answered after the subscription, on the same connection.
    await ear.publish({ ...broadcast, agent: 'nobody' }, Buffer.from('x'), { ttlMs: 20_000 })
    const { bytes } = client.encodeRequest({ ...sampleRequest, caller: client.callerId() })
    await victim.publish(broadcast, bytes, { ttlMs: 20_000 })
    await heard.reach(1)
    await Promise.all([ear.disconnect(), victim.disconnect()])
    return heard.list[0]!.bytes
  }

  test('verify = none: gets the login and reads psk messages, but cannot change them', async () => {
    const bytes = Buffer.from(await seen(psk))
    assert.ok(bytes.includes('restart') && bytes.includes('uid=0'))
    bytes[bytes.indexOf('restart')] = 'R'.charCodeAt(0)
    assert.throws(
      () => psk.decodeRequest(bytes),
      (error) => isTroupeError(error, 'SECURITY_BAD_MAC'),
    )
  })

  test('verify = none: gets the login, but nothing of aes messages', async () => {
    const bytes = Buffer.from(await seen(schemeOf(realm.issue('client', 'admin'), [realm])))
    assert.ok(!bytes.includes('restart') && !bytes.includes('admin'))
    assert.equal(schemeOf(realm.issue('node', NODE), [realm]).decodeRequest(bytes).request.caller, 'cert=admin')
  })
})
