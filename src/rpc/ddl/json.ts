// DDLs as JSON, for plugins written by programs and for those who do not read Ruby: `NAME.ddl.json` says the same as `NAME.ddl`
// and converts both ways. Agents written in this form for other implementations of the field (a top-level `actions` list, inputs
// and outputs as objects) read as they are. Strict: an unknown key is an error. [agents 2.2]

import { messageOf, TroupeError } from '#base/errors.ts'
import { DDL_BYTES_MAX, JSON_DEPTH_MAX } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import type {
  ActionDdl,
  AggregateDdl,
  Ddl,
  DdlOf,
  InputDdl,
  Metadata,
  OutputDdl,
  PluginKind,
  Validation,
} from './ddl.ts'
import {
  type ActionParts,
  type Declared,
  declaredAggregate,
  declaredCapability,
  declaredDisplay,
  declaredInput,
  declaredMetadata,
  declaredOutput,
  declaredRequirement,
  type Fail,
  finishDdl,
  textFrom,
} from './declarations.ts'
import type { DeclareOptions } from './declare.ts'
import type { Datum } from './evaluate.ts'

type JsonObject = { [key: string]: Value }

/** The text of a `.ddl.json` file: two blanks of indentation, a newline at the end. */
export function ddlToJson(ddl: Ddl): string {
  const { kind, metadata, requires, usage } = ddl
  const common: JsonObject = { kind, metadata: metadataToJson(metadata) }
  if (requires !== undefined) common.requires = requires
  if (usage !== undefined) common.usage = usage
  return `${JSON.stringify({ ...common, ...bodyToJson(ddl) }, null, 2)}\n`
}

function metadataToJson({ timeoutSeconds, ...texts }: Metadata): JsonObject {
  return { ...texts, timeout: timeoutSeconds }
}

function bodyToJson(ddl: Ddl): JsonObject {
  switch (ddl.kind) {
    case 'agent':
      return { actions: ddl.actions.map(actionToJson) }
    case 'data':
      return {
        description: ddl.description,
        ...(ddl.query ? { query: inputToJson(ddl.query) } : {}),
        output: fieldsToJson(ddl.outputs, outputToJson),
      }
    case 'discovery':
      return { capabilities: ddl.capabilities }
    default:
      return {}
  }
}

function actionToJson(action: ActionDdl): JsonObject {
  return {
    action: action.name,
    description: action.description,
    display: action.display,
    input: fieldsToJson(action.inputs, inputToJson),
    output: fieldsToJson(action.outputs, outputToJson),
    ...(action.aggregates.length === 0 ? {} : { aggregate: action.aggregates.map(aggregateToJson) }),
  }
}

function fieldsToJson<T extends { readonly name: string }>(
  fields: readonly T[],
  toJson: (field: T) => JsonObject,
): JsonObject {
  return Object.fromEntries(fields.map((field) => [field.name, toJson(field)]))
}

function inputToJson(input: InputDdl): JsonObject {
  const { prompt, description, type, optional, maxlength, validation, list } = input
  return {
    prompt,
    description,
    type,
    optional,
    ...(maxlength === undefined ? {} : { maxlength }),
    ...(validation === undefined ? {} : { validation: validationToJson(validation) }),
    ...(list === undefined ? {} : { list }),
    ...(input.default === undefined ? {} : { default: input.default }),
  }
}

function validationToJson(validation: Validation): Value {
  if (validation.kind === 'validator') return { validator: validation.name }
  return validation.kind === 'regex' ? { regex: validation.source } : validation.values
}

function outputToJson(output: OutputDdl): JsonObject {
  return {
    description: output.description,
    display_as: output.displayAs,
    ...(output.type === undefined ? {} : { type: output.type }),
    ...(output.default === undefined ? {} : { default: output.default }),
  }
}

function aggregateToJson(aggregate: AggregateDdl): JsonObject {
  const { function: name, output, format } = aggregate
  const more = Object.keys(aggregate.arguments).length === 0 ? [] : [aggregate.arguments]
  return { function: name, args: [output, ...more], ...(format === undefined ? {} : { format }) }
}

/**
 * Reads a `.ddl.json` file. Throws DDL_SYNTAX (no JSON), DDL_INVALID (with the path to what is wrong, e.g. `actions[0].input.fact`),
 * DDL_REQUIRES and DDL_TOO_LARGE.
 */
export function ddlFromJson<K extends PluginKind>(
  text: string,
  options: DeclareOptions & { readonly kind: K },
): DdlOf<K> {
  const { kind, file } = options
  const bytes = Buffer.byteLength(text)
  if (bytes > DDL_BYTES_MAX)
    throw new TroupeError('DDL_TOO_LARGE', `cannot read ${file}: ${bytes} bytes, at most ${DDL_BYTES_MAX} are allowed`)
  const fail =
    (path: string): Fail =>
    (problem) =>
      new TroupeError('DDL_INVALID', `cannot use ${file}: ${path === '' ? '' : `${path}: `}${problem}`, {
        details: { file, path },
      })
  const root = new Node(parseJson(text, file), '', fail)
  root.allow('$schema', 'kind', 'metadata', 'requires', 'usage', ...BODY_KEYS[kind])
  const said = root.get('kind')
  if (said !== undefined && said !== kind) throw fail('kind')(`it is ${JSON.stringify(said)}, expected is "${kind}"`)
  return fromRoot(root, options, fail) as DdlOf<K>
}

const BODY_KEYS: Readonly<Record<PluginKind, readonly string[]>> = {
  agent: ['actions'],
  data: ['description', 'query', 'output'],
  discovery: ['capabilities'],
  aggregate: [],
  validator: [],
  connector: [],
}

function parseJson(text: string, file: string): Value {
  let value: Value
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, '')) as Value
  } catch (error) {
    throw new TroupeError('DDL_SYNTAX', `cannot read ${file}: it is not JSON: ${messageOf(error)}`, { cause: error })
  }
  if (depthOf(value, 0) > JSON_DEPTH_MAX)
    throw new TroupeError('DDL_TOO_LARGE', `cannot read ${file}: it nests deeper than ${JSON_DEPTH_MAX}`)
  return value
}

function depthOf(value: Value, depth: number): number {
  if (value === null || typeof value !== 'object' || depth > JSON_DEPTH_MAX) return depth
  let deepest = depth + 1
  for (const item of Object.values(value)) deepest = Math.max(deepest, depthOf(item, depth + 1))
  return deepest
}

function fromRoot(root: Node, options: DeclareOptions, fail: (path: string) => Fail): Ddl {
  const { kind, name } = options
  const metadata = declaredMetadata(
    {
      values: root
        .child('metadata')
        .allow(...METADATA_KEYS)
        .values(),
    },
    fail('metadata'),
  )
  const requires = root.get('requires')
  const usage = root.get('usage')
  const common = {
    name,
    metadata,
    ...(requires === undefined
      ? {}
      : { requires: declaredRequirement({ values: new Map([['mcollective', requires]]) }, options, fail('requires')) }),
    ...(usage === undefined ? {} : { usage: textFrom(usage, 'it', fail('usage')) }),
  }
  const actions = kind === 'agent' ? root.list('actions').map((node) => actionFrom(node, kind)) : []
  const seen = new Set<string>()
  for (const action of actions) {
    if (seen.has(action.name)) throw fail('actions')(`the action ${action.name} is declared twice`)
    seen.add(action.name)
  }
  const capabilities =
    kind === 'discovery' ? root.list('capabilities').map((node) => declaredCapability(node.value, node.fail)) : []
  return finishDdl(kind, common, actions, kind === 'data' ? queryFrom(root, name) : undefined, capabilities, fail(''))
}

const METADATA_KEYS = ['name', 'description', 'author', 'license', 'version', 'url', 'timeout', 'provider', 'service']
const INPUT_KEYS = ['prompt', 'description', 'type', 'optional', 'maxlength', 'validation', 'list', 'default']
const OUTPUT_KEYS = ['description', 'display_as', 'type', 'default']

function actionFrom(node: Node, kind: PluginKind): ActionParts {
  node.allow('action', 'description', 'display', 'input', 'output', 'aggregate')
  const parts = newParts(node, textFrom(node.get('action'), 'action', node.fail))
  if (node.has('display')) parts.display = declaredDisplay(node.get('display') ?? null, node.at('display').fail)
  for (const input of node.fields('input')) parts.inputs.set(input.name, inputFrom(input, input.name, kind))
  for (const output of node.fields('output')) parts.outputs.set(output.name, outputFrom(output))
  for (const aggregate of node.has('aggregate') ? node.list('aggregate') : [])
    parts.aggregates.push(aggregateFrom(aggregate))
  return parts
}

function queryFrom(root: Node, name: string): ActionParts {
  const parts = newParts(root, name)
  if (root.has('query')) parts.inputs.set('query', inputFrom(root.child('query'), 'query', 'data'))
  for (const output of root.fields('output')) parts.outputs.set(output.name, outputFrom(output))
  return parts
}

function newParts(node: Node, name: string): ActionParts {
  return {
    name,
    description: textFrom(node.get('description'), 'description', node.fail),
    display: 'failed',
    inputs: new Map(),
    outputs: new Map(),
    aggregates: [],
  }
}

function inputFrom(node: Node, name: string, kind: PluginKind): InputDdl {
  node.allow(...INPUT_KEYS)
  const values = new Map(node.values())
  const validation = node.get('validation')
  values.delete('validation')
  const declared: Declared = {
    values,
    ...(validation === undefined ? {} : { validation: validationFrom(validation, node.at('validation').fail) }),
  }
  return declaredInput(name, declared, kind, node.fail)
}

/** Bare text is a regular expression, unless it is the name of one of the validators every framework has. */
const BARE_VALIDATORS: readonly string[] = ['shellsafe', 'ipv4address', 'ipv6address']

function validationFrom(value: Value, fail: Fail): Datum {
  if (typeof value === 'string') return BARE_VALIDATORS.includes(value) ? { kind: 'symbol', name: value } : value
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item) => datumOf(item, fail)) }
  }
  const entries = Object.entries((value ?? {}) as Values)
  const [key, text] = entries[0] ?? []
  if (entries.length !== 1 || typeof text !== 'string' || (key !== 'regex' && key !== 'validator'))
    throw fail('it should be {"regex": "..."}, {"validator": "..."}, a list or a regular expression as text')
  return key === 'regex' ? text : { kind: 'symbol', name: text }
}

function datumOf(value: Value, fail: Fail): Datum {
  if (typeof value === 'number') return { kind: 'number', value, float: !Number.isInteger(value) }
  if (value === null || typeof value !== 'object') return value
  throw fail('a list of allowed values holds texts and numbers')
}

function outputFrom(node: Node): OutputDdl {
  return declaredOutput(node.name, { values: node.allow(...OUTPUT_KEYS).values() }, node.fail)
}

function aggregateFrom(node: Node): AggregateDdl {
  node.allow('function', 'args', 'format')
  const name = textFrom(node.get('function'), 'function', node.fail)
  const [output, more, ...rest] = node.list('args')
  if (rest.length > 0) throw node.at('args').fail('an output and an object of arguments are expected')
  const options = node.has('format') ? new Map([['format', node.get('format') ?? null]]) : new Map<string, Value>()
  return declaredAggregate(name, output?.value, more?.values() ?? new Map(), { values: options }, node.fail)
}

/** A place in the file: its value and the path that messages name. */
class Node {
  readonly value: Value
  readonly path: string
  /** The last key of the path. */
  readonly name: string
  readonly #fail: (path: string) => Fail

  constructor(value: Value, path: string, fail: (path: string) => Fail, name = '') {
    this.value = value
    this.path = path
    this.name = name
    this.#fail = fail
  }

  get fail(): Fail {
    return this.#fail(this.path)
  }

  values(): ReadonlyMap<string, Value> {
    const { value } = this
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw this.fail('it should be an object')
    return new Map(Object.entries(value))
  }

  allow(...keys: readonly string[]): this {
    for (const key of this.values().keys())
      if (!keys.includes(key))
        throw this.fail(`the key ${JSON.stringify(key)} is unknown, allowed are ${keys.join(', ')}`)
    return this
  }

  has(key: string): boolean {
    return this.values().has(key)
  }

  get(key: string): Value | undefined {
    return this.values().get(key)
  }

  at(key: string): Node {
    return new Node(this.get(key) ?? null, this.path === '' ? key : `${this.path}.${key}`, this.#fail)
  }

  child(key: string): Node {
    if (!this.has(key)) throw this.fail(`it has no ${key}`)
    return this.at(key)
  }

  /** The fields of an object that may be absent, by their names. */
  fields(key: string): readonly Node[] {
    if (!this.has(key)) return []
    const node = this.at(key)
    return [...node.values()].map(([name, value]) => new Node(value, `${node.path}.${name}`, this.#fail, name))
  }

  list(key: string): readonly Node[] {
    const node = this.child(key)
    if (!Array.isArray(node.value)) throw node.fail('it should be a list')
    return node.value.map((item: Value, i) => new Node(item, `${node.path}[${i}]`, this.#fail))
  }
}
