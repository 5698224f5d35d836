// A setting as an operator may see it on a screen or over the network: what is in effect, secrets replaced. Used by
// rpcutil.get_config_item. [agents 7, A8]

import { isSecretName } from '#base/secret-names.ts'
import { DEFINITIONS, type Definition, type SettingKey } from './definitions.ts'
import { type ConfigKind, findDefinition } from './lookup.ts'
import { SECRET_SHOWN, Secret } from './secret.ts'
import { type ConfigValues, concreteKey } from './values.ts'

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/**
 * Makes the look-up: `item('ttl')` is 60, `item('plugin.psk')` is `(secret)`, `item('pluginconf')` the map of all `plugin.*`
 * settings, `item('nonsense')` undefined. Settings that exist but are not set are null.
 */
export function maskedConfig(
  values: ConfigValues,
  kind: ConfigKind,
  file: string,
): (name: string) => Value | undefined {
  const itemOf = (key: string): Value | undefined => {
    const definition = findDefinition(key, kind)
    if (definition?.deprecated) return undefined
    if (!definition) {
      const text = key.startsWith('plugin.') ? values.plugin(key.slice('plugin.'.length)) : undefined
      return text === undefined || !isSecretName(key) ? text : SECRET_SHOWN
    }
    return shown(definition, effective(definition, key))
  }
  const effective = (definition: Definition, key: string): unknown =>
    values.get(definition.key as SettingKey, placesOf(definition.key, key))

  return (name) => {
    if (name === 'configfile') return file
    if (name === 'configdir') return file.replace(/\/[^/]*$/, '')
    if (name === 'pluginconf') {
      const keys = values.keys().filter((key) => key.startsWith('plugin.'))
      return Object.fromEntries(keys.map((key) => [key.slice('plugin.'.length), itemOf(key) ?? null]))
    }
    return itemOf(name)
  }
}

function shown(definition: Definition, value: unknown): Value {
  if (value === undefined) return null
  if (value instanceof Secret) return SECRET_SHOWN
  if (definition.type === 'path' && isSecretName(definition.key)) return SECRET_SHOWN
  return value as Value
}

/** Which concrete words stand in a key for the placeholders of its definition. */
function placesOf(pattern: string, key: string): { CONNECTOR?: string; N?: number; NAME?: string } {
  const connector = /^plugin\.(activemq|rabbitmq)\./.exec(key)?.[1]
  const n = /\.pool\.(\d+)\./.exec(key)?.[1]
  const places = {
    ...(pattern.includes('CONNECTOR') && connector ? { CONNECTOR: connector } : {}),
    ...(/\bN\b/.test(pattern) && n ? { N: Number(n) } : {}),
  }
  if (!pattern.includes('NAME')) return places
  const [before = '', after = ''] = concreteKey(pattern, places).split('NAME')
  return { ...places, NAME: key.slice(before.length, key.length - after.length) }
}

/** Names `maskedConfig` knows without placeholders, for completion and tests. */
export const ITEM_NAMES: readonly string[] = DEFINITIONS.filter(
  (d) => !('deprecated' in d) && /^[a-z._]+$/.test(d.key),
).map((d) => d.key)
