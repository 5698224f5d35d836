// TypeScript types from a DDL: for agents written in TypeScript and for scripts that call them. Writes text; who asks for it
// decides where it goes. [agents 2.2]

import type { Value } from '#message/request.ts'
import type { AgentDdl, DataDdl, InputDdl, InputType, OutputDdl, OutputType } from './ddl.ts'

/**
 * For rpcutil: `export interface RpcutilActions { get_fact: { input: { fact: string }; output: {...} } }`; for a data plugin
 * `FstatData` with `query` and `output`. Inputs with a default may be left out by the caller. Outputs are null until an agent sets
 * them; their type is the DDL's `:type`, where it has one.
 */
export function typesFromDdl(ddl: AgentDdl | DataDdl): string {
  const name = pascalCase(ddl.name) + (ddl.kind === 'agent' ? 'Actions' : 'Data')
  const usesValue = fieldsOf(ddl).some((field) => tsType(field).includes('Value'))
  return [
    `// Made from the DDL of ${ddl.kind} ${commentText(ddl.name)} ${commentText(ddl.metadata.version)}. Do not edit: change the DDL.`,
    ...(usesValue ? ['', VALUE] : []),
    '',
    ...comment(ddl.kind === 'agent' ? ddl.metadata.description : ddl.description, ''),
    `export interface ${name} {`,
    ...(ddl.kind === 'agent' ? ddl.actions.flatMap(actionLines) : dataLines(ddl)),
    '}',
    '',
  ].join('\n')
}

const VALUE =
  'export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }'

function fieldsOf(ddl: AgentDdl | DataDdl): readonly (InputDdl | OutputDdl)[] {
  if (ddl.kind === 'data') return [...(ddl.query ? [ddl.query] : []), ...ddl.outputs]
  return ddl.actions.flatMap((action) => [...action.inputs, ...action.outputs])
}

function actionLines(action: AgentDdl['actions'][number]): string[] {
  return [
    ...comment(action.description, '  '),
    `  ${property(action.name)}: {`,
    ...objectLines('input', action.inputs.map(inputLines), '    '),
    ...objectLines('output', action.outputs.map(outputLines), '    '),
    '  }',
  ]
}

function dataLines(ddl: DataDdl): string[] {
  const query = ddl.query
    ? [...comment(ddl.query.description, '  '), `  query${ddl.query.optional ? '?' : ''}: ${tsType(ddl.query)}`]
    : ['  query?: never']
  return [...query, ...objectLines('output', ddl.outputs.map(outputLines), '  ')]
}

function objectLines(name: string, fields: readonly ((indent: string) => string[])[], indent: string): string[] {
  if (fields.length === 0) return [`${indent}${name}: Record<never, never>`]
  return [`${indent}${name}: {`, ...fields.flatMap((lines) => lines(`${indent}  `)), `${indent}}`]
}

function inputLines(input: InputDdl): (indent: string) => string[] {
  const mayBeAbsent = input.optional || input.default !== undefined
  return (indent) => [
    ...comment(input.description, indent),
    `${indent}${property(input.name)}${mayBeAbsent ? '?' : ''}: ${tsType(input)}`,
  ]
}

function outputLines(output: OutputDdl): (indent: string) => string[] {
  return (indent) => [...comment(output.description, indent), `${indent}${property(output.name)}: ${tsType(output)}`]
}

const TYPES: Readonly<Record<InputType | OutputType, string>> = {
  string: 'string',
  list: 'Value',
  boolean: 'boolean',
  integer: 'number',
  float: 'number',
  number: 'number',
  any: 'Value',
  array: 'readonly Value[]',
  hash: '{ readonly [key: string]: Value }',
}

function tsType(field: InputDdl | OutputDdl): string {
  if ('prompt' in field) {
    if (field.type !== 'list') return TYPES[field.type]
    return (field.list ?? []).map(literal).join(' | ')
  }
  if (field.type === undefined || field.type === 'any') return 'Value'
  return field.default === undefined ? `${TYPES[field.type]} | null` : TYPES[field.type]
}

/** A value as a type; what is not a scalar is any value. */
function literal(value: Value): string {
  return value === null || typeof value !== 'object' ? jsText(value) : 'Value'
}

function jsText(value: Value): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : jsText(name)
}

function comment(text: string, indent: string): string[] {
  const line = commentText(text)
  return line === '' ? [] : [`${indent}/** ${line} */`]
}

/** One line that can neither end the comment nor hide in it. */
function commentText(text: string): string {
  return text
    .replaceAll('*/', '* /')
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ')
    .trim()
}

function pascalCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const joined = words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('')
  return /^[A-Z]/.test(joined) ? joined : `Plugin${joined}`
}
