// OpenSSL, the strictest reader of certificates there is, accepts ours. [R-009, B-020]

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createAuthority, issueClientCertificate, issueServerCertificate } from '../../src/setup/certificates.ts'
import { ensurePackage } from '../debian-package.ts'

const nowMs = Date.now()

ensurePackage('openssl', '/usr/bin/openssl')

test('openssl verify -x509_strict accepts server and client certificates and their purposes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-x509-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const authority = await createAuthority('Troupe CA of puppetmaster.example.com', { nowMs })
  const server = await issueServerCertificate(authority, {
    names: ['puppetmaster.example.com', '10.0.0.1'],
    nowMs,
    days: 825,
  })
  const client = await issueClientCertificate(authority, { identity: 'agent.example.com', nowMs, days: 825 })
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const ca = file('ca.pem', authority.certificate)
  const strictly = (purpose: string, certificate: string, ...more: string[]): string =>
    openssl('verify', '-x509_strict', '-CAfile', ca, '-purpose', purpose, ...more, certificate)
  const serverFile = file('server.pem', server.certificate)
  const clientFile = file('client.pem', client.certificate)
  assert.match(strictly('any', ca), /OK/)
  assert.match(strictly('sslserver', serverFile, '-verify_hostname', 'puppetmaster.example.com'), /OK/)
  assert.match(strictly('sslserver', serverFile, '-verify_ip', '10.0.0.1'), /OK/)
  assert.match(strictly('sslclient', clientFile), /OK/)
  assert.throws(() => strictly('sslclient', serverFile), /unsuitable certificate purpose/)
  assert.throws(() => strictly('sslserver', serverFile, '-verify_hostname', 'x.example.com'), /hostname mismatch/i)
  assert.match(openssl('pkey', '-check', '-noout', '-in', file('server.key', server.key)), /valid/)
})

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
