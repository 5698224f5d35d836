import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { parseConfig } from './load.ts'

const consoleOf = (...lines: string[]) =>
  parseConfig(`identity = console.example.com\n${lines.join('\n')}`, '/etc/mcollective/client.cfg', 'client').console

function problemsOf(...lines: string[]): string[] {
  try {
    consoleOf(...lines)
    return []
  } catch (error) {
    assert.ok(isTroupeError(error, 'CONFIG_INVALID'), String(error))
    return (error.details.problems as { message: string }[]).map(({ message }) => message)
  }
}

test('web console: without a setting it listens on this machine alone, over TLS, and keeps things below statedir', () => {
  const settings = consoleOf('statedir = /srv/state')
  assert.deepEqual(settings.listen, { host: '127.0.0.1', port: 4433 })
  assert.deepEqual(
    [settings.tls, settings.directory, settings.store.url, settings.names],
    [true, '/srv/state/console', 'sqlite:/srv/state/console/console.db', ['console.example.com']],
  )
  assert.deepEqual([settings.oidc, settings.trustedProxies, settings.liveManagement], [undefined, [], true])
  assert.equal(settings.aesAuthorityKeyFile, '/etc/mcollective/aes/authority.key')
})

test('web console: what is of no use alone, or would be open to listeners, is refused', () => {
  assert.match(
    problemsOf('console.tls.cert = /a.pem').join(),
    /console\.tls\.cert is set, but console\.tls\.key is not/,
  )
  assert.match(
    problemsOf('console.listen = [::]:4433', 'console.tls = 0').join(),
    /without HTTPS it may listen on 127\.0\.0\.1 alone/,
  )
  assert.deepEqual(problemsOf('console.tls = 0'), [])
  for (const url of [
    'console.example.com',
    'https://console.example.com/troupe',
    'ftp://x',
    'https://a:b@x',
    'https://x/?a',
  ]) {
    assert.match(problemsOf(`console.url = ${url}`).join(), /console\.url must be like/, url)
  }
  assert.equal(consoleOf('console.url = https://console.example.com/').url, 'https://console.example.com')
})

test('web console: an OpenID provider takes HTTPS, a client id and somebody who may sign in', () => {
  const whole = [
    'console.oidc.issuer = https://sso.example.com',
    'console.oidc.client_id = troupe',
    'console.oidc.viewers = *',
  ]
  assert.deepEqual(problemsOf(...whole), [])
  assert.deepEqual(consoleOf(...whole).oidc?.viewers, ['*'])
  assert.match(problemsOf(whole[0]!, whole[2]!).join(), /client_id is not/)
  assert.match(problemsOf(whole[0]!, whole[1]!).join(), /nobody could sign in/)
  assert.match(problemsOf('console.oidc.issuer = http://sso.example.com', ...whole.slice(1)).join(), /https:\/\//)
  assert.deepEqual(problemsOf('console.oidc.issuer = http://127.0.0.1:9000', ...whole.slice(1)), [])
})
