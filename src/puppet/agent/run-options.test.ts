import assert from 'node:assert/strict'
import { test } from 'node:test'
import { elapsedText } from './elapsed-text.ts'
import { runArguments } from './run-options.ts'

test('runArguments: every option a word of its own, in the order of the original [agents 10.3]', () => {
  const all = {
    tags: 'a,b::c',
    splay: true,
    splayLimitSeconds: 30,
    noop: true,
    environment: 'testing',
    server: 'puppet.example.com:8141',
    ignoreSchedules: true,
    useCachedCatalog: false,
  }
  assert.deepEqual(
    runArguments(all, '--masterport').join(' '),
    '--tags a,b::c --splay --splaylimit 30 --noop --environment testing --server puppet.example.com --masterport 8141 --ignoreschedules --no-use_cached_catalog',
  )
  assert.deepEqual(runArguments({}, '--serverport'), [])
  assert.deepEqual(runArguments({ splay: false, splayLimitSeconds: 30 }, '--serverport'), ['--no-splay'])
})

test('runArguments: hosts, addresses and ports', () => {
  const server = (text: string) => runArguments({ server: text }, '--serverport').slice(1)
  assert.deepEqual(server('puppet'), ['puppet'])
  assert.deepEqual(server('10.0.0.1:8140'), ['10.0.0.1', '--serverport', '8140'])
  assert.deepEqual(server('2001:db8::1'), ['2001:db8::1'])
  assert.deepEqual(server('[2001:db8::1]:8140'), ['2001:db8::1', '--serverport', '8140'])
})

test('elapsedText: as the original says it', () => {
  for (const [seconds, text] of [
    [-5, '00 seconds'],
    [7, '07 seconds'],
    [161, '2 minutes 41 seconds'],
    [7507, '2 hours 5 minutes 07 seconds'],
    [86_400 + 7507, '1 day 2 hours 5 minutes 07 seconds'],
    [3 * 86_400, '3 days 0 hours 0 minutes 00 seconds'],
  ] as const)
    assert.equal(elapsedText(seconds), text)
})
