import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rpcCommand, runAllCommand, shellWord } from './command-line.ts'

const nodes = (...names: string[]) => ({ kind: 'nodes', nodes: names }) as const

test('rpcCommand says agent, action, inputs, nodes and roll-out', () => {
  const command = { agent: 'service', action: 'restart', inputs: { service: 'sshd', force: true, none: null } }
  assert.equal(
    rpcCommand({ ...command, target: nodes('web1') }),
    'mco rpc service restart service=sshd force=true -I web1',
  )
  const rollOut = { batch: '10%', batchSleepSeconds: 2.5, maxFailures: 1, timeoutSeconds: 29.5 }
  assert.equal(
    rpcCommand({ ...command, inputs: {}, target: { kind: 'options', words: ['-F', 'os.family=Debian'] }, rollOut }),
    'mco rpc service restart -F os.family=Debian --batch 10% --batch-sleep 2.5 --max-failures 1 --timeout 30',
  )
  assert.equal(
    rpcCommand({ ...command, inputs: {}, target: { kind: 'all' }, rollOut: { maxFailures: 1 } }),
    'mco rpc service restart',
  )
})

test('rpcCommand with a canary is two commands, of which the second needs the first to be all good', () => {
  assert.equal(
    rpcCommand({
      agent: 'a',
      action: 'b',
      inputs: {},
      target: nodes('n1', 'n2', 'n3'),
      rollOut: { canary: 1, batch: 2 },
    }),
    'mco rpc a b -I n1 --strict && mco rpc a b -I n2 -I n3 --batch 2',
  )
})

test('rpcCommand of many nodes takes them from a file', () => {
  const many = Array.from({ length: 21 }, (_, i) => `n${i}`)
  assert.equal(
    rpcCommand({ agent: 'a', action: 'b', inputs: {}, target: nodes(...many) }),
    'mco rpc a b --nodes nodes.txt',
  )
})

test('runAllCommand says the inputs of runonce as options', () => {
  assert.equal(
    runAllCommand({
      concurrency: 5,
      inputs: { tags: 'a,b', noop: true, splay: false, force: true },
      target: { kind: 'all' },
    }),
    'mco puppet runall 5 --tags a,b --noop --no-splay',
  )
})

test('shellWord quotes what a shell would read, and shows what is hidden', () => {
  assert.equal(shellWord('plain-1.2/x:y@z'), 'plain-1.2/x:y@z')
  assert.equal(shellWord(''), "''")
  assert.equal(shellWord("it's"), `'it'\\''s'`)
  assert.equal(shellWord('a=b'), 'a=b')
  assert.equal(shellWord('=b'), "'=b'")
  assert.equal(shellWord('~'), "'~'")
  assert.equal(shellWord('$(rm -rf /)'), "'$(rm -rf /)'")
  assert.equal(shellWord('a\nb'), "$'a\\x0a'$'b'")
  assert.equal(shellWord('\u202eevil'), "$'\\xe2\\x80\\xae'$'evil'")
})
