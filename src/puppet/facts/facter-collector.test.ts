import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FactCollector } from './fact-source.ts'
import { createFacterCollector, parseFacterJson, type RunCommand } from './facter-collector.ts'

const signal = new AbortController().signal
/** Something that can be run, so that it is found; what it answers is decided here. */
const command = process.execPath

function collectorOf(
  answer: (args: readonly string[]) => Partial<Awaited<ReturnType<RunCommand>>>,
  underlay?: FactCollector,
) {
  const calls: string[][] = []
  const run: RunCommand = async (argv) => {
    calls.push([...argv])
    return { status: 0, stdout: '', stderr: '', truncated: false, ...answer(argv.slice(1)) }
  }
  return {
    calls,
    collector: createFacterCollector({ run, command, timeoutSeconds: 30, ...(underlay ? { underlay } : {}) }),
  }
}

test('parseFacterJson: numbers keep the text they were printed with', () => {
  const facts = parseFacterJson('noise\n{"a": 23494.0, "b": 1, "c": 12345678901234567890, "d": {"e": [true, null]}}')
  assert.deepEqual(facts, { a: '23494.0', b: '1', c: '12345678901234567890', d: { e: [true, null] } })
  for (const text of ['', '[]', 'null', '{"a":', 'Usage']) assert.equal(parseFacterJson(text), undefined, text)
})

test('createFacterCollector: facts of Facter over those beneath', async () => {
  const underlay: FactCollector = {
    name: 'builtin',
    collect: async () => ({ source: 'builtin', facts: { osfamily: 'below', kernel: 'below' } }),
  }
  const { collector } = collectorOf(() => ({ stdout: '{"osfamily": "RedHat"}' }), underlay)
  const { facts, source } = await collector.collect(signal)
  assert.equal(source, 'facter')
  assert.equal(facts.osfamily, 'RedHat')
  assert.equal(facts.kernel, 'below')
})

test('createFacterCollector: a Facter that does not know an option is asked without, and only once', async () => {
  const { calls, collector } = collectorOf((args) =>
    args.includes('--show-legacy') ? { status: 1, stderr: 'invalid option: --show-legacy' } : { stdout: '{"a": "1"}' },
  )
  assert.equal((await collector.collect(signal)).facts.a, '1')
  assert.equal(calls.length, 2)
  await collector.collect(signal)
  assert.equal(calls.length, 3)
})

test('createFacterCollector: facts count in spite of a status, with a note', async () => {
  const stderr = '[2026-11-22 10:47:30 ] ERROR Facter - \u001b[31mcustom fact x failed\u001b[0m\nmore'
  const { collector } = collectorOf(() => ({ status: 1, stdout: '{"a": "1"}', stderr }))
  const { facts, notes } = await collector.collect(signal)
  assert.equal(facts.a, '1')
  assert.deepEqual(notes, ['facter left out what it could not find: Facter - custom fact x failed'])
})

test('createFacterCollector: a time-out, too much output, no facts and no program are errors', async () => {
  const rejects = (answer: Partial<Awaited<ReturnType<RunCommand>>>, pattern: RegExp) =>
    assert.rejects(collectorOf(() => answer).collector.collect(signal), pattern)
  await rejects({ status: 143, error: 'it was still running after 30 s' }, /still running after 30 s/)
  await rejects({ truncated: true, stdout: '{' }, /more than \d+ bytes/)
  await rejects({ status: 127, stderr: 'ruby: not found' }, /status 127 and no facts: ruby: not found/)
  const gone = createFacterCollector({
    run: collectorOf(() => ({})).collector as never,
    command: '/nowhere/facter',
    timeoutSeconds: 1,
  })
  assert.equal(await gone.present(), false)
  await assert.rejects(gone.collect(signal), /\/nowhere\/facter cannot be run/)
})
