// What an expression of a DDL gives, as plain data that still tells symbols, texts and regular expressions apart. Only
// constants, loop variables, interpolation and a fixed set of methods on text exist: nothing is executed. [agents 2.1]

import { TroupeError } from '#base/errors.ts'
import { DDL_TEXT_LENGTH_MAX } from '#base/limits.ts'
import type { Value } from '#message/request.ts'
import { type Place, syntaxError } from './lexer.ts'
import type { Expression, Test } from './statements.ts'
import { type Pattern, substitute } from './substitute.ts'

export type Datum =
  | null
  | boolean
  | string
  | { readonly kind: 'number'; readonly value: number; readonly float: boolean }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'regex'; readonly source: string }
  | { readonly kind: 'list'; readonly items: readonly Datum[] }
  | { readonly kind: 'hash'; readonly pairs: readonly (readonly [Datum, Datum])[] }

/** Loop variables and their values, and how much text has been made so far. */
export interface Scope {
  readonly file: string
  readonly variables: Map<string, Datum>
  textLength: number
}

/** Throws DDL_SYNTAX where a method does not fit its target, DDL_TOO_LARGE when more text comes out than DDL_TEXT_LENGTH_MAX. */
export function evaluate(expression: Expression, scope: Scope): Datum {
  switch (expression.kind) {
    case 'constant':
      return expression.value
    case 'number':
      return { kind: 'number', value: expression.value, float: expression.float }
    case 'regex':
      return { kind: 'regex', source: expression.source }
    case 'text':
      return interpolate(expression, scope)
    case 'symbol':
      return { kind: 'symbol', name: interpolate(expression, scope) }
    case 'list':
      return { kind: 'list', items: expression.items.map((item) => evaluate(item, scope)) }
    case 'hash':
      return {
        kind: 'hash',
        pairs: expression.pairs.map(({ key, value }) => [evaluate(key, scope), evaluate(value, scope)]),
      }
    case 'variable':
      return scope.variables.get(expression.name) ?? null
    case 'method':
      return callMethod(expression, scope)
  }
}

/** Whether the branch of a conditional is taken, `unless` not yet counted in. */
export function evaluateTest(test: Test, scope: Scope): boolean {
  if (test.kind === 'always') return true
  const same = canonical(evaluate(test.left, scope)) === canonical(evaluate(test.right, scope))
  return same === test.equal
}

function interpolate(text: Expression & { kind: 'text' | 'symbol' }, scope: Scope): string {
  const parts = text.parts.map((part) => (typeof part === 'string' ? part : textOf(evaluate(part, scope), part, scope)))
  return counted(parts.join(''), text, scope)
}

/** Ruby's to_s of anything but hashes and lists, which no DDL prints. */
function textOf(datum: Datum, at: Place, scope: Scope): string {
  if (datum === null) return ''
  if (typeof datum !== 'object') return String(datum)
  switch (datum.kind) {
    case 'number':
      return datum.float && Number.isInteger(datum.value) ? datum.value.toFixed(1) : String(datum.value)
    case 'symbol':
      return datum.name
    case 'regex':
      return datum.source
    default:
      throw syntaxError(scope.file, at, `a ${datum.kind} cannot be put into a text`)
  }
}

function callMethod(call: Expression & { kind: 'method' }, scope: Scope): Datum {
  const target = evaluate(call.target, scope)
  const given = call.arguments.map((argument) => evaluate(argument, scope))
  const refuse = (): TroupeError => syntaxError(scope.file, call, `the method ${call.name} does not work on this value`)
  if (call.name === 'freeze') return target
  if (call.name === 'to_s') return textOf(target, call, scope)
  if (call.name === 'join') {
    if (target === null || typeof target !== 'object' || target.kind !== 'list') throw refuse()
    const separator = given[0] ?? ''
    if (typeof separator !== 'string') throw refuse()
    return counted(target.items.map((item) => textOf(item, call, scope)).join(separator), call, scope)
  }
  const isSymbol = target !== null && typeof target === 'object' && target.kind === 'symbol'
  const text = isSymbol ? target.name : target
  if (typeof text !== 'string') throw refuse()
  if (call.name === 'to_sym') return { kind: 'symbol', name: text }
  if (call.name === 'sub' || call.name === 'gsub') {
    if (isSymbol) throw refuse()
    return counted(replace(text, given, call, scope), call, scope)
  }
  const changed = counted(changeCase(text, call.name), call, scope)
  return isSymbol ? { kind: 'symbol', name: changed } : changed
}

function changeCase(text: string, method: string): string {
  if (method === 'upcase') return text.toUpperCase()
  if (method === 'downcase') return text.toLowerCase()
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}

function replace(text: string, given: readonly Datum[], call: Expression & { kind: 'method' }, scope: Scope): string {
  const [search, replacement] = given
  let pattern: Pattern | undefined
  if (typeof search === 'string') pattern = { text: search }
  else if (search !== null && typeof search === 'object' && search.kind === 'regex') pattern = { regex: search.source }
  if (!pattern || typeof replacement !== 'string')
    throw syntaxError(scope.file, call, `${call.name} takes a text or regular expression and a text`)
  if (text.length * (replacement.length + 1) > DDL_TEXT_LENGTH_MAX) throw tooMuchText(call, scope)
  try {
    return substitute(text, pattern, replacement, call.name === 'gsub')
  } catch (error) {
    throw syntaxError(scope.file, call, error instanceof Error ? error.message : String(error))
  }
}

function counted(text: string, at: Place, scope: Scope): string {
  scope.textLength += text.length
  if (scope.textLength > DDL_TEXT_LENGTH_MAX) throw tooMuchText(at, scope)
  return text
}

function tooMuchText(at: Place, scope: Scope): TroupeError {
  return new TroupeError(
    'DDL_TOO_LARGE',
    `cannot read ${scope.file} line ${at.line}: its expressions make more than ${DDL_TEXT_LENGTH_MAX} characters of text`,
  )
}

/** Equal exactly when Ruby's == says so: `"a"` is not `:a`, 1 is 1.0. */
function canonical(datum: Datum): string {
  if (datum === null || typeof datum !== 'object') return JSON.stringify(datum)
  switch (datum.kind) {
    case 'number':
      return `n${datum.value}`
    case 'symbol':
      return `:${JSON.stringify(datum.name)}`
    case 'regex':
      return `/${JSON.stringify(datum.source)}`
    case 'list':
      return `[${datum.items.map(canonical).join()}]`
    case 'hash':
      return `{${datum.pairs
        .map(([key, value]) => `${canonical(key)}>${canonical(value)}`)
        .sort()
        .join()}}`
  }
}

/** Plain data of a datum: symbols and keys become text. A regular expression cannot be data. */
export function plainValue(datum: Datum, at: Place, file: string): Value {
  if (datum === null || typeof datum !== 'object') return datum
  switch (datum.kind) {
    case 'number':
      return datum.value
    case 'symbol':
      return datum.name
    case 'regex':
      throw syntaxError(file, at, 'a regular expression cannot stand here')
    case 'list':
      return datum.items.map((item) => plainValue(item, at, file))
    case 'hash': {
      const out: Record<string, Value> = Object.create(null)
      for (const [key, value] of datum.pairs) out[keyText(key, at, file)] = plainValue(value, at, file)
      return out
    }
  }
}

/** Keys of hashes: `:a`, `"a"`, `true` and 1 are all plain names here. */
export function keyText(key: Datum, at: Place, file: string): string {
  if (typeof key === 'string' || typeof key === 'boolean' || key === null) return key === null ? 'nil' : String(key)
  if (key.kind === 'symbol') return key.name
  if (key.kind === 'number') return String(key.value)
  throw syntaxError(file, at, `a ${key.kind} cannot be the key of a hash`)
}
