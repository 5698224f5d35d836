// Data plugin `fact`: a part of a structured fact by its dotted path. [wire 7.3] [agents 5]

import type { Value, Values } from '#message/request.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

const ABSENT: Values = { exists: false, value: false, value_encoding: false }

/** Throws when a part that is no whole number meets a list. */
export function createFactData(ddl: DataDdl): DataPlugin {
  return {
    ddl,
    query(path, node) {
      const value = factAt(node.facts(), path ?? '')
      if (value === undefined) return ABSENT
      if (typeof value === 'object' && value !== null) {
        return { exists: true, value: JSON.stringify(value), value_encoding: 'application/json' }
      }
      return { exists: true, value, value_encoding: 'text/plain' }
    },
  }
}

/**
 * `factAt({ os: { release: { major: '12' } } }, 'os.release.major')` is `'12'`. Whole numbers index lists, negative ones from the
 * end; a fact whose own name has dots comes first.
 */
function factAt(facts: Values, path: string): Value | undefined {
  if (Object.hasOwn(facts, path)) return facts[path]
  let at: Value | undefined = facts
  for (const part of path.split('.')) {
    if (Array.isArray(at)) {
      if (!/^-?\d{1,9}$/.test(part))
        throw new Error(`'${part}' in '${path}' is not the number of an item, but the value there is a list`)
      at = at.at(Number(part))
    } else {
      at = typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? (at as Values)[part] : undefined
    }
    if (at === undefined) return undefined
  }
  return at
}
