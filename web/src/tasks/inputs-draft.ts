// What is typed into the form of an action, and the inputs that are sent. Checked here as far as the DDL's words go, so that most mistakes are seen
// while typing; the console checks again. Fields left empty are not sent. [live 6; cli 7]

import type { TaskInput } from '#console/api/tasks.ts'

/** By name of the input: text of a field, `true`/`false`/`` of a boolean, index of a choice. */
export type InputsDraft = Readonly<Record<string, string>>

export function draftOfInputs(inputs: readonly TaskInput[]): InputsDraft {
  return Object.fromEntries(inputs.map((input) => [input.name, draftOfDefault(input)]))
}

function draftOfDefault({ default: value, type, choices }: TaskInput): string {
  if (value === undefined || value === null) return ''
  if (type === 'list') {
    const index = choices?.indexOf(value) ?? -1
    return index < 0 ? '' : String(index)
  }
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

/** The value of one field; undefined: not given. */
function typedValue({ type, choices }: TaskInput, text: string): unknown {
  if (text === '') return undefined
  switch (type) {
    case 'boolean':
      return text === 'true'
    case 'list':
      return choices?.[Number(text)]
    case 'integer':
    case 'float':
    case 'number':
      return Number(text)
    case 'any':
      return jsonOrText(text)
    default:
      return text
  }
}

/** An input of any type: JSON where it is JSON, else the text. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function inputsOf(inputs: readonly TaskInput[], draft: InputsDraft): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  for (const input of inputs) {
    const value = typedValue(input, draft[input.name] ?? '')
    if (value !== undefined) given[input.name] = value
  }
  return given
}

/** What is wrong, by name of the input. */
export function problemsOf(inputs: readonly TaskInput[], draft: InputsDraft): ReadonlyMap<string, string> {
  const problems = new Map<string, string>()
  for (const input of inputs) {
    const problem = problemOf(input, draft[input.name] ?? '')
    if (problem !== undefined) problems.set(input.name, problem)
  }
  return problems
}

function problemOf(input: TaskInput, text: string): string | undefined {
  if (text === '') return input.required ? 'is required' : undefined
  if (input.type === 'integer' && !/^[+-]?\d+$/.test(text)) return 'must be a whole number'
  if ((input.type === 'float' || input.type === 'number') && !Number.isFinite(Number(text))) return 'must be a number'
  if (input.maxlength !== undefined && [...text].length > input.maxlength) {
    return `must not be longer than ${input.maxlength} characters; it has ${[...text].length}`
  }
  if (input.rule !== undefined && matches(input, text) === false) return input.rule
  return undefined
}

const RULE = /^must match ([\s\S]+)$/

/** Whether a text fits a rule that is a regular expression; undefined: that is for the console to say. */
function matches({ rule = '', type }: TaskInput, text: string): boolean | undefined {
  const source = RULE.exec(rule)?.[1]
  if (type !== 'string' || source === undefined || text.length > 1_000 || MAY_TAKE_LONG.test(source)) return undefined
  try {
    // Ruby's ends of a text and of a line are not JavaScript's; what is not known here is left to the console.
    const flags = 'mu'
    return new RegExp(source.replaceAll('\\A', '(?<![\\s\\S])').replaceAll(/\\[zZ]/g, '(?![\\s\\S])'), flags).test(text)
  } catch {
    return undefined
  }
}

/** Repetitions within repetitions could keep a browser busy for ever. */
const MAY_TAKE_LONG = /[*+}]\)?[*+{]|\([^)]*[*+}][^)]*\)[*+{]/

/** Values as the command line may show them: secrets masked. */
export function maskedInputs(
  inputs: readonly TaskInput[],
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const secret = new Set(inputs.filter((input) => input.secret).map((input) => input.name))
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, secret.has(name) ? '********' : value]))
}
