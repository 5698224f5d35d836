// Certificates of the aes scheme: every one that can be made reads back as it was, and no other bytes pass for it.

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '#base/errors.ts'
import { isSignedBy, parseCertificate, signCertificate } from '#security/certificate.ts'
import { certificateText, readCertificate } from '#security/key-text.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const fields = fc.record({
  role: fc.constantFrom('client' as const, 'node' as const, 'group' as const),
  name: fc.stringMatching(/^[\w.-]{1,251}$/),
  serial: fc.stringMatching(/^[0-9a-f]{32}$/),
  notBeforeMs: time,
  notAfterMs: time,
  ed25519: key,
  x25519: key,
})

test('certificate: what was signed reads back, from bytes and from text', () => {
  fc.assert(
    fc.property(fields, (given) => {
      const certificate = signCertificate(given, privateKey)
      const { bytes, authorityId, ...read } = parseCertificate(readCertificate(certificateText(certificate)))
      assert.deepEqual(
        { ...read, ed25519: [...read.ed25519], x25519: [...read.x25519] },
        {
          ...given,
          ...{ ed25519: [...given.ed25519], x25519: [...given.x25519] },
        },
      )
      assert.deepEqual([bytes, authorityId], [certificate.bytes, certificate.authorityId])
      assert.ok(isSignedBy(certificate, publicKey))
    }),
    { numRuns: 50 },
  )
})

test('certificate: changed bytes are no certificate, or not signed', () => {
  fc.assert(
    fc.property(fields, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
      const bytes = Buffer.from(signCertificate(given, privateKey).bytes)
      bytes[at % bytes.length] = bytes[at % bytes.length]! ^ change
      try {
        assert.equal(isSignedBy(parseCertificate(bytes), publicKey), false)
      } catch (error) {
        assert.ok(isTroupeError(error, 'SECURITY_BAD_KEY'), String(error))
      }
    }),
    { numRuns: 100 },
  )
})

test('certificate: arbitrary bytes are SECURITY_BAD_KEY or a certificate nobody signed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      try {
        assert.equal(isSignedBy(parseCertificate(bytes), publicKey), false)
      } catch (error) {
        assert.ok(isTroupeError(error, 'SECURITY_BAD_KEY'), String(error))
      }
    }),
  )
})
