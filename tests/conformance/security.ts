// What every security scheme must do, whatever its bytes look like. A scheme's test file calls `securityConformance` with factories;
// deviations are declared there, each with a reason. [R-008, R-011, B-019]

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '#base/errors.ts'
import type { Reply } from '#message/reply.ts'
import type { Request, Value } from '#message/request.ts'
import type { SecurityScheme } from '#security/security.ts'

export interface SchemePair {
  /** A scheme in the role of a client, and one in the role of a node that trusts it. */
  readonly client: SecurityScheme
  readonly node: SecurityScheme
  /** A client that is not trusted (another key), and one that still uses the key before the current one. */
  readonly stranger: SecurityScheme
  readonly latecomer: SecurityScheme
}

export const sampleRequest: Request = {
  id: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d',
  agent: 'service',
  collective: 'mcollective',
  sender: 'puppetmaster.example.com',
  caller: 'uid=0',
  filter: {
    facts: [{ fact: 'osfamily', operator: '==', value: 'RedHat' }],
    classes: ['/^role::/'],
    agents: ['service'],
    identities: [],
    compounds: [[{ kind: 'not' }, { kind: 'class', class: 'ntp' }]],
  },
  sentAtMs: 1_795_324_648_123,
  ttlSeconds: 60,
  replyTo: '/queue/mcollective.reply.puppetmaster.example.com_4711.1',
  body: {
    kind: 'rpc',
    action: 'restart',
    data: { service: 'sshd', text: 'Grüße \u0000 \u2028', n: -1.5 },
    processResults: true,
  },
}

export const sampleReply: Reply = {
  requestId: sampleRequest.id,
  sender: 'agent.example.com',
  agent: 'service',
  sentAtMs: 1_795_324_648_321,
  body: { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: { status: 'running' } },
}

/** The sample in the name of who sends it. */
const requestOf = (client: SecurityScheme): Request => ({ ...sampleRequest, caller: client.callerId() })

const isSecurityError = (error: unknown): boolean =>
  isTroupeError(error) && (error.code.startsWith('SECURITY_') || error.code === 'MESSAGE_INVALID')

export function securityConformance(name: string, make: () => SchemePair): void {
  test(`${name}: a request and its reply arrive as they were sent`, () => {
    const { client, node } = make()
    const sealed = client.encodeRequest(requestOf(client))
    const opened = node.decodeRequest(sealed.bytes)
    assert.deepEqual(opened.request, requestOf(client))
    assert.equal(opened.proof, sealed.proof)
    const reply = client.decodeReply(node.encodeReply(sampleReply, opened), () => [sealed])
    assert.deepEqual(reply, sampleReply)
    for (const body of [
      { kind: 'progress', text: 'half of it', percent: 50 } as const,
      { kind: 'text', text: 'pong' } as const,
    ]) {
      const sent = { ...sampleReply, body }
      assert.deepEqual(
        client.decodeReply(node.encodeReply(sent, opened), () => [sealed]),
        sent,
      )
    }
  })

  test(`${name}: what a node says while it works is bound to its request as a reply is`, () => {
    const { client, node } = make()
    const mine = client.encodeRequest(requestOf(client))
    const other = client.encodeRequest({ ...requestOf(client), sentAtMs: sampleRequest.sentAtMs + 1 })
    const body = { kind: 'progress', text: 'half of it' } as const
    const said = node.encodeReply({ ...sampleReply, body }, node.decodeRequest(other.bytes))
    assert.throws(() => client.decodeReply(said, () => [mine]), { code: 'SECURITY_NOT_AWAITED' })
    const changed = Uint8Array.from(said)
    const at = changed.length - 60
    changed[at] = (changed[at] as number) ^ 1
    assert.throws(() => client.decodeReply(changed, () => [other]), isSecurityError)
  })

  test(`${name}: what is too deep to be read by anybody is not sent`, () => {
    const { client, node } = make()
    const opened = node.decodeRequest(client.encodeRequest(requestOf(client)).bytes)
    for (const levels of [70, 20_000]) {
      let deep: Value = 0
      for (let i = 0; i < levels; i++) deep = [deep]
      const body = { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: { deep } } as const
      const invalid = { code: 'MESSAGE_INVALID' }
      assert.throws(() => node.encodeReply({ ...sampleReply, body }, opened), invalid)
      const call = { kind: 'rpc', action: 'x', data: { deep }, processResults: true } as const
      assert.throws(() => client.encodeRequest({ ...requestOf(client), body: call }), invalid)
    }
  })

  test(`${name}: every single changed byte of a request is noticed`, () => {
    const { client, node } = make()
    const { bytes } = client.encodeRequest(requestOf(client))
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes)
      changed[i] = (changed[i] as number) ^ (1 << (i % 8))
      assert.throws(() => node.decodeRequest(changed), isSecurityError, `byte ${i}`)
    }
  })

  test(`${name}: every single changed byte of a reply is noticed`, () => {
    const { client, node } = make()
    const sealed = client.encodeRequest(requestOf(client))
    const bytes = node.encodeReply(sampleReply, node.decodeRequest(sealed.bytes))
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes)
      changed[i] = (changed[i] as number) ^ (1 << (i % 8))
      assert.throws(() => client.decodeReply(changed, () => [sealed]), isSecurityError, `byte ${i}`)
    }
  })

  test(`${name}: truncated and extended messages are refused`, () => {
    const { client, node } = make()
    const { bytes } = client.encodeRequest(requestOf(client))
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => node.decodeRequest(bytes.subarray(0, length)), isSecurityError)
    }
    assert.throws(() => node.decodeRequest(Buffer.concat([bytes, Buffer.from([0])])), isSecurityError)
  })

  test(`${name}: arbitrary bytes are refused with a security error and nothing else`, () => {
    const { client, node } = make()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.throws(() => node.decodeRequest(bytes), isSecurityError)
        assert.throws(() => client.decodeReply(bytes, () => []), isSecurityError)
      }),
    )
  })

  test(`${name}: a request cannot pass for a reply nor a reply for a request`, () => {
    const { client, node } = make()
    const sealed = client.encodeRequest(requestOf(client))
    const reply = node.encodeReply(sampleReply, node.decodeRequest(sealed.bytes))
    assert.throws(() => client.decodeReply(sealed.bytes, () => [sealed]), isSecurityError)
    assert.throws(() => node.decodeRequest(reply), isSecurityError)
  })

  test(`${name}: a message made with a key that is not trusted is refused`, () => {
    const { client, node, stranger } = make()
    assert.throws(() => node.decodeRequest(stranger.encodeRequest(requestOf(stranger)).bytes), isSecurityError)
    const sealed = client.encodeRequest(requestOf(client))
    const forged = stranger.encodeReply(sampleReply, { ...node.decodeRequest(sealed.bytes), keyId: '00000000' })
    assert.throws(() => client.decodeReply(forged, () => [sealed]), isSecurityError)
  })

  test(`${name}: a reply is bound to the exact request it answers`, () => {
    const { client, node } = make()
    const first = client.encodeRequest(requestOf(client))
    const second = client.encodeRequest({ ...requestOf(client), sentAtMs: sampleRequest.sentAtMs + 1 })
    const reply = node.encodeReply(sampleReply, node.decodeRequest(first.bytes))
    const notAwaited = (error: unknown): boolean => isTroupeError(error, 'SECURITY_NOT_AWAITED')
    assert.throws(() => client.decodeReply(reply, () => [second]), notAwaited)
    assert.throws(() => client.decodeReply(reply, () => undefined), notAwaited)
    assert.equal(client.decodeReply(reply, () => [second, first]).sender, sampleReply.sender)
  })

  test(`${name}: two requests that differ in anything have different proofs`, () => {
    const { client } = make()
    const proofs = [
      sampleRequest,
      { ...sampleRequest, caller: 'uid=1' },
      { ...sampleRequest, replyTo: null },
      { ...sampleRequest, ttlSeconds: 61 },
    ].map((request) => client.encodeRequest(request).proof)
    assert.equal(new Set(proofs).size, proofs.length)
  })

  test(`${name}: during a change of keys old and new are understood in both directions [B-018]`, () => {
    const { node, latecomer } = make()
    const sealed = latecomer.encodeRequest(requestOf(latecomer))
    const opened = node.decodeRequest(sealed.bytes)
    const reply = latecomer.decodeReply(node.encodeReply(sampleReply, opened), () => [sealed])
    assert.equal(reply.sender, sampleReply.sender)
  })
}
