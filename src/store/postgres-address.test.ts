import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { postgresAddress } from './postgres-address.ts'

test('postgresAddress: the parts of a url', () => {
  const { where, config } = postgresAddress({ url: 'postgres://al%40ice:p%2Fw@db.example.com:6543/tr%20oupe' })
  const { host, port, database, user, password } = config
  assert.deepEqual([host, port, database, user, password], ['db.example.com', 6543, 'tr oupe', 'al@ice', 'p/w'])
  assert.equal(where, 'the PostgreSQL database tr oupe at db.example.com:6543')
})

test('postgresAddress: a password that is given apart goes before that of the url', () => {
  assert.equal(postgresAddress({ url: 'postgres://a:b@h/d', password: 'c' }).config.password, 'c')
})

test('postgresAddress: certificates are verified unless the server is this machine or the url says otherwise', () => {
  const ssl = (url: string, tls?: { ca: string }): unknown => postgresAddress(tls ? { url, tls } : { url }).config.ssl
  assert.deepEqual(ssl('postgres://db.example.com/d'), { rejectUnauthorized: true })
  assert.deepEqual(ssl('postgres://db.example.com/d?sslmode=require'), { rejectUnauthorized: false })
  assert.equal(ssl('postgres://db.example.com/d?sslmode=disable'), false)
  assert.equal(ssl('postgres://127.0.0.1/d'), false)
  assert.equal(ssl('postgres://[::1]/d'), false)
  assert.equal(ssl('postgres:///d?host=/run/postgresql'), false)
  assert.deepEqual(ssl('postgres://localhost/d', { ca: 'PEM' }), { rejectUnauthorized: true, ca: 'PEM' })
})

test('postgresAddress: what cannot be is refused without showing the password', () => {
  for (const url of [
    ...['postgres://u:s3cret@h', 'postgres://u:s3cret@', 'postgres://u:s3cret@h:99999/d', 'postgres://u:s3cret%zz@h/d'],
    ...['postgres://u:s3cret@h/d?sslmode=prefer', 'postgres://u:s3cret@h/d?passwrd=s3cret', 'postgres:///d'],
    'postgres://u:s3cret@h/d?port=none',
  ]) {
    assert.throws(
      () => postgresAddress({ url }),
      (error) => {
        assert.ok(isTroupeError(error, 'CONFIG_INVALID'), url)
        assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes('s3cret'), url)
        return true
      },
    )
  }
})
