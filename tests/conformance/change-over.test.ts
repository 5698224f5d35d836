// A live fleet goes from psk to aes in the steps of docs/security.md, and every node answers every client all the way. [R-012, B-018]

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { newRequestId } from '#base/id.ts'
import { agentDdl, startTestNode } from '#daemon/test-node.ts'
import { EMPTY_FILTER } from '#message/filter.ts'
import { createPskScheme } from '#security/psk.ts'
import type { SecurityScheme } from '#security/security.ts'
import { createSwitchingScheme } from '#security/switching.ts'
import { createMemoryBus } from '#transport/memory.ts'
import { NOW_MS, newRealm, schemeOf } from './aes-parties.ts'

const NAMES = ['keeper.example.com', 'web1.example.com', 'web2.example.com']
const realm = newRealm()
const nodeKeys = new Map(NAMES.map((name) => [name, realm.issue('node', name)]))
const psk = (): SecurityScheme => createPskScheme({ psk: 'the shared key', caller: 'uid=0', now: () => NOW_MS })
const aes = (name: string): SecurityScheme => schemeOf(nodeKeys.get(name)!, [realm])
const both = (name: string): SecurityScheme => createSwitchingScheme({ seal: aes(name), accept: [psk()] })

test('from psk to aes: every node answers every client after every single restart, and registers', async () => {
  const clock = new ManualClock(NOW_MS)
  const bus = createMemoryBus({ clock })
  const running = new Map<string, Awaited<ReturnType<typeof startTestNode>>>()
  const registered = new Set<string>()

  const restart = async (name: string, security: SecurityScheme): Promise<void> => {
    await running.get(name)?.stop()
    const registration = { intervalSeconds: 300, collective: 'mcollective', splay: false }
    const node = await startTestNode({
      clock,
      agents: { echo: { ddl: agentDdl('echo', ['say']), actions: { say: () => ({}) } } },
      settings: { identity: name, registration },
      daemon: {
        ...{ connector: bus.connector({ identity: name }), security },
        ...(name === NAMES[0] ? { onRegistration: ({ sender }) => registered.add(sender) } : {}),
      },
    })
    running.set(name, node)
    await node.settle()
  }

  /** Who answers a client of this scheme. */
  const answering = async (client: SecurityScheme): Promise<string[]> => {
    const connector = bus.connector({ identity: 'client.example.com' })
    await connector.connect()
    const replyTo = connector.replyAddress('mcollective')
    const request = {
      ...{ id: newRequestId(), agent: 'echo', collective: 'mcollective', sender: 'client.example.com' },
      ...{ caller: client.callerId(), filter: EMPTY_FILTER, sentAtMs: clock.now(), ttlSeconds: 60, replyTo },
      body: { kind: 'rpc', action: 'say', data: {}, processResults: true },
    } as const
    const sealed = client.encodeRequest(request)
    const senders: string[] = []
    connector.subscribe({ kind: 'reply', address: replyTo }, ({ bytes }) => {
      senders.push(client.decodeReply(bytes, () => [sealed]).sender)
    })
    await connector.publish({ kind: 'broadcast', collective: 'mcollective', agent: 'echo' }, sealed.bytes, {
      ttlMs: 1000,
    })
    await running.get(NAMES[0]!)!.settle()
    await connector.disconnect()
    return senders.sort()
  }

  for (const name of NAMES) await restart(name, psk())
  assert.deepEqual(await answering(psk()), NAMES)

  for (const name of NAMES) {
    registered.clear()
    await restart(name, both(name))
    assert.deepEqual(await answering(psk()), NAMES, `psk, after ${name} accepts both`)
    assert.ok(registered.has(name), `${name} registered`)
  }

  const admin = schemeOf(realm.issue('client', 'admin'), [realm])
  for (const name of NAMES) {
    assert.deepEqual(await answering(admin), NAMES, `aes, before ${name} accepts aes alone`)
    registered.clear()
    await restart(name, aes(name))
    assert.ok(registered.has(name), `${name} registered`)
  }
  assert.deepEqual(await answering(admin), NAMES)
  assert.deepEqual(await answering(psk()), [])
  for (const node of running.values()) await node.stop()
})
