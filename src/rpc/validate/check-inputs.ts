// Does a request fit the DDL? Asked by the client before it sends and again by the node before it runs anything. Inputs that the
// DDL does not declare pass. [agents 2.2 and 3, wire 5.4, cli 7]

import { isDeepStrictEqual } from 'node:util'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import type { Value, Values } from '#message/request.ts'
import type { ActionDdl, AgentDdl, DataDdl, InputDdl, InputType, Validation } from '../ddl/ddl.ts'
import { rubyText } from '../inspect.ts'
import { compileRegex } from '../regex.ts'
import { convertCliInput } from './cli-input.ts'
import { VALIDATORS, type Validators } from './validators.ts'

const NO_VALIDATORS: Validators = new Map()

/** The action of that name. Throws DDL_UNKNOWN_ACTION. */
export function findAction(ddl: AgentDdl, name: string): ActionDdl {
  const action = ddl.actions.find((declared) => declared.name === name)
  if (!action) {
    const message = `Attempted to call action ${name} for ${ddl.name} but it's not declared in the DDL`
    throw new TroupeError('DDL_UNKNOWN_ACTION', message, { details: { agent: ddl.name, action: name } })
  }
  return action
}

/** What the client does: applyDefaults, then validateInputs. The agent's name is for callers who have it at hand. */
export function checkInputs(action: ActionDdl, _agent: string, data: Values, validators?: Validators): Values {
  const complete = applyDefaults(action, data)
  validateInputs(action, complete, validators)
  return complete
}

/** The inputs with defaults for those that are required, have one and are absent. Optional ones stay absent. [wire 5.2] */
export function applyDefaults(action: ActionDdl, data: Values): Values {
  const missing = action.inputs.filter(
    (input) =>
      !input.optional && input.default !== undefined && input.default !== null && !Object.hasOwn(data, input.name),
  )
  if (missing.length === 0) return data
  return { ...data, ...Object.fromEntries(missing.map((input) => [input.name, input.default as Value])) }
}

/**
 * Throws DDL_MISSING_INPUT `Action get_fact needs a fact argument` or DDL_INVALID_INPUT `Cannot validate input fact: ...`; the
 * first in order of declaration. An input that is present is checked even when it is null.
 */
export function validateInputs(action: ActionDdl, data: Values, validators: Validators = NO_VALIDATORS): void {
  for (const input of action.inputs) {
    if (Object.hasOwn(data, input.name)) {
      validateInput(input, data[input.name] ?? null, validators)
    } else if (!input.optional) {
      throw new TroupeError('DDL_MISSING_INPUT', `Action ${action.name} needs a ${input.name} argument`, {
        details: { action: action.name, input: input.name },
      })
    }
  }
}

/** One value against its declaration. Throws DDL_INVALID_INPUT. */
export function validateInput(input: InputDdl, value: Value, validators: Validators = NO_VALIDATORS): void {
  try {
    check(input, value, validators)
  } catch (error) {
    // An expression that cannot be used is the plugin's fault, a text too long for it the caller's; both stop the request.
    const reason = isTroupeError(error, 'FILTER_BAD_REGEX', 'FILTER_TOO_COSTLY')
      ? `the DDL's validation is of no use: ${error.message}`
      : messageOf(error)
    throw new TroupeError('DDL_INVALID_INPUT', `Cannot validate input ${input.name}: ${reason}`, {
      cause: error,
      details: { input: input.name },
    })
  }
}

/**
 * The query of a data plugin as the plugin gets it: checked, and converted where its DDL wants a number or boolean. Queries come
 * from `-S` filters and requests as text; null: none was given. Throws DDL_MISSING_INPUT, DDL_INVALID_INPUT, DDL_BAD_ARGUMENT.
 */
export function convertAndValidateQuery(ddl: DataDdl, query: string | null, validators?: Validators): Value {
  const input = ddl.query
  if (!input) {
    if (query === null) return null
    const message = `No data plugin argument was declared in the ${ddl.name} DDL but an input was supplied`
    throw new TroupeError('DDL_INVALID_INPUT', message, { details: { data: ddl.name } })
  }
  if (query === null) {
    if (input.optional) return null
    throw new TroupeError('DDL_MISSING_INPUT', `Data plugin '${ddl.name}' needs a query argument`, {
      details: { data: ddl.name },
    })
  }
  const value = convertCliInput(input, query)
  validateInput(input, value, validators)
  return value
}

function check(input: InputDdl, value: Value, validators: Validators): void {
  if (input.type === 'list') {
    checkMember(value, input.list ?? [])
    return
  }
  if (!TYPE_CHECKS[input.type](value)) throw new Error(`value should be a ${input.type}`)
  if (input.type === 'string') checkLength(value as string, input.maxlength ?? 0)
  if (input.validation) checkValidation(value, input.validation, validators)
}

/** JSON has one kind of number: 1 may have been 1.0, so whole numbers pass as float. */
const TYPE_CHECKS: Readonly<Record<Exclude<InputType, 'list'>, (value: Value) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  float: (value) => Number.isFinite(value),
  number: (value) => Number.isFinite(value),
  any: () => true,
}

function checkLength(text: string, most: number): void {
  // A text has at most as many characters as UTF-16 units: counting is needed for long ones only.
  if (most > 0 && text.length > most && [...text].length > most)
    throw new Error(`Input string is longer than ${most} character(s)`)
}

function checkMember(value: Value, allowed: readonly Value[]): void {
  if (!allowed.some((item) => isDeepStrictEqual(item, value)))
    throw new Error(`value should be one of ${allowed.map(rubyText).join(', ')}`)
}

function checkValidation(value: Value, validation: Validation, validators: Validators): void {
  switch (validation.kind) {
    case 'list':
      checkMember(value, validation.values)
      return
    case 'regex':
      if (typeof value !== 'string' || !compileRegex(validation.source).test(value))
        throw new Error(`value should match ${validation.source}`)
      return
    case 'validator': {
      const validator =
        VALIDATORS.get(validation.name) ?? typeValidator(validation.name) ?? validators.get(validation.name)
      if (!validator) throw new Error(`Unknown validator: '${validation.name}'.`)
      validator(value)
    }
  }
}

/** Types serve as validators too: `:validation => :integer`. */
function typeValidator(name: string): ((value: Value) => void) | undefined {
  if (name === 'list' || name === 'any' || !Object.hasOwn(TYPE_CHECKS, name)) return undefined
  return (value) => {
    if (!TYPE_CHECKS[name as keyof typeof TYPE_CHECKS](value)) throw new Error(`value should be a ${name}`)
  }
}
