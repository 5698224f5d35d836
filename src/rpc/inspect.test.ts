import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Value } from '#message/request.ts'
import {
  numberText,
  type Path,
  prettyInspect,
  printable,
  quoted,
  rubyInspect,
  SYMBOL_KEYS,
  symbolText,
} from './inspect.ts'

interface Case {
  value: Value
  inspect: string
  pretty: string
  symbol_inspect: string
  symbol_pretty: string
}

describe('inspect as Ruby 3.1 prints it [cli 6.3]', () => {
  const file = new URL('../../tests/fixtures/inspect/cases.json', import.meta.url)
  const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[]

  it(`rubyInspect and prettyInspect print ${cases.length} values as Ruby does`, () => {
    assert.ok(cases.length > 100)
    for (const { value, inspect, pretty, symbol_inspect, symbol_pretty } of cases) {
      assert.equal(rubyInspect(value), inspect)
      assert.equal(prettyInspect(value), pretty)
      assert.equal(rubyInspect(value, SYMBOL_KEYS), symbol_inspect)
      assert.equal(prettyInspect(value, SYMBOL_KEYS), symbol_pretty)
    }
  })

  it('prettyInspect prints the sample of the specification', () => {
    const description = 'General helpful actions that expose stats and internals to SimpleRPC clients'
    const agents = [{ agent: 'rpcutil', timeout: 10, description, version: '1.0' }]
    assert.equal(
      prettyInspect(agents, SYMBOL_KEYS),
      [
        '[{:agent=>"rpcutil",',
        '  :timeout=>10,',
        '  :description=>',
        `   "${description}",`,
        '  :version=>"1.0"}]',
      ].join('\n'),
    )
  })

  it('rubyInspect asks by path which keys and texts are symbols', () => {
    const paths: Path[] = []
    const value = { type: 'File', parameters: { ensure: 'file', list: ['a'] } }
    const text = rubyInspect(value, {
      symbolKey: (path) => path[0] === 'parameters' && path.length === 2,
      symbolValue: (path) => {
        paths.push(path)
        return path.at(-1) === 'ensure'
      },
    })
    assert.equal(text, '{"type"=>"File", "parameters"=>{:ensure=>:file, :list=>["a"]}}')
    assert.deepEqual(paths, [['type'], ['parameters', 'ensure'], ['parameters', 'list', 0]])
  })

  it('symbolText quotes what is no plain name', () => {
    assert.deepEqual(
      ['a', 'A_1', 'a?', 'a!', 'a=', '@a', '$a', 'é', 'a-b', '1a', '', 'a b', 'a?b', 'a"b'].map(symbolText),
      [':a', ':A_1', ':a?', ':a!', ':a=', ':@a', ':$a', ':é', ':"a-b"', ':"1a"', ':""', ':"a b"', ':"a?b"', ':"a\\"b"'],
    )
  })

  it('quoted and printable let no control or invisible character through', () => {
    const half = String.fromCharCode(0xd800)
    const hostile = `\x1b[2J\u202e\u200b\u0085\u009b31m\ufeff${half}\u{e0001}\r\n\t`
    assert.equal(quoted(hostile), '"\\e[2J\\u202E\\u200B\\u0085\\u009B31m\\uFEFF\\uD800\\u{E0001}\\r\\n\\t"')
    assert.equal(printable(hostile), '\\e[2J\\u202E\\u200B\\u0085\\u009B31m\\uFEFF\\uD800\\u{E0001}\\r\n\t')
    assert.equal(printable('plain é 日本 😀'), 'plain é 日本 😀')
  })

  it('numberText prints every number JSON can hold', () => {
    assert.deepEqual([0, -0, 1e21, -5, 0.1, 2 ** 53, 1e-7].map(numberText), [
      '0',
      '0',
      '1000000000000000000000',
      '-5',
      '0.1',
      '9007199254740992',
      '1.0e-07',
    ])
  })

  it('rubyInspect and prettyInspect stop at a depth', () => {
    let deep: Value = 'x'
    for (let i = 0; i < 5000; i++) deep = i % 2 ? [deep] : { a: deep }
    assert.match(rubyInspect(deep), /\{\.\.\.\}|\[\.\.\.\]/)
    assert.match(prettyInspect(deep), /\{\.\.\.\}|\[\.\.\.\]/)
  })
})
