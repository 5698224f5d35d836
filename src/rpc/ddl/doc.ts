// The page that `mco plugin doc` shows of a plugin, plain text without colour. Which plugins there are, and templates of users,
// are the command's. [cli 8.7]

import type { Value } from '#message/request.ts'
import { printable, rubyInspect } from '../inspect.ts'
import type { ActionDdl, Ddl, DiscoveryDdl, InputDdl, OutputDdl, Validation } from './ddl.ts'

const CAPABILITIES: Readonly<Record<DiscoveryDdl['capabilities'][number], string>> = {
  classes: 'Filter based on configuration management classes',
  facts: 'Filter based on system facts',
  identity: 'Filter based on mcollective identity',
  agents: 'Filter based on mcollective agents',
  compound: 'Compound filters combining classes and facts',
}

/** The whole page, ending in one newline. */
export function renderDdl(ddl: Ddl): string {
  const { metadata, requires, usage } = ddl
  const lines = [
    ...underlined(metadata.name, '='),
    '',
    metadata.description,
    '',
    label(12, 'Author', metadata.author),
    label(12, 'Version', metadata.version),
    label(12, 'License', metadata.license),
    label(12, 'Timeout', metadata.timeoutSeconds),
    label(12, 'Home Page', metadata.url),
  ]
  if (requires !== undefined) lines.push('', `   Requires MCollective ${requires} or newer`)
  if (usage !== undefined && usage !== '')
    lines.push(
      '',
      ...usage
        .trimEnd()
        .split('\n')
        .map((line) => `   ${line}`.trimEnd()),
    )
  lines.push(...sections(ddl))
  while (lines.at(-1) === '') lines.pop()
  return printable(`${lines.join('\n')}\n`)
}

function sections(ddl: Ddl): string[] {
  switch (ddl.kind) {
    case 'agent': {
      const actions = [...ddl.actions].sort(byName)
      return [
        '',
        ...underlined('ACTIONS:', '='),
        `   ${actions.map(({ name }) => name).join(', ')}`,
        '',
        ...actions.flatMap(action),
      ]
    }
    case 'data':
      return [
        ...['', 'QUERY FUNCTION INPUT:', ''],
        ...(ddl.query ? queryFields(ddl.query) : ['    This plugin does not take any input']),
        ...['', 'QUERY FUNCTION OUTPUT:', ''],
        ...[...ddl.outputs].sort(byName).flatMap(output),
      ]
    case 'discovery': {
      const able = Object.entries(CAPABILITIES).filter(([name]) =>
        ddl.capabilities.some((capability) => capability === name),
      )
      return ['', 'DISCOVERY METHOD CAPABILITIES:', ...able.map(([, sentence]) => `      ${sentence}`)]
    }
    default:
      return []
  }
}

function action({ name, description, inputs, outputs }: ActionDdl): string[] {
  return [
    ...underlined(`${name} action:`, '-').map((line) => `   ${line}`),
    `       ${description}`,
    '',
    '       INPUT:',
    ...(inputs.length === 0
      ? ['          This action does not have any inputs']
      : [...inputs].sort(byName).flatMap(input)),
    '',
    '       OUTPUT:',
    ...(outputs.length === 0
      ? ['          This action does not have any outputs', '']
      : [...outputs].sort(byName).flatMap(output)),
  ]
}

function input(ddl: InputDdl): string[] {
  return [
    `           ${ddl.name}:`,
    ...fields([
      ['Description', ddl.description],
      ['Prompt', ddl.prompt],
      ['Type', ddl.type],
      ['Optional', ddl.optional],
      ...typeFields(ddl),
      ['Default Value', ddl.default],
    ]),
    '',
  ]
}

function queryFields(ddl: InputDdl): string[] {
  return fields([['Description', ddl.description], ['Prompt', ddl.prompt], ['Type', ddl.type], ...typeFields(ddl)])
}

type Field = readonly [string, Value | undefined]

function typeFields({ validation, maxlength, list }: InputDdl): Field[] {
  return [
    ['Validation', validation === undefined ? undefined : validationText(validation)],
    ['Length', maxlength],
    ['Valid Values', list?.map(plain).join(', ')],
  ]
}

function output(ddl: OutputDdl): string[] {
  return [
    `           ${ddl.name}:`,
    ...fields([
      ['Description', ddl.description],
      ['Display As', ddl.displayAs],
      ['Default Value', ddl.default],
    ]),
    '',
  ]
}

function fields(pairs: readonly Field[]): string[] {
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [label(25, name, value)]))
}

/** A validation as a DDL writes it: the expression, the validator's name, or the values. */
export function validationText(validation: Validation): string {
  if (validation.kind === 'regex') return validation.source
  return validation.kind === 'validator' ? validation.name : validation.values.map(plain).join(', ')
}

function label(width: number, name: string, value: Value): string {
  return `${name.padStart(width)}: ${plain(value)}`
}

function plain(value: Value): string {
  return typeof value === 'string' ? value : rubyInspect(value)
}

function underlined(text: string, line: string): string[] {
  return [text, line.repeat(text.length)]
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}
