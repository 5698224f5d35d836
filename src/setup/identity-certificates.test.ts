import assert from 'node:assert/strict'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { isSignedBy, parseCertificate } from '#security/certificate.ts'
import { readAuthorities, readCertificate, readPrivateKey, readRevocations } from '#security/key-text.ts'
import {
  createIdentityAuthority,
  identityDaysLeft,
  issueGroupKey,
  issueIdentity,
  renewIdentity,
  revoke,
} from './identity-certificates.ts'

const DAY_MS = 86_400_000
const nowMs = Date.UTC(2026, 10, 22)
const authority = createIdentityAuthority()
const parse = (text: string) => parseCertificate(readCertificate(text))

test('issueIdentity: a certificate of the authority for both keys, valid from a day ago', () => {
  const { key, certificate, serial } = issueIdentity(authority.key, { role: 'node', name: 'web1.example.com', nowMs })
  const parsed = parse(certificate)
  assert.ok(isSignedBy(parsed, readAuthorities(authority.publicKey)[0]!))
  assert.deepEqual(
    [parsed.role, parsed.name, parsed.serial, parsed.notBeforeMs, parsed.notAfterMs],
    ['node', 'web1.example.com', serial, nowMs - DAY_MS, nowMs + 825 * DAY_MS],
  )
  assert.equal(identityDaysLeft(certificate, nowMs), 825)
  assert.equal(readPrivateKey(key, 'ed25519').type, 'private')
  assert.equal(readPrivateKey(key, 'x25519').type, 'private')
})

test('issueIdentity: names that no caller or node can have are refused', () => {
  for (const name of ['', 'two words', 'a=b', 'ü', 'a\n', 'x'.repeat(252)]) {
    assert.throws(
      () => issueIdentity(authority.key, { role: 'client', name, nowMs }),
      (error) => isTroupeError(error, 'SECURITY_BAD_KEY'),
    )
  }
  assert.equal(
    parse(issueIdentity(authority.key, { role: 'client', name: 'x'.repeat(251), nowMs }).certificate).name.length,
    251,
  )
})

test('issueGroupKey: the private half is in the key alone', () => {
  const { key, certificate } = issueGroupKey(authority.key, { collective: 'dev', nowMs })
  assert.equal(parse(certificate).name, 'dev')
  assert.deepEqual(parse(key), parse(certificate))
  assert.equal(readPrivateKey(key, 'x25519').type, 'private')
  assert.throws(
    () => readPrivateKey(certificate, 'x25519'),
    (error) => isTroupeError(error, 'SECURITY_BAD_KEY'),
  )
})

test('renewIdentity: same name, role and keys, another serial and end', () => {
  const first = issueIdentity(authority.key, { role: 'client', name: 'admin', nowMs })
  const second = renewIdentity(authority.key, first.certificate, { nowMs: nowMs + 800 * DAY_MS })
  const [a, b] = [parse(first.certificate), parse(second.certificate)]
  assert.deepEqual([b.name, b.role, b.ed25519, b.x25519], [a.name, a.role, a.ed25519, a.x25519])
  assert.notEqual(b.serial, a.serial)
  assert.equal(b.notAfterMs - a.notAfterMs, 800 * DAY_MS)
})

test('revoke: adds a certificate to the list once, whatever the list was', () => {
  const { certificate, serial } = issueIdentity(authority.key, { role: 'node', name: 'web1', nowMs })
  assert.equal(revoke('', certificate), `${serial} # node web1\n`)
  const list = revoke('# of 2026', certificate)
  assert.equal(list, `# of 2026\n${serial} # node web1\n`)
  assert.equal(revoke(list, certificate), list)
  assert.deepEqual([...readRevocations(list)], [serial])
  assert.throws(
    () => revoke('0123', certificate),
    (error) => isTroupeError(error, 'SECURITY_BAD_KEY') && /line 1/.test(error.message),
  )
})
