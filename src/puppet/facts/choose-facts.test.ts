import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { chooseFacts, type FactOptions } from './choose-facts.ts'

/** Rounds of the event loop that reading a small file takes at most. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 10_000 && !condition(); i++) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(condition())
}

function optionsOf(source: FactOptions['source'], yamlFile: string, clock: ManualClock, facter?: string): FactOptions {
  return {
    source,
    yamlFiles: [yamlFile],
    cacheSeconds: 300,
    facterCommand: facter ?? '/nowhere/facter',
    facterTimeoutSeconds: 30,
    run: async () => ({ status: 0, stdout: '{"from": "facter"}', stderr: '', truncated: false }),
    builtin: {
      name: 'builtin',
      collect: async () => ({ source: 'builtin', facts: { from: 'builtin', kernel: 'Linux' } }),
    },
    clock,
  }
}

test('chooseFacts: auto takes YAML files when there are any, from the moment they appear, else Facter, else its own', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'facts-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'facts.yaml')
  const stop = new AbortController()
  t.after(() => stop.abort())

  const clock = new ManualClock()
  const without = chooseFacts(optionsOf('auto', file, clock))
  await without.start(stop.signal)
  assert.equal(without.facts().from, 'builtin')

  const facter = chooseFacts(optionsOf('auto', file, clock, process.execPath))
  await facter.start(stop.signal)
  await until(() => facter.facts().from === 'facter')
  assert.equal(facter.facts().kernel, 'Linux')

  writeFileSync(file, 'from: yaml\n')
  for (const source of [without, facter]) {
    await until(() => {
      clock.advance(2_000)
      return source.facts().from === 'yaml'
    })
    assert.equal(source.facts().kernel, undefined)
  }

  const yaml = chooseFacts(optionsOf('auto', file, clock, process.execPath))
  await yaml.start(stop.signal)
  assert.equal(yaml.facts().from, 'yaml')
})

test('chooseFacts: factsource = yaml shows nothing of its own when the file is missing', async () => {
  const stop = new AbortController()
  const source = chooseFacts(optionsOf('yaml', '/nowhere/facts.yaml', new ManualClock()))
  await source.start(stop.signal)
  assert.deepEqual(Object.keys(source.facts()), [])
  assert.match(
    source.warnings()[0]!,
    /yaml failed just now \(no file with facts: \/nowhere\/facts\.yaml\); there are none/,
  )
  stop.abort()
})

test('chooseFacts: factsource = facter without Facter shows built-in facts and says so', async () => {
  const stop = new AbortController()
  const source = chooseFacts(optionsOf('facter', '/nowhere/facts.yaml', new ManualClock()))
  await source.start(stop.signal)
  await until(() => source.state().error !== undefined)
  assert.equal(source.facts().from, 'builtin')
  assert.match(
    source.warnings()[0]!,
    /facter failed just now \(\/nowhere\/facter cannot be run\); showing built-in facts of/,
  )
  stop.abort()
})
