import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import {
  createAuthority,
  daysLeft,
  issueClientCertificate,
  issueServerCertificate,
  reasonToRenew,
} from './certificates.ts'

const nowMs = Date.UTC(2026, 10, 22)
const DAY_MS = 86_400_000
const authority = await createAuthority('Test CA', { nowMs })
const names = ['localhost', 'puppetmaster.example.com', '127.0.0.1', '::1'] as const

test('createAuthority makes a self-signed authority of ten years', () => {
  const ca = new X509Certificate(authority.certificate)
  assert.equal(ca.ca, true)
  assert.equal(ca.subject, 'CN=Test CA')
  assert.ok(ca.verify(ca.publicKey))
  assert.equal(daysLeft(authority.certificate, nowMs), 3650)
})

test('issueServerCertificate names every host and address and serves TLS servers only', async () => {
  const server = new X509Certificate(
    (await issueServerCertificate(authority, { names: [...names], nowMs, days: 825 })).certificate,
  )
  const ca = new X509Certificate(authority.certificate)
  assert.ok(server.checkIssued(ca) && server.verify(ca.publicKey))
  assert.equal(server.ca, false)
  assert.equal(server.checkHost('puppetmaster.example.com'), 'puppetmaster.example.com')
  assert.equal(server.checkHost('other.example.com'), undefined)
  assert.equal(server.checkIP('::1'), '::1')
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1'])
})

test('issueClientCertificate has the identity as its common name and serves TLS clients only', async () => {
  const client = new X509Certificate(
    (await issueClientCertificate(authority, { identity: 'agent.example.com', nowMs, days: 825 })).certificate,
  )
  assert.equal(client.subject, 'CN=agent.example.com')
  assert.deepEqual(client.keyUsage, ['1.3.6.1.5.5.7.3.2'])
})

test('issueServerCertificate gives no certificate that outlives its authority', async () => {
  const late = nowMs + 3640 * DAY_MS
  const { certificate } = await issueServerCertificate(authority, { names: [...names], nowMs: late, days: 825 })
  assert.equal(daysLeft(certificate, late), 10)
})

test('reasonToRenew: content with a fitting certificate, and says what is wrong with others', async () => {
  const issued = await issueServerCertificate(authority, { names: [...names], nowMs, days: 60 })
  const wanted = { authority: authority.certificate, names, nowMs, daysMin: 30 }
  assert.equal(reasonToRenew(issued, wanted), undefined)
  assert.equal(reasonToRenew(issued, { ...wanted, nowMs: nowMs + 40 * DAY_MS }), 'it ends in 20 days')
  assert.equal(reasonToRenew(issued, { ...wanted, nowMs: nowMs + 70 * DAY_MS }), 'it has ended')
  assert.equal(reasonToRenew(issued, { ...wanted, names: ['x.example.com'] }), 'it does not name x.example.com')
  assert.equal(reasonToRenew({ ...issued, certificate: 'x' }, wanted), 'it cannot be read')
  const other = await createAuthority('Other CA', { nowMs })
  assert.equal(reasonToRenew(issued, { ...wanted, authority: other.certificate }), 'another authority signed it')
  assert.equal(reasonToRenew({ ...issued, key: authority.key }, wanted), 'its key belongs to another certificate')
})
