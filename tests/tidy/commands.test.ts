// Every command is complete: it loads, explains itself, its examples can be typed, and the pages made from it are those committed.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Command } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { helpScreen } from '../../src/cli/help-screen.ts'
import { optionsOf } from '../../src/cli/options.ts'
import { readOptions, splitWords } from '../../src/cli/read-options.ts'
import { commandPages } from '../../src/main/command-pages.ts'

const root = new URL('../../', import.meta.url)
const reference = readFileSync(new URL('docs/reference/commands.md', root), 'utf8')
const screens = readdirSync(new URL('tests/fixtures/screens/', root)).map((file) =>
  readFileSync(new URL(`tests/fixtures/screens/${file}`, root), 'utf8'),
)

test('commands: the table is sorted', () => {
  assert.deepEqual(Object.keys(COMMANDS), Object.keys(COMMANDS).sort())
})

for (const [name, entry] of Object.entries(COMMANDS)) {
  test(`commands: ${name} loads, explains itself, and has reference, manual and screens`, async () => {
    const command = await entry.load()
    assert.equal(command.name, name)
    assert.equal(command.summary, entry.summary)
    for (const line of command.usage) assert.ok(line.startsWith(name), `usage must begin with ${name}: ${line}`)
    const help = helpScreen(command, '3.0.0')
    assert.ok(help.includes(command.summary) && help.includes(`Usage: mco ${command.usage[0]}`))
    for (const line of help.split('\n')) assert.doesNotMatch(line, /undefined|\[object/)
    assert.ok(command.examples.length > 0, `${name} has no example`)
    for (const { type } of command.examples) checkExample(command, type)
    assert.match(reference, new RegExp(`^## ${name}$`, 'm'))
    assert.ok(existsSync(new URL(`man/mco-${name}.1`, root)), `man/mco-${name}.1 is missing`)
    assert.ok(
      screens.some((text) => text.includes(`mco ${name}`)),
      `no screen in tests/fixtures/screens shows mco ${name}`,
    )
  })

  test(`commands: options of ${name} do not hide each other`, async () => {
    const specs = optionsOf(await entry.load())
    const names = specs.flatMap((spec) => [
      spec.name,
      ...(spec.aliases ?? []),
      ...(spec.short ? [`-${spec.short}`] : []),
    ])
    const own = new Set((await entry.load()).options.map((spec) => spec.name))
    const twice = names.filter((option, i) => names.indexOf(option) !== i && !own.has(option))
    assert.deepEqual(twice, [])
  })
}

/** Every command of a pipe; what stands behind > is the shell's. */
function checkExample(command: Command, type: string): void {
  const [first = '', ...piped] = type.split(' | mco ')
  const [words] = first.split(' > ')
  const [typed, ...rest] = splitWords(words ?? '', type)
  assert.equal(typed, command.name, `an example of ${command.name} begins with it: ${type}`)
  readOptions(optionsOf(command), rest)
  for (const next of piped) assert.ok((splitWords(next, type)[0] as string) in COMMANDS, type)
}

test('commands: docs/reference/commands.md and man/ are those the program makes', async () => {
  const pages = await commandPages()
  for (const [path, text] of pages) {
    assert.equal(readFileSync(new URL(path, root), 'utf8'), text, `${path}: run node scripts/command-pages.mjs`)
  }
  const manual = readdirSync(new URL('man/', root)).filter((name) => !pages.has(`man/${name}`))
  assert.deepEqual(manual, [], 'pages of commands that are gone: run node scripts/command-pages.mjs')
})
