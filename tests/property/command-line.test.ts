// The command line that the console shows for a job, read back: by a shell into words, and by the command line's own reader of options.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { puppet } from '../../src/cli/commands/puppet.ts'
import { rpc } from '../../src/cli/commands/rpc.ts'
import { optionsOf } from '../../src/cli/options.ts'
import { readOptions, splitWords } from '../../src/cli/read-options.ts'
import { rpcCommand, runAllCommand, shellLine } from '../../src/console/api/command-line.ts'
import { readNodeFilter } from '../../src/console/nodes/node-filter.ts'

const noNul = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'))
const text = fc.oneof(
  fc.string({ maxLength: 40 }).filter((one) => !one.includes('\0')),
  noNul.map((one) => one.toWellFormed()),
  fc.constantFrom(
    "it's",
    '$(id)',
    '`id`',
    '-x',
    '--yes',
    'a\nb',
    '!!',
    '~',
    '*',
    '\\',
    '"',
    "'",
    '\u001b[2J',
    '#',
    '',
    '&&',
    "\u202e'1",
  ),
)
const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/)
const node = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,10}$/)

test('shellLine: bash reads back the very words', () => {
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 50 }), (lists) => {
      const words = lists.flat()
      const printed = execFileSync('/bin/bash', ['--norc', '--noprofile', '-c', `printf '%s\\0' ${shellLine(words)}`], {
        env: { LC_ALL: 'C.UTF-8' },
      })
      assert.deepEqual(printed.toString('utf8').split('\0').slice(0, -1), words)
    }),
    { numRuns: 20 },
  )
})

const printable = text.filter((one) => !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(one))

test('rpcCommand: the reader of options finds agent, action, inputs, nodes and roll-out again', () => {
  const rollOut = fc.record(
    {
      batch: fc.integer({ min: 1, max: 500 }),
      batchSleepSeconds: fc.integer({ min: 0, max: 60 }),
      maxFailures: fc.integer({ min: 1, max: 9 }),
      timeoutSeconds: fc.integer({ min: 1, max: 600 }),
    },
    { requiredKeys: ['batch'] },
  )
  const inputs = fc.dictionary(name, fc.oneof(printable, fc.integer(), fc.boolean()), { maxKeys: 4 })
  const nodes = fc.uniqueArray(node, { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(name, name, inputs, nodes, rollOut, (agent, action, given, names, how) => {
      const line = rpcCommand({ agent, action, inputs: given, target: { kind: 'nodes', nodes: names }, rollOut: how })
      const [mco, command, ...argv] = splitWords(line, 'the line')
      assert.deepEqual([mco, command], ['mco', 'rpc'])
      const { words, options } = readOptions(optionsOf(rpc), argv)
      assert.deepEqual(words, [agent, action, ...Object.entries(given).map(([key, value]) => `${key}=${value}`)])
      assert.deepEqual(options.list('with-identity'), names)
      assert.equal(options.text('batch'), String(how.batch))
      assert.equal(options.number('batch-sleep'), how.batchSleepSeconds)
      assert.equal(options.number('timeout'), how.timeoutSeconds)
      assert.equal(options.text('max-failures'), how.maxFailures === undefined ? undefined : String(how.maxFailures))
    }),
    { numRuns: 300 },
  )
})

test('runAllCommand: the reader of options finds concurrency and inputs again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), printable, fc.boolean(), (concurrency, tags, noop) => {
      const line = runAllCommand({ concurrency, inputs: { tags, noop }, target: { kind: 'all' } })
      const { words, options } = readOptions(optionsOf(puppet), splitWords(line, 'the line').slice(2))
      assert.deepEqual(words, ['runall', String(concurrency)])
      assert.deepEqual(options.list('tags'), [tags])
      assert.equal(options.flag(noop ? 'noop' : 'no-noop'), true)
    }),
  )
})

test('readNodeFilter: its options, read by the command line, are the filter it evaluates', () => {
  const value = printable.filter((one) => one.trim() === one && one !== '' && !/[<>=!~/]/.test(one))
  const filter = fc.record({
    facts: fc.array(
      fc.tuple(name, fc.constantFrom('=', '>=', '!='), value).map((parts) => parts.join('')),
      { maxLength: 3 },
    ),
    classes: fc.array(fc.oneof(name, fc.constant('/^role/')), { maxLength: 3 }),
    agents: fc.array(name, { maxLength: 2 }),
    compound: fc.constantFrom('', 'a and not b', 'os.family=Debian or /x/'),
  })
  fc.assert(
    fc.property(filter, (given) => {
      const read = readNodeFilter(given)
      const argv = splitWords(shellLine(read.words([])), 'the line')
      const { options } = readOptions(optionsOf(rpc), argv)
      assert.deepEqual(options.list('with-fact'), given.facts)
      assert.deepEqual(options.list('with-class'), given.classes)
      assert.deepEqual(options.list('with-agent'), given.agents)
      assert.deepEqual(options.list('select'), given.compound === '' ? [] : [given.compound])
      assert.equal(read.filter.facts.length, given.facts.length)
    }),
  )
})
