// How a fact or the output of a data plugin is compared with the text of a filter. [cli 4.2, 4.4, wire 6.3, 6.6]

import type { DataTest, FactOperator } from '#message/filter.ts'
import type { Value, Values } from '#message/request.ts'

type Ordering = Exclude<FactOperator, '=~'>

const INTEGER = /^[0-9]+$/
const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?$/

/** A fact as text: `true`, `4`, `1024.5`, and the empty text for null. Null: a list or a map. */
export function factText(value: Value): string | null {
  if (value === null) return ''
  return typeof value === 'object' ? null : String(value)
}

/**
 * The texts a fact test is tried on: the fact itself, the elements of a list, the keys of a map. Elements that are lists or maps
 * match nothing. Undefined: the node has no such fact.
 */
export function factTexts(facts: Values, name: string): readonly string[] | undefined {
  const value = findFact(facts, name)
  if (value === undefined) return undefined
  const text = factText(value)
  if (text !== null) return [text]
  if (!Array.isArray(value)) return Object.keys(value as Values)
  return value.map(factText).filter((element) => element !== null)
}

/** A key of that very name; else the path its dots describe, through maps by key and lists by index: `os.release.major`. */
export function findFact(facts: Values, name: string): Value | undefined {
  if (Object.hasOwn(facts, name)) return facts[name]
  let at: Value = facts
  for (const step of name.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined
    if (Array.isArray(at) && !/^\d{1,9}$/.test(step)) return undefined
    if (!Object.hasOwn(at, step)) return undefined
    at = (at as Values)[step] as Value
  }
  return at
}

/** `==` compares text; the others numbers when both sides are numbers, else text in byte order. */
export function compareFact(fact: string, operator: Ordering, value: string): boolean {
  if (operator === '==') return fact === value
  return decide(orderOf(fact, value), operator)
}

function decide(order: number, operator: Ordering): boolean {
  switch (operator) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

function orderOf(a: string, b: string): number {
  if (INTEGER.test(a) && INTEGER.test(b)) return integerOrder(a.replace(/^0+/, ''), b.replace(/^0+/, ''))
  if (NUMBER.test(a) && NUMBER.test(b)) return Math.sign(Number(a) - Number(b))
  return textOrder(a, b)
}

/** Digits of any length, without making numbers of them. */
function integerOrder(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a === b ? 0 : a < b ? -1 : 1
}

function textOrder(a: string, b: string): number {
  if (a === b) return 0
  // The order of UTF-16 differs from that of bytes where surrogates are.
  if (/[\ud800-\udfff]/.test(a) || /[\ud800-\udfff]/.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}

/**
 * Compares the output of a data plugin: like with like, false where the comparison makes no sense. `=~` and `!~` are the caller's,
 * for text only. Null when it cannot be decided: a number or boolean against a text that is neither.
 */
export function compareOutput(output: Value, operator: Exclude<DataTest['operator'], '=~' | '!~'>, value: string) {
  switch (typeof output) {
    case 'string':
      return equality(operator) && decide(output === value ? 0 : 1, operator)
    case 'boolean':
      if (!equality(operator)) return false
      if (value !== 'true' && value !== 'false') return null
      return decide(String(output) === value ? 0 : 1, operator)
    case 'number':
      if (!/^[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(value.trim())) return null
      return decide(Math.sign(output - Number(value)), operator)
    default:
      return false
  }
}

function equality(operator: Ordering): boolean {
  return operator === '==' || operator === '!='
}
