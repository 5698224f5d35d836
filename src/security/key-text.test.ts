import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import {
  privateKeyText,
  publicKeyText,
  readAuthorities,
  readCertificate,
  readPrivateKey,
  readRevocations,
} from './key-text.ts'

const signing = generateKeyPairSync('ed25519')
const encryption = generateKeyPairSync('x25519')
const fails = (text: RegExp) => (error: unknown) => isTroupeError(error, 'SECURITY_BAD_KEY') && text.test(error.message)

test('readPrivateKey: finds the key of the type among others, and says what is missing', () => {
  const text = `who knows\n${privateKeyText(signing.privateKey, encryption.privateKey)}`
  assert.ok(readPrivateKey(text, 'x25519').equals(encryption.privateKey))
  assert.ok(readPrivateKey(text, 'ed25519').equals(signing.privateKey))
  assert.throws(
    () => readPrivateKey(privateKeyText(signing.privateKey), 'x25519'),
    fails(/0 private keys of type x25519/),
  )
  assert.throws(() => readPrivateKey(`${text}${text}`, 'x25519'), fails(/2 private keys/))
})

test('readPrivateKey: a text that is broken is refused without being shown', () => {
  const text = privateKeyText(signing.privateKey)
  const secret = text.split('\n')[1]!
  for (const broken of [
    text.replace('-----END', '----'),
    text.replace(secret, secret.slice(0, 20)),
    text.slice(0, 60),
  ]) {
    assert.throws(
      () => readPrivateKey(broken, 'ed25519'),
      (error) =>
        fails(/cannot use a text with keys/)(error) && !String((error as Error).stack).includes(secret.slice(0, 20)),
    )
  }
})

test('readAuthorities: several, of type ed25519 alone', () => {
  const [one, two] = [publicKeyText(signing.publicKey), publicKeyText(generateKeyPairSync('ed25519').publicKey)]
  assert.equal(readAuthorities(`# old\n${one}# new\n${two}`).length, 2)
  assert.throws(() => readAuthorities(publicKeyText(encryption.publicKey)), fails(/of type x25519/))
  assert.throws(() => readAuthorities(''), fails(/no public key/))
})

test('readCertificate: exactly one', () => {
  assert.throws(() => readCertificate(''), fails(/0 certificates/))
  const block = '-----BEGIN TROUPE CERTIFICATE-----\nAAAA\n-----END TROUPE CERTIFICATE-----\n'
  assert.deepEqual(readCertificate(`about it\n${block}`), Buffer.alloc(3))
  assert.throws(() => readCertificate(`${block}${block}`), fails(/2 certificates/))
})

test('readRevocations: serials, comments and empty lines', () => {
  const serial = 'AB'.repeat(16)
  assert.deepEqual([...readRevocations(`# gone\n\n ${serial} # node web1\r\n`)], [serial.toLowerCase()])
  assert.throws(() => readRevocations(`\n${serial}\nweb1\n`), fails(/line 3/))
})
