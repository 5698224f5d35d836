// Compares what came with the schema of its route: the same schemas types and documentation are made from. Texts of addresses become
// numbers and booleans where the schema says so; bodies are taken as they are.

import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { TroupeError } from '#base/errors.ts'
import { CONSOLE_FIELDS_MAX } from '#base/limits.ts'

export type Checked = { readonly value: unknown; readonly error?: undefined } | { readonly error: TroupeError }

export function schemaCheck(schema: object, part: string | undefined): (data: unknown) => Checked {
  const compiled = Compile(schema as TSchema)
  const isText = part === 'querystring' || part === 'params'
  return (data) => {
    const value: unknown = isText ? compiled.Convert(data) : data
    if (compiled.Check(value)) return { value }
    const fields: Record<string, string> = Object.create(null)
    for (const { instancePath, message, keyword, params } of compiled.Errors(value).slice(0, CONSOLE_FIELDS_MAX)) {
      const path = pathOf(instancePath)
      const missing =
        keyword === 'required' ? (params as { requiredProperties?: string[] }).requiredProperties : undefined
      if (missing) for (const name of missing) fields[path === '' ? name : `${path}.${name}`] ??= 'is missing'
      else fields[path === '' ? (part ?? 'answer') : path] ??= message
    }
    const names = Object.keys(fields).join(', ')
    const message = `cannot use the request: ${names} ${Object.keys(fields).length === 1 ? 'does' : 'do'} not fit`
    return { error: new TroupeError('CONSOLE_INVALID', message, { details: { fields: { ...fields } } }) }
  }
}

/** `/inputs/service` is `inputs.service`. */
function pathOf(pointer: string): string {
  return pointer.split('/').slice(1).join('.').replaceAll('~1', '/').replaceAll('~0', '~').slice(0, 200)
}
