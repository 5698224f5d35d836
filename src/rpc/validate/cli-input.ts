// Words of a command line, and queries of data plugins, to values of the type a DDL declares. Whether the value will do is
// check-inputs.ts. [cli 8.5, B-010]

import { TroupeError } from '#base/errors.ts'
import type { Value } from '#message/request.ts'
import type { InputDdl } from '../ddl/ddl.ts'
import { rubyText } from '../inspect.ts'

/**
 * `convertCliInput(input, '3')` is 3 for type integer, float and number, true for `yes` of type boolean, the member itself for a
 * list with numbers in it, and else the text, which may be empty. Signs are allowed. Throws DDL_BAD_ARGUMENT.
 */
export function convertCliInput(input: InputDdl, text: string): Value {
  switch (input.type) {
    case 'boolean':
      return booleanOf(input, text)
    case 'integer':
    case 'float':
    case 'number':
      return numberOf(input, text)
    case 'list':
      return input.list?.find((item) => item === text) ?? input.list?.find((item) => rubyText(item) === text) ?? text
    default:
      return text
  }
}

function booleanOf(input: InputDdl, text: string): boolean {
  if (/^(?:true|t|yes|y|1)$/i.test(text)) return true
  if (/^(?:false|f|no|n|0)$/i.test(text)) return false
  throw bad(input, `${text} does not look like a boolean argument`)
}

function numberOf(input: InputDdl, text: string): number {
  if (!/^[-+]?\d+(?:\.\d+)?$/.test(text)) throw bad(input, `${text} does not look like a number`)
  const value = Number(text)
  if (!Number.isFinite(value) || (!text.includes('.') && !Number.isSafeInteger(value)))
    throw bad(
      input,
      `${text} is too large a number for ${input.name}, whole numbers go up to ${Number.MAX_SAFE_INTEGER}`,
    )
  return value
}

function bad(input: InputDdl, message: string): TroupeError {
  return new TroupeError('DDL_BAD_ARGUMENT', message, { details: { input: input.name, type: input.type } })
}
