// One setting's text to its value, by the definition's type. Words and number notations are MCollective's. [wire 9.1]

import { posix } from 'node:path'
import type { Definition } from './definitions.ts'
import { Secret } from './secret.ts'

export type SettingValue = string | number | boolean | readonly string[] | Secret

export type Parsed = { readonly value: SettingValue } | { readonly expected: string }

export interface PathContext {
  /** Replaces a leading `~/`. */
  readonly home: string
  /** What relative paths are relative to: the directory of the configuration file. */
  readonly directory: string
}

/** `parseValue(ttl, '0x10')` is `{ value: 16 }`; `parseValue(ttl, 'abc')` is `{ expected: 'a whole number of seconds ...' }`. */
export function parseValue(definition: Definition, text: string, paths: PathContext): Parsed {
  switch (definition.type) {
    case 'string':
      return { value: text }
    case 'name':
      return { value: text.toLowerCase() }
    case 'secret':
      return { value: new Secret(text) }
    case 'boolean':
      return parsed(parseBoolean(text), 'one of 1, yes, true, y, t, 0, no, false, n, f')
    case 'integer':
    case 'seconds':
      return parseNumber(definition, text)
    case 'enum':
      return parseEnum(definition, text)
    case 'list':
      return { value: splitList(text, ',') }
    case 'path':
      return { value: absolute(text, paths) }
    case 'paths':
      return parsePaths(definition, text, paths)
    case 'time':
      return parseTime(text)
    case 'address':
      return parsed(splitAddress(text) && text, 'host:port, e.g. 0.0.0.0:61613 or [::]:61613')
  }
}

/** `1 yes true y t` and `0 no false n f` in any case, blanks around them ignored; undefined for anything else, `on` too. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.trim()
  if (/^(1|yes|true|y|t)$/i.test(word)) return true
  if (/^(0|no|false|n|f)$/i.test(word)) return false
  return undefined
}

/** Ruby's notation: `60`, `-1`, `1_000`, `0x10`, `0b11`, `0o17`, `017` (octal). undefined for anything else. */
export function parseInteger(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^[+-]?_|__|_$/.test(trimmed)) return undefined
  const match = /^([+-]?)(0x|0b|0o|0d|0(?=\d))?([0-9a-f]+)$/i.exec(trimmed.replaceAll('_', ''))
  if (!match) return undefined
  const radix = { '0x': 16, '0b': 2, '0o': 8, '0': 8 }[(match[2] ?? '').toLowerCase()] ?? 10
  const digits = match[3]!
  const allowed = radix === 16 ? /^[0-9a-f]+$/i : radix === 10 ? /^\d+$/ : radix === 8 ? /^[0-7]+$/ : /^[01]+$/
  if (!allowed.test(digits)) return undefined
  const value = Number.parseInt(digits, radix) * (match[1] === '-' ? -1 : 1)
  return Number.isSafeInteger(value) ? value + 0 : undefined
}

function parsed(value: SettingValue | undefined, expected: string): Parsed {
  return value === undefined ? { expected } : { value }
}

function parseNumber(definition: Definition, text: string): Parsed {
  const { min, max, fraction, type, unit } = definition
  const ofWhat = type === 'seconds' ? ' of seconds' : unit ? ` of ${unit}` : ''
  const range = min === undefined || max === undefined ? '' : ` from ${min} to ${max}`
  const expected = `a ${fraction ? '' : 'whole '}number${ofWhat}${range}`
  const decimal = fraction && /^\d{1,15}\.\d{1,15}$/.test(text) ? Number(text) : undefined
  const value = decimal ?? parseInteger(text)
  if (value === undefined || value < (min ?? value) || value > (max ?? value)) return { expected }
  return { value }
}

function parseEnum(definition: Definition, text: string): Parsed {
  const allowed = definition.allowed ?? []
  const word = definition.aliases?.[text.toLowerCase()] ?? text.toLowerCase()
  return allowed.includes(word) ? { value: word } : { expected: oneOf(allowed) }
}

function oneOf(words: readonly string[]): string {
  return words.length === 1 ? `'${words[0]}'` : `one of ${words.join(', ')}`
}

function splitList(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function absolute(path: string, context: PathContext): string {
  if (path === '~' || path.startsWith('~/')) return posix.join(context.home, path.slice(1))
  return posix.resolve(context.directory, path)
}

function parsePaths(definition: Definition, text: string, context: PathContext): Parsed {
  const items = splitList(text, ':')
  if (definition.key === 'libdir' && !items.every((item) => /^[~/]/.test(item))) {
    return { expected: "absolute directories separated by ':'" }
  }
  return { value: items.map((item) => absolute(item, context)) }
}

function parseTime(text: string): Parsed {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(text) && !Number.isNaN(Date.parse(text))
  return isTime ? { value: Date.parse(text) } : { expected: 'a time such as 2026-12-01T00:00:00Z' }
}

/** `[::]:61613` is `{ host: '::', port: 61613 }`. Port 0: any free one. */
export function splitAddress(address: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(address)
  const port = Number(match?.[3])
  if (!match || port > 65_535) return undefined
  return { host: match[1] ?? match[2]!, port }
}
