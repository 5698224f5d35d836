import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern, fits } from './permissions.ts'

const yes = (pattern: string, destination: string): void =>
  assert.equal(fits(compilePattern(pattern), destination), true, `${pattern} ${destination}`)
const no = (pattern: string, destination: string): void =>
  assert.equal(fits(compilePattern(pattern), destination), false, `${pattern} ${destination}`)

test('fits takes * for exactly one part and > for one or more at the end', () => {
  yes('/topic/*.*.agent', '/topic/mcollective.rpcutil.agent')
  no('/topic/*.*.agent', '/topic/mcollective.a.b.agent')
  no('/topic/*.*.agent', '/topic/mcollective.agent')
  no('/topic/*.*.agent', '/topic/mcollective.rpcutil.agent.x')
  no('/topic/*.*.agent', '/topic/mcollective.rpcutil.agents')
  no('/topic/*.*.agent', '/topic/..agent')
  yes('/queue/*.reply.>', '/queue/mcollective.reply.host.example.com_1.2')
  yes('/queue/*.reply.>', '/queue/mcollective.reply.x')
  no('/queue/*.reply.>', '/queue/mcollective.reply')
  no('/queue/*.reply.>', '/queue/mcollective.reply.')
  no('/queue/*.reply.>', '/queue/mcollective.replyx.y')
  yes('/topic/>', '/topic/a')
  no('/topic/>', '/topic/')
  no('/topic/>', '/queue/a')
})

test('fits compares literal parts whole', () => {
  yes('/queue/a.b', '/queue/a.b')
  no('/queue/a.b', '/queue/a.bc')
  no('/queue/a.b', '/queue/a')
  no('/queue/a.b', '/queue/a.b.')
  no('/queue/a.b', '/queue/ab')
})

test('compilePattern refuses what would mean less or more than it seems', () => {
  for (const text of [
    '',
    'a',
    '/topic/',
    '/topic/a..b',
    '/topic/>.a',
    '/topic/a*',
    '/topic/a>',
    '/temp-queue/a',
    '/queue/**',
  ]) {
    assert.throws(() => compilePattern(text), { code: 'BROKER_CONFIG_INVALID' }, text)
  }
})
