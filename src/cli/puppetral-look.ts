// How answers of puppetral look in the classic look: outputs of find under their bare names, one field a title for search, names of
// parameters, `ensure` and `returns` as Ruby's symbols, times as Ruby 1.8 printed them. [PE20 puppetral, cli 6.3, 8.15]

import { isMap } from '#base/is-map.ts'
import type { Value, Values } from '#message/request.ts'
import type { InspectOptions } from '#rpc/inspect.ts'

export interface LookedField {
  readonly name: string
  /** Absent: the label of the DDL. */
  readonly label?: string
  readonly value: Value
  readonly inspect: InspectOptions
}

/** The fields to show, in this order. */
export function puppetralFields(action: string, data: Values): LookedField[] {
  const fields = Object.keys(data)
    .sort()
    .flatMap((name): LookedField[] => {
      const value = data[name] as Value
      if (action === 'find') return [{ name, label: name, ...(name === 'parameters' ? looked(value) : plain(value)) }]
      if (action === 'create' && name === 'resource') return [{ name, ...lookedResource(value) }]
      if (action === 'search' && name === 'result' && Array.isArray(value)) return value.map(titled)
      return [{ name, ...plain(value) }]
    })
  return fields
}

function titled(resource: Value): LookedField {
  const title = String(mapOf(resource)?.title ?? 'unknown')
  return { name: title, label: title, ...lookedResource(resource) }
}

function lookedResource(resource: Value): Pick<LookedField, 'value' | 'inspect'> {
  const map = mapOf(resource)
  if (!map) return plain(resource)
  const { value, inspect } = looked(map.parameters ?? null)
  const within = (path: readonly (string | number)[]) => (path[0] === 'parameters' ? path.slice(1) : [])
  return {
    value: { ...map, ...('parameters' in map ? { parameters: value } : {}) },
    inspect: {
      symbolKey: (path) => inspect.symbolKey?.(within(path)) ?? false,
      symbolValue: (path) => inspect.symbolValue?.(within(path)) ?? false,
      bareValue: (path) => inspect.bareValue?.(within(path)) ?? false,
    },
  }
}

/** A map of parameters. */
function looked(value: Value): Pick<LookedField, 'value' | 'inspect'> {
  const map = mapOf(value)
  if (!map) return plain(value)
  const times = new Map<string, string>()
  for (const [name, text] of Object.entries(map)) {
    const time = typeof text === 'string' ? oldTime(text) : undefined
    if (time !== undefined) times.set(name, time)
  }
  const isWord = (name: string): boolean => SYMBOLS.has(name) && /^[a-z_]+$/.test(String(map[name]))
  return {
    value: Object.fromEntries(Object.entries(map).map(([name, item]) => [name, times.get(name) ?? item])),
    inspect: {
      symbolKey: (path) => path.length === 1,
      symbolValue: (path) => path.length === 1 && isWord(String(path[0])),
      bareValue: (path) => path.length === 1 && times.has(String(path[0])),
    },
  }
}

/** Parameters whose values are symbols in Ruby, unless they are versions or numbers. */
const SYMBOLS: ReadonlySet<string> = new Set(['ensure', 'returns'])

function plain(value: Value): Pick<LookedField, 'value' | 'inspect'> {
  return { value, inspect: {} }
}

const TIME = /^(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d) ([+-]\d{4})$/

/** `2011-11-15 11:32:10 -0800` as `Tue Nov 15 11:32:10 -0800 2011`; undefined for what is no time. */
function oldTime(text: string): string | undefined {
  const [, year, month, day, clock, zone] = TIME.exec(text) ?? []
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  if (Number.isNaN(date.getTime())) return undefined
  const [weekday, , name] = date.toUTCString().replace(',', '').split(' ')
  return `${weekday} ${name} ${day} ${clock} ${zone} ${year}`
}

function mapOf(value: Value): Values | undefined {
  return isMap(value) ? value : undefined
}
