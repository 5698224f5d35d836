// What the declarations of a DDL must hold, whatever they were written in: the checks shared by the Ruby form (declare.ts)
// and the JSON form (json.ts). Each takes names and plain values and gives a part of a Ddl. [agents 2.2, 3]

import { TroupeError } from '#base/errors.ts'
import { DDL_TIMEOUT_SECONDS_MAX, NAME_LENGTH_MAX } from '#base/limits.ts'
import type { Value } from '#message/request.ts'
import type {
  ActionDdl,
  AggregateDdl,
  Ddl,
  DiscoveryDdl,
  DisplayMode,
  InputDdl,
  InputType,
  Metadata,
  OutputDdl,
  OutputType,
  PluginKind,
  Validation,
} from './ddl.ts'
import type { Datum } from './evaluate.ts'
import { versionCompare } from './version-compare.ts'

/** Makes the error of a place: `fail('input x needs a :prompt')`. */
export type Fail = (problem: string) => TroupeError

/** The pairs of a declaration. `validation` keeps symbols, texts and regular expressions apart. */
export interface Declared {
  readonly values: ReadonlyMap<string, Value>
  readonly validation?: Datum
}

export interface ActionParts {
  readonly name: string
  readonly description: string
  display: DisplayMode
  readonly inputs: Map<string, InputDdl>
  readonly outputs: Map<string, OutputDdl>
  readonly aggregates: AggregateDdl[]
}

export type Capability = DiscoveryDdl['capabilities'][number]

const METADATA_TEXTS = ['name', 'description', 'author', 'license', 'version', 'url'] as const
const DISPLAYS: readonly DisplayMode[] = ['ok', 'failed', 'always', 'flatten']
const CAPABILITIES: readonly Capability[] = ['classes', 'facts', 'identity', 'agents', 'compound']
const INPUT_TYPES: readonly string[] = ['string', 'list', 'boolean', 'integer', 'float', 'number', 'any']
const OUTPUT_TYPES: readonly string[] = ['string', 'integer', 'float', 'number', 'boolean', 'array', 'hash', 'any']
/** Starting with a letter: a name of digits would change places in a JSON object. */
const FIELD_NAME = /^[A-Za-z_][\w.?!-]*$/
const ACTION_NAME = /^[\w.?!-]+$/

/** Text of a text, number or boolean; lists of them, as some authors write, are joined by commas. */
export function textFrom(value: Value | undefined, what: string, fail: Fail): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map((item) => textFrom(item, what, fail)).join(', ')
  throw fail(`${what} ${value === undefined ? 'is missing' : 'should be a text'}`)
}

export function declaredMetadata({ values }: Declared, fail: Fail): Metadata {
  const text = (key: string): string => {
    if (!values.has(key)) throw fail(`metadata needs a :${key} property`)
    const value = values.get(key) ?? null
    return value === null ? '' : textFrom(value, `metadata :${key}`, fail)
  }
  const [name, description, author, license, version, url] = METADATA_TEXTS.map(text) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const timeoutSeconds = Number(text('timeout').trim() || Number.NaN)
  if (!(timeoutSeconds >= 0 && timeoutSeconds <= DDL_TIMEOUT_SECONDS_MAX))
    throw fail(`metadata :timeout should be a number of seconds from 0 to ${DDL_TIMEOUT_SECONDS_MAX}`)
  return { name, description, author, license, version, url, timeoutSeconds }
}

/** `:mcollective => "2.2.1"`; throws DDL_REQUIRES when the framework is older. */
export function declaredRequirement(
  { values }: Declared,
  options: { readonly kind: PluginKind; readonly name: string; readonly version?: string },
  fail: Fail,
): string {
  for (const key of values.keys())
    if (key !== 'mcollective')
      throw fail(`requirement ${key} is not a valid requirement, only mcollective is supported`)
  const required = textFrom(values.get('mcollective'), 'requires :mcollective', fail)
  if (options.version !== undefined && versionCompare(options.version, required) < 0) {
    const kind = options.kind[0]?.toUpperCase() + options.kind.slice(1)
    throw new TroupeError(
      'DDL_REQUIRES',
      `${kind} plugin '${options.name}' requires MCollective version ${required} or newer`,
      {
        details: { required, version: options.version },
      },
    )
  }
  return required
}

export function declaredDisplay(value: Value, fail: Fail): DisplayMode {
  const mode = DISPLAYS.find((known) => known === value)
  if (!mode) throw fail(`display preference ${text(value)} is not valid, should be :ok, :failed, :flatten or :always`)
  return mode
}

export function declaredCapability(value: Value, fail: Fail): Capability {
  const capability = CAPABILITIES.find((known) => known === value)
  if (!capability)
    throw fail(
      `${text(value)} is not a valid capability, valid capabilities are :classes, :facts, :identity, :agents and :compound`,
    )
  return capability
}

export function declaredInput(name: string, declared: Declared, kind: PluginKind, fail: Fail): InputDdl {
  const { values } = declared
  checkFieldName(name, 'input', fail)
  if (name === 'process_results') throw fail('process_results is reserved and cannot be the name of an input')
  if (kind === 'data' && name !== 'query') throw fail("the only valid input name for a data query is 'query'")
  for (const key of ['prompt', 'description', 'type', ...(kind === 'data' ? [] : ['optional'])])
    if (!values.has(key)) throw fail(`input ${name} needs a :${key} property`)
  const optional = values.get('optional') ?? false
  if (typeof optional !== 'boolean') throw fail(`input ${name}: :optional should be true or false`)
  const given = values.get('default') ?? null
  return {
    name,
    prompt: textFrom(values.get('prompt'), `input ${name}: :prompt`, fail),
    description: textFrom(values.get('description'), `input ${name}: :description`, fail),
    optional,
    ...typeOf(name, declared, fail),
    ...(given === null ? {} : { default: given }),
  }
}

type TypeParts = Pick<InputDdl, 'type' | 'maxlength' | 'validation' | 'list'>

function typeOf(name: string, { values, validation }: Declared, fail: Fail): TypeParts {
  const type = values.get('type')
  if (typeof type !== 'string') throw fail(`input ${name}: :type should be one of ${INPUT_TYPES.join(', ')}`)
  // Any other symbol is the name of a validator that the value must pass. [wire 5.4]
  if (!INPUT_TYPES.includes(type)) return { type: 'any', validation: { kind: 'validator', name: type } }
  const checked = validation === undefined ? {} : { validation: validationOf(name, validation, fail) }
  if (type === 'list') {
    const list = values.get('list')
    if (list === undefined) throw fail(`input ${name} of type :list needs a :list argument`)
    if (!Array.isArray(list) || list.length === 0)
      throw fail(`input ${name}: :list should be a list of the allowed values`)
    return { type, list }
  }
  if (type === 'any') return { type, ...checked }
  if (type !== 'string') return { type: type as InputType }
  if (validation === undefined) throw fail(`input ${name} of type :string needs a :validation argument`)
  const maxlength = values.get('maxlength')
  if (maxlength === undefined) throw fail(`input ${name} of type :string needs a :maxlength argument`)
  if (!Number.isSafeInteger(maxlength) || Number(maxlength) < 0)
    throw fail(`input ${name}: :maxlength should be a number of characters, 0 for any`)
  return { type, maxlength: Number(maxlength), ...checked }
}

function validationOf(name: string, datum: Datum, fail: Fail): Validation {
  if (typeof datum === 'string') return { kind: 'regex', source: datum }
  if (datum !== null && typeof datum === 'object') {
    if (datum.kind === 'regex') return { kind: 'regex', source: datum.source }
    if (datum.kind === 'symbol') return { kind: 'validator', name: datum.name }
    if (datum.kind === 'list') return { kind: 'list', values: datum.items.map((item) => scalarOf(name, item, fail)) }
  }
  throw fail(`input ${name}: :validation should be a regular expression, a list or the name of a validator`)
}

function scalarOf(name: string, datum: Datum, fail: Fail): Value {
  if (datum === null || typeof datum !== 'object') return datum
  if (datum.kind === 'number') return datum.value
  if (datum.kind === 'symbol') return datum.name
  throw fail(`input ${name}: a :validation list holds texts and numbers`)
}

export function declaredOutput(name: string, { values }: Declared, fail: Fail): OutputDdl {
  checkFieldName(name, 'output', fail)
  for (const key of ['description', 'display_as'])
    if (!values.has(key)) throw fail(`output ${name} needs a ${key} argument`)
  const type = values.get('type')
  const given = values.get('default') ?? null
  return {
    name,
    description: textFrom(values.get('description'), `output ${name}: :description`, fail),
    displayAs: textFrom(values.get('display_as'), `output ${name}: :display_as`, fail),
    ...(typeof type === 'string' && OUTPUT_TYPES.includes(type) ? { type: type as OutputType } : {}),
    ...(given === null ? {} : { default: given }),
  }
}

/** The format may stand among the arguments of the function or after it. [agents 4] */
export function declaredAggregate(
  name: string,
  output: Value | undefined,
  given: ReadonlyMap<string, Value>,
  options: Declared,
  fail: Fail,
): AggregateDdl {
  if (typeof output !== 'string') throw fail(`${name} needs the name of an output, as in ${name}(:output)`)
  if (name.length > NAME_LENGTH_MAX || output.length > NAME_LENGTH_MAX) throw fail('a name in an aggregate is too long')
  const values = new Map(given)
  for (const [key, value] of options.values) {
    if (key !== 'format') throw fail(`aggregate takes :format after the function, not :${key}`)
    values.set(key, value)
  }
  const format = values.get('format')
  if (format !== undefined && typeof format !== 'string') throw fail(`${name}: :format should be a text`)
  values.delete('format')
  const parts: Record<string, Value> = Object.create(null)
  for (const [key, value] of values) parts[key] = value
  return { function: name, output, arguments: parts, ...(format === undefined ? {} : { format }) }
}

/** Puts a Ddl together and checks what only shows at the end. */
export function finishDdl(
  kind: PluginKind,
  common: { readonly name: string; readonly metadata: Metadata; readonly requires?: string; readonly usage?: string },
  actions: readonly ActionParts[],
  query: ActionParts | undefined,
  capabilities: readonly Capability[],
  fail: Fail,
): Ddl {
  switch (kind) {
    case 'agent':
      return { kind, ...common, actions: actions.map((parts) => actionOf(parts, fail)) }
    case 'data': {
      if (!query) throw fail('it has no dataquery')
      if (query.outputs.size === 0) throw fail('a data query needs at least one output')
      const input = query.inputs.get('query')
      const outputs = [...query.outputs.values()]
      return { kind, ...common, description: query.description, ...(input ? { query: input } : {}), outputs }
    }
    case 'discovery':
      if (capabilities.length === 0) throw fail("discovery capabilities can't be empty")
      return { kind, ...common, capabilities }
    default:
      return { kind, ...common }
  }
}

function actionOf(parts: ActionParts, fail: Fail): ActionDdl {
  if (!ACTION_NAME.test(parts.name) || parts.name.length > NAME_LENGTH_MAX || parts.name === '__proto__')
    throw fail(`'${parts.name}' cannot be the name of an action`)
  return {
    name: parts.name,
    description: parts.description,
    display: parts.display,
    inputs: [...parts.inputs.values()],
    outputs: [...parts.outputs.values()],
    aggregates: parts.aggregates,
  }
}

function checkFieldName(name: string, what: string, fail: Fail): void {
  if (!FIELD_NAME.test(name) || name.length > NAME_LENGTH_MAX || name === '__proto__')
    throw fail(
      `'${name}' cannot be the name of an ${what}: names are letters, digits, _ - . ? ! and do not start with a digit`,
    )
}

function text(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
