import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isTroupeError, type TroupeError } from '#base/errors.ts'
import { DDL_BYTES_MAX, DDL_DEPTH_MAX, DDL_TIMEOUT_SECONDS_MAX } from '#base/limits.ts'
import type { AgentDdl, Ddl, InputDdl, OutputDdl, PluginKind, Validation } from './ddl.ts'
import { parseDdl } from './parse.ts'

const FIXTURES = new URL('../../../tests/fixtures/ddl/', import.meta.url)
const HEAD = `metadata :name => "n", :description => "d", :author => "a", :license => "l", :version => "1", :url => "u", :timeout => 5
`

function agent(text: string, version = '3.0.0'): AgentDdl {
  return parseDdl(HEAD + text, { kind: 'agent', name: 'x', file: 'agent/x.ddl', version })
}

function errorOf(fn: () => unknown): TroupeError {
  try {
    fn()
  } catch (error) {
    if (isTroupeError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The shape of ruby.json: what the original keeps of a DDL. */
function asRuby(ddl: Ddl): unknown {
  const { name, description, author, license, version, url, timeoutSeconds } = ddl.metadata
  return {
    kind: ddl.kind,
    meta: { name, description, author, license, version, url, timeout: timeoutSeconds },
    entities: entitiesAsRuby(ddl),
    usage: ddl.usage ?? '',
    requirements: ddl.requires === undefined ? {} : { mcollective: ddl.requires },
  }
}

function entitiesAsRuby(ddl: Ddl): unknown {
  if (ddl.kind === 'discovery') return { discovery: { capabilities: ddl.capabilities } }
  if (ddl.kind === 'data') {
    const input = ddl.query ? { query: inputAsRuby(ddl.query) } : {}
    return { data: { description: ddl.description, input, output: outputsAsRuby(ddl.outputs) } }
  }
  if (ddl.kind !== 'agent') return {}
  return Object.fromEntries(
    ddl.actions.map((action) => [
      action.name,
      {
        action: action.name,
        description: action.description,
        display: action.display,
        input: Object.fromEntries(action.inputs.map((input) => [input.name, inputAsRuby(input)])),
        output: outputsAsRuby(action.outputs),
        aggregates: action.aggregates.map((a) => ({ ...a, arguments: { ...a.arguments } })),
      },
    ]),
  )
}

function inputAsRuby(input: InputDdl): unknown {
  const { prompt, description, type, optional, maxlength, validation, list } = input
  const ofValidator = type === 'any' && validation?.kind === 'validator' ? validation.name : undefined
  return {
    prompt,
    description,
    type: ofValidator ?? type,
    optional,
    default: input.default ?? null,
    ...(maxlength === undefined ? {} : { maxlength }),
    ...(validation === undefined || ofValidator !== undefined ? {} : { validation: validationAsRuby(validation) }),
    ...(list === undefined ? {} : { list }),
  }
}

function validationAsRuby(validation: Validation): unknown {
  if (validation.kind === 'regex') return { regex: validation.source }
  return validation.kind === 'validator' ? { validator: validation.name } : { list: validation.values }
}

function outputsAsRuby(outputs: readonly OutputDdl[]): unknown {
  return Object.fromEntries(
    outputs.map((o) => [o.name, { description: o.description, display_as: o.displayAs, default: o.default ?? null }]),
  )
}

/** What the original keeps and we normalise: nil for "not optional" in data queries, metadata as it was written, formats. */
function normalized(ruby: RubyDdl): unknown {
  const meta = { ...ruby.meta, version: String(ruby.meta.version), timeout: Number(ruby.meta.timeout) }
  const entities: Record<string, unknown> = {}
  for (const [name, entity] of Object.entries(ruby.entities)) {
    const { aggregate, ...rest } = entity
    const input = Object.fromEntries(
      Object.entries(entity.input ?? {}).map(([key, value]) => [key, { ...value, optional: value.optional ?? false }]),
    )
    const aggregates = aggregate?.map(({ function: fn, args: [output, ...more], format }) => {
      const { format: inner, ...others } = Object.assign({}, ...more)
      const given = format ?? inner
      return { function: fn, output, arguments: others, ...(given === undefined ? {} : { format: given }) }
    })
    entities[name] = {
      ...rest,
      ...(entity.input ? { input } : {}),
      ...(ruby.kind === 'agent' ? { aggregates: aggregates ?? [] } : {}),
    }
  }
  return { ...ruby, meta, entities }
}

interface RubyDdl {
  kind: PluginKind
  meta: Record<string, unknown>
  entities: Record<string, { input?: Record<string, { optional?: boolean }>; aggregate?: RubyAggregate[] }>
}

interface RubyAggregate {
  function: string
  args: [string, ...Record<string, unknown>[]]
  format?: string
}

describe('parseDdl against Ruby MCollective [M-052, agents 2]', () => {
  const golden = JSON.parse(readFileSync(new URL('ruby.json', FIXTURES), 'utf8')) as Record<string, RubyDdl>
  for (const [file, ruby] of Object.entries(golden)) {
    it(`parseDdl reads ${file} as Ruby does`, () => {
      const text = readFileSync(new URL(file, FIXTURES), 'utf8')
      const ddl = parseDdl(text, { kind: ruby.kind, name: 'x', file, version: '3.0.0' })
      const ours = JSON.parse(JSON.stringify(asRuby(ddl))) as RubyDdl
      assert.deepEqual(ours, normalized(ruby))
      const names = (entities: unknown): unknown =>
        Object.entries(entities as Record<string, RubyDdl['entities'][string] & { output?: object }>).map(
          ([name, entity]) => [name, Object.keys(entity.input ?? {}), Object.keys(entity.output ?? {})],
        )
      assert.deepEqual(names(ours.entities), names(ruby.entities), 'order of declaration')
    })
  }

  it('parseDdl covers all fixtures', () => assert.equal(Object.keys(golden).length, 24))
})

describe('parseDdl refuses what is not a DDL [agents 2.1]', () => {
  const refused: [string, number, number, RegExp][] = [
    ['system("rm -rf /")', 2, 1, /found "system", allowed here: metadata, requires, usage, action/],
    ['usage `id`', 2, 7, /found "`"/],
    ['usage "#{`id`}"', 2, 10, /found "`"/],
    ['usage "#{x}"', 2, 10, /found "x"/],
    ['usage File.read("/etc/passwd")', 2, 7, /found "File"/],
    ['usage "a".send("b")', 2, 10, /found the method 'send', allowed are capitalize, upcase/],
    ['usage "a" + "b"', 2, 11, /found "\+"/],
    ['x = 1', 2, 3, /found "="/],
    ['x', 2, 1, /found "x"/],
    ['usage "#$0"', 2, 8, /only #\{\.\.\.\}/],
    ['usage "abc', 2, 7, /has no end/],
    ['usage <<-EOU\nabc\n', 2, 7, /<<EOU has no end/],
    ['=begin\nfoo', 2, 1, /=begin has no =end/],
    ['["a"].each do |x|\n', 3, 1, /found "end of file"/],
    ['["a"].each do |x, y|\nend', 2, 17, /allowed here: \|/],
    ['["a"].map do |x|\nend', 2, 6, /method 'map'/],
    ['"a".each do |x|\nend', 2, 1, /allowed here: metadata/],
    ['if true\nend', 2, 8, /allowed here: == or !=/],
    ['usage "a" if 1 == 1', 2, 11, /the end of the line or a comma/],
    ['dataquery :description => "x" do\nend', 2, 1, /at the top of agent DDLs: metadata, requires, usage, action/],
    [
      'action "a", :description => "b" do\n  usage "x"\nend',
      3,
      3,
      /in a block of action: display, input, output, summarize/,
    ],
    ['usage 010', 2, 7, /leading zeros/],
    ['usage 1x', 2, 7, /no number/],
    ['usage "\\u{110000}"', 2, 8, /not a character/],
    ['usage "a".sub(/(a|b)+/, "")', 2, 11, /without groups/],
    ['usage "a".capitalize(1)', 2, 10, /takes 0 arguments/],
    ['usage [1].upcase', 2, 11, /does not work on this value/],
    ['usage "\u0000" \u0001', 2, 11, /not part of the DDL language/],
  ]
  for (const [text, line, column, message] of refused) {
    it(`parseDdl refuses ${JSON.stringify(text)} with its place`, () => {
      const error = errorOf(() => agent(text))
      assert.equal(error.code, 'DDL_SYNTAX')
      assert.match(error.message, message)
      assert.deepEqual([error.details.line, error.details.column], [line, column], error.message)
      assert.match(error.message, new RegExp(`^cannot read agent/x.ddl line ${line} column ${column}: `))
    })
  }
})

const INPUT = ':prompt => "p", :description => "d", :optional => true'

describe('parseDdl refuses incomplete and impossible declarations [agents 2.2]', () => {
  const inAction = (text: string): string => `action "a", :description => "b" do\n${text}\nend`
  const refused: [string, RegExp][] = [
    [
      inAction('display :sometimes'),
      /line 3: display preference sometimes is not valid, should be :ok, :failed, :flatten or :always/,
    ],
    [
      inAction('input :a, :description => "d", :type => :string, :optional => true'),
      /input a needs a :prompt property/,
    ],
    [
      inAction('input :a, :prompt => "p", :description => "d", :type => :integer'),
      /input a needs a :optional property/,
    ],
    [inAction(`input :a, ${INPUT}, :type => :string`), /input a of type :string needs a :validation/],
    [
      inAction(`input :a, ${INPUT}, :type => :string, :validation => "."`),
      /input a of type :string needs a :maxlength/,
    ],
    [
      inAction(`input :a, ${INPUT}, :type => :string, :validation => ".", :maxlength => -1`),
      /:maxlength should be a number/,
    ],
    [inAction(`input :a, ${INPUT}, :type => :list`), /input a of type :list needs a :list/],
    [inAction(`input :process_results, ${INPUT}, :type => :boolean`), /process_results is reserved/],
    [inAction(`input "__proto__", ${INPUT}, :type => :boolean`), /cannot be the name of an input/],
    [inAction(`input "a b", ${INPUT}, :type => :boolean`), /'a b' cannot be the name of an input/],
    [inAction('output :a, :description => "d"'), /output a needs a display_as argument/],
    [inAction('summarize do\naggregate summary("x", 3)\nend'), /takes an output and a hash/],
    ['action "a" do\nend', /action a: :description is missing/],
    ['action "a b", :description => "c" do\nend', /'a b' cannot be the name of an action/],
    ['requires :ruby => "3"', /requirement ruby is not a valid requirement, only mcollective is supported/],
    [HEAD.replace(':timeout => 5', ':timeout => "soon"'), /:timeout should be a number of seconds/],
    [
      HEAD.replace(':timeout => 5', `:timeout => ${DDL_TIMEOUT_SECONDS_MAX + 1}`),
      /:timeout should be a number of seconds/,
    ],
    [HEAD.replace(', :timeout => 5', ''), /metadata needs a :timeout property/],
  ]
  for (const [text, message] of refused) {
    it(`parseDdl refuses ${JSON.stringify(text)}`, () => {
      const error = errorOf(() => agent(text))
      assert.equal(error.code, 'DDL_INVALID', error.message)
      assert.match(error.message, message)
    })
  }

  for (const key of ['name', 'description', 'author', 'license', 'version', 'url', 'timeout']) {
    it(`parseDdl needs :${key} in the metadata`, () => {
      const text = HEAD.replace(new RegExp(`:${key} => (?:"\\w"|5)(?:, )?`), '').replace(/, $/m, '')
      const error = errorOf(() => parseDdl(text, { kind: 'validator', name: 'x', file: 'f' }))
      assert.match(error.message, new RegExp(`metadata needs a :${key} property`))
    })
  }

  it('parseDdl needs metadata, a data query its outputs, discovery its capabilities', () => {
    const parse = (kind: PluginKind, text: string): unknown => parseDdl(text, { kind, name: 'x', file: 'f' })
    assert.match(errorOf(() => parse('agent', '')).message, /no metadata/)
    assert.match(errorOf(() => parse('data', HEAD)).message, /no dataquery/)
    assert.match(errorOf(() => parse('discovery', HEAD)).message, /capabilities can't be empty/)
    assert.match(
      errorOf(() => parse('discovery', `${HEAD}discovery do\ncapabilities :all\nend`)).message,
      /all is not a valid capability, valid capabilities are :classes, :facts, :identity, :agents and :compound/,
    )
    assert.match(
      errorOf(() => parse('data', `${HEAD}dataquery :description => "d" do\ninput :q, ${INPUT}, :type => :any\nend`))
        .message,
      /the only valid input name for a data query is 'query'/,
    )
  })
})

describe('parseDdl on versions and limits', () => {
  it('parseDdl refuses a plugin that requires a newer framework with the text of the original', () => {
    const error = errorOf(() => agent('requires :mcollective => "3.0.1"'))
    assert.equal(error.code, 'DDL_REQUIRES')
    assert.equal(error.message, "Agent plugin 'x' requires MCollective version 3.0.1 or newer")
    assert.equal(agent('requires :mcollective => "2.12.5"').requires, '2.12.5')
  })

  it('parseDdl bounds size, nesting, loops and text', () => {
    const items = `[${Array.from({ length: 200 }, (_, i) => i).join(',')}]`
    const loops = `${items}.each do |a|\n`.repeat(4) + 'end\n'.repeat(4)
    let doubled = 'usage "x"'
    for (let i = 0; i < 20; i++) {
      const [from, to] = [`v${i}`, `v${i + 1}`]
      doubled = i === 0 ? `["#{"aaaaaaaa"}"].each do |${to}|\n` : `${doubled}["#{${from}}#{${from}}"].each do |${to}|\n`
    }
    doubled += 'end\n'.repeat(20)
    const codes = {
      size: errorOf(() => agent('#'.repeat(DDL_BYTES_MAX))).code,
      loops: errorOf(() => agent(loops)).code,
      text: errorOf(() => agent(doubled)).code,
      lists: errorOf(() => agent(`usage ${'['.repeat(5000)}`)).code,
      interpolation: errorOf(() => agent(`usage ${'"#{'.repeat(DDL_DEPTH_MAX + 2)}`)).code,
      methods: errorOf(() => agent(`usage "a"${'.upcase'.repeat(5000)}`)).code,
      blocks: errorOf(() => agent('if 1 == 1\n'.repeat(5000))).code,
    }
    assert.deepEqual(codes, {
      size: 'DDL_TOO_LARGE',
      loops: 'DDL_TOO_LARGE',
      text: 'DDL_TOO_LARGE',
      lists: 'DDL_SYNTAX',
      interpolation: 'DDL_SYNTAX',
      methods: 'DDL_SYNTAX',
      blocks: 'DDL_SYNTAX',
    })
  })

  it('parseDdl reads files with a byte order mark and CRLF', () => {
    const text = `\uFEFF${HEAD}usage <<-EOU\n  a\n  EOU\n`.replaceAll('\n', '\r\n')
    assert.equal(parseDdl(text, { kind: 'validator', name: 'x', file: 'f' }).usage, '  a\n')
  })
})
