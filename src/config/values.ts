// Entries of files and variables of the environment, checked against the definitions: a typed look-up of every setting, and
// the list of all that is wrong. Settings objects are made of it by settings.ts.

import { DEFINITIONS, type Definition, type DefinitionOf, type SettingKey } from './definitions.ts'
import type { Entry } from './lines.ts'
import {
  type ConfigKind,
  currentKey,
  definitionOf,
  findDefinition,
  isCorePluginKey,
  isFreeKey,
  nearestKey,
} from './lookup.ts'
import { SECRET_SHOWN, type Secret } from './secret.ts'
import { type PathContext, parseValue, type SettingValue } from './value.ts'

/** One thing wrong in a file or variable. `line` 0: the variable or the file as a whole. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly key: string
  readonly message: string
}

export interface Environment {
  readonly [name: string]: string | undefined
}

type Plain<D extends { type: string }> = D['type'] extends 'boolean'
  ? boolean
  : D['type'] extends 'integer' | 'seconds' | 'time'
    ? number
    : D['type'] extends 'list' | 'paths'
      ? readonly string[]
      : D['type'] extends 'secret'
        ? Secret
        : D extends { allowed: readonly (infer Word)[] }
          ? Word
          : D extends { repeatable: true }
            ? readonly string[]
            : string
type ValueOf<K extends SettingKey> =
  | Plain<DefinitionOf<K>>
  | (DefinitionOf<K> extends { default: unknown } ? never : undefined)

/** What stands for the placeholders of a key, e.g. `{ CONNECTOR: 'activemq', N: 1 }`. */
export interface Places {
  readonly CONNECTOR?: string
  readonly N?: number
  readonly NAME?: string
}

export interface ConfigValues {
  /** The value that is set, or the default. */
  get<K extends SettingKey>(key: K, places?: Places): ValueOf<K>
  /** Where a setting stands in a file; undefined: it does not. */
  where(key: string): { readonly file: string; readonly line: number } | undefined
  /** Concrete keys that are set in files, in their order. */
  keys(): readonly string[]
  /** Text of a `plugin.X.Y` key that agents may read: none of ours that are secret. `name` is without `plugin.`. */
  plugin(name: string): string | undefined
  readonly problems: Problem[]
  readonly warnings: string[]
}

interface Setting {
  readonly definition: Definition | undefined
  readonly value: SettingValue
  readonly entry: Entry
}

/** Looking for the nearest name takes time; a file with more mistakes than this is some other file. */
const SUGGESTIONS_MAX = 50

export function checkEntries(
  entries: readonly Entry[],
  kind: ConfigKind,
  env: Environment,
  paths: PathContext,
): ConfigValues {
  const settings = new Map<string, Setting>()
  const problems: Problem[] = []
  const warnings: string[] = []
  for (const entry of entries) checkEntry(entry)
  checkEnvironment()

  function checkEntry(entry: Entry): void {
    const place = `${entry.file} line ${entry.line}`
    const key = currentKey(entry.key) ?? entry.key
    if (key !== entry.key) warnings.push(`${place}: ${entry.key} is read as ${key}; write that instead`)
    const definition = findDefinition(key, kind)
    if (!definition) {
      if (isFreeKey(key, kind)) keepFree({ ...entry, key }, place)
      else
        problems.push({
          file: entry.file,
          line: entry.line,
          key: entry.key,
          message: unknownKey(entry.key, kind, problems.length < SUGGESTIONS_MAX),
        })
      return
    }
    if (definition.deprecated) {
      warnings.push(`${place}: ${key} has no effect any more: ${definition.deprecated}`)
      return
    }
    const parsed = parseValue(definition, entry.text, paths)
    if ('expected' in parsed) {
      const shown = definition.type === 'secret' ? SECRET_SHOWN : quote(entry.text)
      problems.push({
        file: entry.file,
        line: entry.line,
        key,
        message: `${key} is ${shown}; it must be ${parsed.expected}`,
      })
      return
    }
    keep(key, { definition, value: parsed.value, entry }, place)
  }

  function keepFree(entry: Entry, place: string): void {
    if (isCorePluginKey(entry.key)) {
      const near = warnings.length < SUGGESTIONS_MAX ? nearestKey(entry.key, kind) : undefined
      warnings.push(
        `${place}: ${entry.key} is not a known setting and has no effect${near ? `; did you mean ${near}?` : ''}`,
      )
    }
    keep(entry.key, { definition: undefined, value: entry.text, entry }, place)
  }

  function keep(key: string, setting: Setting, place: string): void {
    const earlier = settings.get(key)
    if (setting.definition?.repeatable) {
      const before = (earlier?.value ?? []) as readonly string[]
      const added = Array.isArray(setting.value) ? setting.value : [String(setting.value)]
      settings.set(key, { ...setting, value: [...before, ...added] })
      return
    }
    if (earlier)
      warnings.push(
        `${place}: ${key} is set again; the value of ${earlier.entry.file} line ${earlier.entry.line} is not used`,
      )
    settings.set(key, setting)
  }

  function fromEnvironment(definition: Definition, places: Places): SettingValue | undefined {
    const name = variableName(definition, places)
    const text = name === undefined ? undefined : env[name]
    if (text === undefined || text === '') return undefined
    const parsed = parseValue(definition, definition.envMeans ?? text, paths)
    return 'value' in parsed ? parsed.value : undefined
  }

  /** Variables whose text does not fit are problems too, once each. */
  function checkEnvironment(): void {
    for (const definition of DEFINITIONS as readonly Definition[]) {
      const text = definition.env === undefined ? undefined : env[definition.env]
      if (!definition.env || !text || !findDefinition(definition.key, kind)) continue
      const parsed = parseValue(definition, definition.envMeans ?? text, paths)
      if ('value' in parsed) continue
      const message = `the variable ${definition.env} is ${quote(text)}; it must be ${parsed.expected}`
      problems.push({ file: 'environment', line: 0, key: definition.key, message })
    }
  }

  return {
    get(key, places = {}) {
      const definition = definitionOf(key)
      const set = fromEnvironment(definition, places) ?? settings.get(concreteKey(key, places))?.value
      const fallback = kind === 'client' ? (definition.clientDefault ?? definition.default) : definition.default
      return (set ?? fallback) as never
    },
    where: (key) => settings.get(key)?.entry,
    keys: () => [...settings.keys()],
    plugin(name) {
      const setting = settings.get(`plugin.${name}`)
      return setting?.definition?.type === 'secret' ? undefined : setting?.entry.text
    },
    problems,
    warnings,
  }
}

/** `concreteKey('plugin.CONNECTOR.pool.N.host', { CONNECTOR: 'activemq', N: 1 })` is `plugin.activemq.pool.1.host`. */
export function concreteKey(key: string, places: Places): string {
  return key
    .replace('CONNECTOR', places.CONNECTOR ?? 'CONNECTOR')
    .replace(/\bN\b/, String(places.N ?? 'N'))
    .replace('NAME', places.NAME ?? 'NAME')
}

function variableName(definition: Definition, places: Places): string | undefined {
  return definition.env
    ?.replace('{CONNECTOR}', places.CONNECTOR?.toUpperCase() ?? '')
    .replace('{N}', String(places.N ?? ''))
}

function unknownKey(key: string, kind: ConfigKind, suggest: boolean): string {
  const shown = quote(key)
  if (key.startsWith('#')) return `${shown} is not a setting; a comment must start in the first column`
  const other = kind === 'broker' ? 'server' : 'broker'
  if (findDefinition(key, other)) {
    return `${shown} is not a setting here; it belongs in ${other === 'broker' ? 'broker.cfg' : 'server.cfg or client.cfg'}`
  }
  const near = suggest ? nearestKey(key, kind) : undefined
  return `${shown} is not a setting${near ? `; did you mean '${near}'?` : '; docs/reference/settings.md lists them'}`
}

/** Text of a file for a terminal: one line, bounded, no control characters. */
function quote(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
  return `'${clean.length > 80 ? `${clean.slice(0, 77)}...` : clean}'`
}
