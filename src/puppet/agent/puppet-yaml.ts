// Text of Puppet's own YAML files to plain values: `!ruby/object:...` tags are ignored, nothing is ever instantiated, dates stay text.
// Loaded with the first file, because js-yaml costs every start of a node otherwise. [agents 10.1]

import * as yaml from 'js-yaml'
import { PUPPET_YAML_ALIASES_MAX, PUPPET_YAML_DEPTH_MAX, PUPPET_YAML_VALUES_MAX } from '#base/limits.ts'
import type { PuppetValue } from './puppet-value.ts'

const RUBY = '!ruby/'

const SCHEMA = new yaml.Schema([
  yaml.strTag,
  yaml.seqTag,
  yaml.realMapTag,
  yaml.nullCoreTag,
  yaml.boolCoreTag,
  yaml.intCoreTag,
  yaml.floatCoreTag,
  yaml.mergeTag,
  yaml.defineScalarTag<string>(RUBY, { matchByTagPrefix: true, resolve: (source) => source, identify: () => false }),
  yaml.defineSequenceTag<unknown[]>(RUBY, {
    matchByTagPrefix: true,
    create: () => [],
    addItem: (list, item) => void list.push(item),
    identify: () => false,
  }),
  yaml.defineMappingTag<Map<unknown, unknown>>(RUBY, {
    matchByTagPrefix: true,
    create: () => new Map(),
    addPair: (map, key, value) => {
      map.set(key, value)
      return ''
    },
    has: (map, key) => map.has(key),
    keys: (map) => map.keys(),
    get: (map, key) => map.get(key),
    identify: () => false,
  }),
])

/**
 * Maps become objects without a prototype; their keys become text. Throws an Error that tells the line when the text is no YAML, or
 * holds more than a state file can.
 */
export function parsePuppetYaml(text: string): PuppetValue {
  let loaded: unknown
  try {
    loaded = yaml.load(text, { schema: SCHEMA, maxDepth: PUPPET_YAML_DEPTH_MAX, maxAliases: PUPPET_YAML_ALIASES_MAX })
  } catch (error) {
    const { reason, mark } = error as { reason?: string; mark?: { line?: number } }
    const why = reason ?? (error instanceof Error ? error.message.split('\n')[0] : String(error))
    throw new Error(mark?.line === undefined ? String(why) : `line ${mark.line + 1}: ${why}`, { cause: error })
  }
  let left = PUPPET_YAML_VALUES_MAX
  const plain = (value: unknown): PuppetValue => {
    if (left-- === 0) throw new Error(`it holds more than ${PUPPET_YAML_VALUES_MAX} values`)
    if (Array.isArray(value)) return value.map(plain)
    if (value instanceof Map) {
      const object: Record<string, PuppetValue> = Object.create(null)
      for (const [key, item] of value) object[String(key).replace(/^:/, '')] = plain(item)
      return object
    }
    if (typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
    return value === null || value === undefined ? null : String(value)
  }
  return plain(loaded)
}
