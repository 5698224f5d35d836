import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSecretName, maskSecrets } from './secret-names.ts'

test('isSecretName: passwords, keys and tokens by their usual names', () => {
  for (const name of [
    'password',
    'db_passwd',
    'plugin.psk',
    'authToken',
    'api_key',
    'PrivateKey',
    'plugin.activemq.pool.1.password',
    'plugin.activemq.pool.1.ssl.key',
    'pw',
  ]) {
    assert.equal(isSecretName(name), true, name)
  }
  for (const name of ['service', 'package', 'compass', 'keeplogs', 'psychology', 'passenger', 'key']) {
    assert.equal(isSecretName(name), false, name)
  }
})

test('maskSecrets: at any depth, without touching the original', () => {
  const value = { user: 'root', list: [{ password: 'x' }], nested: { token: { deep: 1 } } }
  assert.deepEqual(maskSecrets(value), { user: 'root', list: [{ password: '*****' }], nested: { token: '*****' } })
  assert.equal(value.list[0]?.password, 'x')
})
