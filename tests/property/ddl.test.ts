// DDLs from anybody: whatever the text, an answer or a DDL_ error, in bounded time; what was read survives JSON; values print as one
// would read them again.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '#base/errors.ts'
import type { Value } from '#message/request.ts'
import type { AgentDdl, InputDdl, OutputDdl } from '#rpc/ddl/ddl.ts'
import { renderDdl } from '#rpc/ddl/doc.ts'
import { ddlFromJson, ddlToJson } from '#rpc/ddl/json.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { typesFromDdl } from '#rpc/ddl/types.ts'
import { prettyInspect, rubyInspect } from '#rpc/inspect.ts'
import { formatPrintf } from '#rpc/printf.ts'
import { checkInputs } from '#rpc/validate/check-inputs.ts'

const FIXTURES = new URL('../fixtures/ddl/', import.meta.url)
const AGENT = { kind: 'agent', name: 'x', file: 'agent/x.ddl', version: '3.0.0' } as const
const REAL = ['debian/agent/rpcutil.ddl', 'made/loops.ddl', 'made/spellings.ddl'].map((file) =>
  readFileSync(new URL(file, FIXTURES), 'utf8'),
)

/** True when it was read; false for a DDL_ error; anything else is thrown on. */
function reads(text: string): boolean {
  try {
    const ddl = parseDdl(text, AGENT)
    renderDdl(ddl)
    typesFromDdl(ddl)
    return true
  } catch (error) {
    if (isTroupeError(error) && error.code.startsWith('DDL_')) return false
    throw error
  }
}

const word = fc.constantFrom(
  ...'metadata requires usage action dataquery discovery display input output summarize aggregate capabilities do end if unless else elsif true false nil each x'.split(
    ' ',
  ),
  ...':name :type :string => == != , . ( ) [ ] { } | " \' # #{ } / <<-A A \n ; 1 2.5 -3 "text" \'t\' /re/ .each .capitalize .gsub("a","b") |x| \\ =begin =end __END__ \u0000 é'.split(
    ' ',
  ),
  '\n',
)

describe('parseDdl on any text', () => {
  it('parseDdl gives DDL_ errors only for arbitrary text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void reads(text)),
      { numRuns: 500 },
    )
  })

  it('parseDdl gives DDL_ errors only for words of the language in any order', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => void reads(words.join(' '))),
      { numRuns: 2000 },
    )
  })

  it('parseDdl gives DDL_ errors only for real files with a piece cut out, doubled or replaced', () => {
    const edit = fc.record({
      file: fc.constantFrom(...REAL),
      at: fc.nat(),
      length: fc.nat(40),
      put: fc.oneof(word, fc.string()),
    })
    let read = 0
    fc.assert(
      fc.property(edit, ({ file, at, length, put }) => {
        const from = at % file.length
        if (reads(file.slice(0, from) + put + file.slice(from + length))) read++
      }),
      { numRuns: 500 },
    )
    assert.ok(read > 0, 'some edits leave a DDL')
  })
})

const fieldName = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,12}$/)
  .filter((name) => name !== '__proto__' && name !== 'process_results')
const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.double({ noNaN: true, min: -1e15, max: 1e15 }).map((n) => n + 0),
)
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), scalar, { maxKeys: 3, noNullPrototype: true }),
)

const input: fc.Arbitrary<InputDdl> = fc
  .record({ name: fieldName, prompt: fc.string(), description: fc.string(), optional: fc.boolean() })
  .chain((base) =>
    fc.oneof(
      fc
        .record({
          maxlength: fc.nat(),
          validation: fc.oneof(
            fc.string().map((source) => ({ kind: 'regex' as const, source })),
            fc.constantFrom('shellsafe', 'site').map((name) => ({ kind: 'validator' as const, name })),
            fc.array(fc.string(), { minLength: 1 }).map((values) => ({ kind: 'list' as const, values })),
          ),
        })
        .map((more) => ({ ...base, type: 'string' as const, ...more })),
      fc.array(scalar, { minLength: 1 }).map((list) => ({ ...base, type: 'list' as const, list })),
      fc
        .record({ type: fc.constantFrom('boolean', 'integer', 'any'), default: scalar })
        .map((more) => ({ ...base, ...more }) as InputDdl),
    ),
  )
const output: fc.Arbitrary<OutputDdl> = fc
  .record({
    name: fieldName,
    description: fc.string(),
    displayAs: fc.string(),
    default: fc.option(value, { nil: undefined }),
  })
  .map(({ default: given, ...rest }) => (given === undefined ? rest : { ...rest, default: given }))
const agent: fc.Arbitrary<AgentDdl> = fc
  .record({
    texts: fc.array(fc.string(), { minLength: 6, maxLength: 6 }),
    timeoutSeconds: fc.nat(86_400),
    usage: fc.option(fc.string(), { nil: undefined }),
    actions: fc.uniqueArray(
      fc.record({
        name: fieldName,
        description: fc.string(),
        display: fc.constantFrom('ok', 'failed', 'always', 'flatten'),
        inputs: fc.uniqueArray(input, { maxLength: 4, selector: ({ name }) => name }),
        outputs: fc.uniqueArray(output, { maxLength: 4, selector: ({ name }) => name }),
        aggregates: fc.array(
          fc.record({
            function: fieldName,
            output: fieldName,
            arguments: fc.dictionary(fc.stringMatching(/^[a-e]{1,5}$/), fc.string(), { noNullPrototype: true }),
          }),
          { maxLength: 2 },
        ),
      }),
      { maxLength: 3, selector: ({ name }) => name },
    ),
  })
  .map(({ texts, timeoutSeconds, usage, actions }) => {
    const [name = '', description = '', author = '', license = '', version = '', url = ''] = texts
    const metadata = { name, description, author, license, version, url, timeoutSeconds }
    return { kind: 'agent', name: 'x', metadata, ...(usage === undefined ? {} : { usage }), actions } as AgentDdl
  })

/** A DDL as one would write it by hand in Ruby. */
function asRuby(ddl: AgentDdl): string {
  const text = (s: string): string => `'${s.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const ruby = (v: Value): string => {
    if (typeof v === 'string') return text(v)
    if (v === null) return 'nil'
    if (typeof v !== 'object') return String(v)
    if (Array.isArray(v)) return `[${v.map(ruby).join(', ')}]`
    return `{${Object.entries(v)
      .map(([key, item]) => `:${key} => ${ruby(item)}`)
      .join(', ')}}`
  }
  const { timeoutSeconds, ...meta } = ddl.metadata
  const pairs = (given: object): string =>
    Object.entries(given)
      .map(([key, v]) => `:${key} => ${ruby(v as Value)}`)
      .join(', ')
  const validation = (i: InputDdl): string => {
    if (i.validation === undefined) return ''
    if (i.validation.kind === 'regex') return `, :validation => ${text(i.validation.source)}`
    return `, :validation => ${i.validation.kind === 'validator' ? `:${i.validation.name}` : ruby(i.validation.values)}`
  }
  const inputOf = ({ name, type, validation: _, ...rest }: InputDdl, i: InputDdl): string =>
    `input ${text(name)}, :type => :${type}, ${pairs(rest)}${validation(i)}`
  const body = ddl.actions.map((a) =>
    [
      `action ${text(a.name)}, :description => ${text(a.description)} do`,
      `display :${a.display}`,
      ...a.inputs.map((i) => inputOf(i, i)),
      ...a.outputs.map(
        ({ name, displayAs, ...rest }) => `output ${text(name)}, ${pairs({ ...rest, display_as: displayAs })}`,
      ),
      'summarize do',
      ...a.aggregates
        .filter((g) => /^\w+$/.test(g.function))
        .map((g) => `aggregate ${g.function}(${text(g.output)}, {${pairs(g.arguments)}})`),
      'end',
      'end',
    ].join('\n'),
  )
  return [
    `metadata ${pairs(meta)}, :timeout => ${timeoutSeconds}`,
    ...(ddl.usage === undefined ? [] : [`usage ${text(ddl.usage)}`]),
    ...body,
  ].join('\n')
}

/** Ruby cannot write \r\n or a function name with a dash the way they are here; numbers in exponents read the same. */
function writable(ddl: AgentDdl): boolean {
  const reserved = /^(?:if|unless|else|elsif|end|do|then|not|and|or|while|until)$/
  return (
    !JSON.stringify(ddl).includes('\\r\\n') &&
    ddl.actions.every((a) => a.aggregates.every((g) => /^\w+$/.test(g.function) && !reserved.test(g.function)))
  )
}

describe('DDLs through their written forms', () => {
  it('ddlFromJson reads what ddlToJson writes', () => {
    fc.assert(
      fc.property(agent, (ddl) => {
        const again = ddlFromJson(ddlToJson(ddl), AGENT)
        assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(ddl)))
      }),
      { numRuns: 200 },
    )
  })

  it('parseDdl reads what is written in Ruby', () => {
    fc.assert(
      fc.property(agent.filter(writable), (ddl) => {
        const again = parseDdl(asRuby(ddl), AGENT)
        assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(ddl)))
      }),
      { numRuns: 200 },
    )
  })

  it('checkInputs gives DDL_ errors only, whatever the DDL and the inputs', () => {
    fc.assert(
      fc.property(input, fc.jsonValue(), (declared, given) => {
        const action = {
          name: 'a',
          description: '',
          display: 'ok',
          inputs: [declared],
          outputs: [],
          aggregates: [],
        } as const
        try {
          checkInputs(action, 'x', { [declared.name]: given as Value })
        } catch (error) {
          assert.ok(isTroupeError(error, 'DDL_INVALID_INPUT'), String(error))
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('printing of any value', () => {
  it('prettyInspect is rubyInspect with line breaks, and neither lets control characters through', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (given) => {
        const [line, pretty] = [rubyInspect(given as Value), prettyInspect(given as Value)]
        assert.doesNotMatch(line, /\p{Cc}|\p{Cf}/u)
        assert.doesNotMatch(pretty, /[^\P{Cc}\n]|\p{Cf}/u)
        assert.equal(pretty.replace(/=>\n +/g, '=>').replace(/,\n +/g, ', '), line)
      }),
      { numRuns: 300 },
    )
  })

  it('formatPrintf gives DDL_BAD_FORMAT only', () => {
    const piece = fc.oneof(
      fc.constantFrom('%', '%s', '%d', '%5.2f', '%-3x', '%<a>s', '%{a}', '%1$s', '0', '9', '.', '#', '%g', '%e'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.array(fc.jsonValue(), { maxLength: 4 }), (pieces, values) => {
        try {
          formatPrintf(pieces.join(''), values as Value[], { a: (values[0] as Value) ?? null })
        } catch (error) {
          assert.ok(isTroupeError(error, 'DDL_BAD_FORMAT'), String(error))
        }
      }),
      { numRuns: 1000 },
    )
  })
})
