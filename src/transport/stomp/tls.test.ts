import assert from 'node:assert/strict'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { describeTlsFailure, secureContextOf, tlsConnectOptions } from './tls.ts'

test('secureContextOf: one context per settings object, however many connectors use it', () => {
  const settings = {}
  assert.equal(secureContextOf(settings), secureContextOf(settings))
  assert.notEqual(secureContextOf(settings), secureContextOf({}))
})

test('secureContextOf: settings of no use are TRANSPORT_TLS', () => {
  for (const settings of [{ cert: 'x' }, { key: 'x' }, { ciphers: 'NO-SUCH-CIPHER' }]) {
    assert.throws(
      () => secureContextOf(settings),
      (error) => isTroupeError(error, 'TRANSPORT_TLS'),
    )
  }
})

test('tlsConnectOptions: verification is on unless verify is none; SNI for names, not for addresses [wire 1.6] [B-020]', () => {
  assert.equal(tlsConnectOptions({}, 'broker.example.com', undefined).rejectUnauthorized, true)
  assert.equal(tlsConnectOptions({ verify: 'host' }, 'broker.example.com', undefined).rejectUnauthorized, true)
  assert.equal(tlsConnectOptions({ verify: 'none' }, 'broker.example.com', undefined).rejectUnauthorized, false)
  assert.equal(tlsConnectOptions({}, 'broker.example.com', undefined).servername, 'broker.example.com')
  for (const address of ['192.0.2.1', '2001:db8::1']) {
    assert.equal(tlsConnectOptions({}, address, undefined).servername, undefined)
  }
})

test('describeTlsFailure: certificates, negotiation and everything else are told apart', () => {
  const of = (code: string) => describeTlsFailure('stomp+tls://b:1', Object.assign(new Error('text'), { code }))
  assert.equal(of('ERR_TLS_CERT_ALTNAME_INVALID')?.code, 'TRANSPORT_CERTIFICATE')
  assert.equal(of('SELF_SIGNED_CERT_IN_CHAIN')?.code, 'TRANSPORT_CERTIFICATE')
  assert.equal(of('CERT_HAS_EXPIRED')?.code, 'TRANSPORT_CERTIFICATE')
  assert.equal(of('ERR_SSL_WRONG_VERSION_NUMBER')?.code, 'TRANSPORT_TLS')
  assert.match(of('ERR_SSL_WRONG_VERSION_NUMBER')!.message, /plain STOMP/)
  assert.equal(of('ECONNREFUSED'), undefined)
})
