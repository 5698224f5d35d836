import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseFactsYaml } from './facts-yaml.ts'
import { createYamlCollector } from './yaml-collector.ts'

let directory: string
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'yaml-facts-'))
})
after(() => rmSync(directory, { recursive: true }))

const signal = new AbortController().signal
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function file(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

test('parseFactsYaml: values as Ruby reads them, numbers as they were written [wire 6.1]', () => {
  const text = `---
  osfamily: RedHat
  is_virtual: yes
  release: 6.10
  count: 4
  hex: 0x10
  big: 12345678901234567890
  nothing: ~
  date: 2026-11-22
  :symbol: :word
  quoted: "012"
  os: { release: { major: '9' } }
  list: [1, two]
`
  assert.deepEqual(plain(parseFactsYaml(text)), {
    osfamily: 'RedHat',
    is_virtual: 'true',
    release: '6.10',
    count: '4',
    hex: '16',
    big: '12345678901234567890',
    nothing: '',
    date: '2026-11-22',
    symbol: 'word',
    quoted: '012',
    os: { release: { major: '9' } },
    list: ['1', 'two'],
  })
})

test('parseFactsYaml: nothing, comments and a bare document start hold no facts', () => {
  for (const text of ['', '\n', '# none\n', '---\n', '\uFEFF--- \n# x\n'])
    assert.deepEqual(plain(parseFactsYaml(text)), {}, text)
})

test('parseFactsYaml: refuses foreign types, lists, broken text, bombs and depth', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
    .split('')
    .map((n, i) => `${n}: &${n} [${new Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`)
    .join('\n')}`
  const bad = [
    'a: !ruby/object:Object {}',
    '- a',
    'text',
    'a: [',
    'a: 1\na: 2',
    'a: b\n---\nc: d',
    bomb,
    `a: ${'['.repeat(10_000)}`,
  ]
  for (const text of bad) assert.throws(() => parseFactsYaml(text), Error, text.slice(0, 40))
})

test('parseFactsYaml: thousands of blank lines before something take no time worth noticing', () => {
  assert.throws(() => parseFactsYaml(`--- \n${'\n'.repeat(100_000)} ? [`), Error)
})

test('createYamlCollector: later files win, missing ones are named', async () => {
  const a = file('a.yaml', 'x: 1\nnested: {a: 1}\n')
  const b = file('b.yaml', 'nested: {b: 2}\n')
  const gone = join(directory, 'gone.yaml')
  const { facts, notes } = await createYamlCollector([a, gone, b]).collect(signal)
  assert.deepEqual(plain(facts), { x: '1', nested: { b: '2' } })
  assert.deepEqual(notes, [`${gone} does not exist`])
})

test('createYamlCollector: says file and line of what is broken', async () => {
  const broken = file('broken.yaml', 'a: 1\nb: [\n')
  await assert.rejects(createYamlCollector([broken]).collect(signal), (error: Error) =>
    error.message.startsWith(`${broken} line `),
  )
  await assert.rejects(createYamlCollector([join(directory, 'none')]).collect(signal), /no file with facts/)
  await assert.rejects(createYamlCollector([directory]).collect(signal), /not a plain file/)
})

test('createYamlCollector: changed tells a rewritten, a new and a vanished file', async () => {
  const path = join(directory, 'changing.yaml')
  const collector = createYamlCollector([path])
  assert.equal(await collector.present(), false)
  file('changing.yaml', 'a: 1\n')
  assert.equal(await collector.present(), true)
  assert.equal(await collector.changed(), true)
  await collector.collect(signal)
  assert.equal(await collector.changed(), false)
  file('changing.yaml', 'a: 22\n')
  assert.equal(await collector.changed(), true)
  await collector.collect(signal)
  rmSync(path)
  assert.equal(await collector.changed(), true)
})
