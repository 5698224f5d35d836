import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { DDL_BYTES_MAX } from '#base/limits.ts'
import type { PluginKind } from './ddl.ts'
import { ddlFromJson, ddlToJson } from './json.ts'
import { parseDdl, parseDdlFile } from './parse.ts'

const FIXTURES = new URL('../../../tests/fixtures/ddl/', import.meta.url)
const META = { name: 'n', description: 'd', author: 'a', license: 'l', version: '1', url: 'u', timeout: 5 }

function agent(json: unknown): unknown {
  return ddlFromJson(JSON.stringify(json), { kind: 'agent', name: 'x', file: 'x.ddl.json', version: '3.0.0' })
}

function withInput(input: object): object {
  return { metadata: META, actions: [{ action: 'a', description: 'd', input: { i: input } }] }
}

describe('DDLs as JSON [agents 2.2]', () => {
  const golden = JSON.parse(readFileSync(new URL('ruby.json', FIXTURES), 'utf8')) as Record<
    string,
    { kind: PluginKind }
  >
  for (const [file, { kind }] of Object.entries(golden)) {
    it(`ddlToJson and ddlFromJson keep everything of ${file}`, () => {
      const ddl = parseDdl(readFileSync(new URL(file, FIXTURES), 'utf8'), { kind, name: 'x', file })
      const again = parseDdlFile(ddlToJson(ddl), { kind, name: 'x', file: `${file}.json` })
      assert.equal(JSON.stringify(again), JSON.stringify(ddl))
    })
  }

  it('ddlFromJson reads a DDL written for another implementation', () => {
    const input = {
      prompt: 'p',
      description: 'd',
      type: 'string',
      default: null,
      optional: false,
      validation: 'shellsafe',
      maxlength: 3,
    }
    const ddl = ddlFromJson(
      JSON.stringify({
        $schema: 'https://example.com/agent.json',
        metadata: META,
        actions: [
          {
            action: 'a',
            description: 'd',
            display: 'always',
            input: { i: input, j: { ...input, validation: '^x$' } },
            output: { o: { description: 'd', display_as: 'O', type: 'integer' } },
            aggregate: [{ function: 'summary', args: ['o'] }],
          },
        ],
      }),
      { kind: 'agent', name: 'x', file: 'f' },
    )
    assert.deepEqual(
      ddl.actions[0]?.inputs.map((i) => i.validation),
      [
        { kind: 'validator', name: 'shellsafe' },
        { kind: 'regex', source: '^x$' },
      ],
    )
    assert.equal(ddl.actions[0]?.outputs[0]?.type, 'integer')
  })

  const refused: [unknown, RegExp][] = [
    [[], /it should be an object/],
    [{}, /it has no metadata/],
    [{ metadata: { ...META, timeout: 'x' }, actions: [] }, /metadata: metadata :timeout should be/],
    [{ metadata: META }, /it has no actions/],
    [{ metadata: META, actions: {} }, /actions: it should be a list/],
    [{ metadata: META, actions: [], extra: 1 }, /the key "extra" is unknown, allowed are \$schema, kind/],
    [{ kind: 'data', metadata: META, actions: [] }, /kind: it is "data", expected is "agent"/],
    [{ metadata: META, actions: [{ action: 'a' }] }, /actions\[0\]: description is missing/],
    [
      { metadata: META, actions: [{ action: 'a', description: 'd', display: 'x' }] },
      /actions\[0\].display: display preference x/,
    ],
    [
      { metadata: META, actions: [0, 1].map(() => ({ action: 'a', description: 'd' })) },
      /the action a is declared twice/,
    ],
    [withInput({ prompt: 'p' }), /actions\[0\].input.i: input i needs a :description/],
    [
      withInput({ prompt: 'p', description: 'd', type: 'string', optional: true, maxlength: 1, validation: {} }),
      /input.i.validation: it should be/,
    ],
    [{ ...withInput({}), requires: '4' }, /requires MCollective version 4 or newer/],
  ]
  for (const [json, message] of refused) {
    it(`ddlFromJson refuses ${JSON.stringify(json).slice(0, 60)} (${message.source})`, () => {
      assert.throws(
        () => agent(json),
        (error) => isTroupeError(error, 'DDL_INVALID', 'DDL_REQUIRES') && message.test(error.message),
      )
    })
  }

  it('ddlFromJson refuses what is no JSON, too large or too deep', () => {
    const read = (text: string): unknown => ddlFromJson(text, { kind: 'agent', name: 'x', file: 'f' })
    assert.throws(
      () => read('{'),
      (error) => isTroupeError(error, 'DDL_SYNTAX'),
    )
    assert.throws(
      () => read(' '.repeat(DDL_BYTES_MAX + 1)),
      (error) => isTroupeError(error, 'DDL_TOO_LARGE'),
    )
    assert.throws(
      () => read('['.repeat(100) + ']'.repeat(100)),
      (error) => isTroupeError(error, 'DDL_TOO_LARGE'),
    )
  })

  it('ddlFromJson does not take __proto__ for a field', () => {
    const text = JSON.stringify(withInput({})).replace('"i":', '"__proto__":')
    assert.throws(
      () => ddlFromJson(text, { kind: 'agent', name: 'x', file: 'f' }),
      (error) =>
        isTroupeError(error, 'DDL_INVALID') && /'__proto__' cannot be the name of an input/.test(error.message),
    )
  })
})
