// Help of one command from its data. [cli 3 "Help screen layout"]

import type { Command } from './command.ts'
import {
  COMMON_OPTIONS,
  FILTER_OPTIONS,
  type OptionSpec,
  OUTPUT_OPTIONS,
  REQUIRED_OPTIONS,
  RPC_OPTIONS,
} from './options.ts'

/** Descriptions start here; an option's own text longer than 32 goes on a line by itself. */
const DESCRIPTION_COLUMN = 37
const OPTION_TEXT_MAX = 32

export function helpScreen(command: Command, version: string): string {
  const has = (group: 'common' | 'rpc' | 'filter'): boolean => command.groups.includes(group)
  const usage = command.usage.map((words) => `Usage: mco ${words}`)
  const examples = command.examples.flatMap(({ says, type }) => [`    # ${says}`, `    mco ${type}`])
  const sections = [
    ['', command.summary, '', ...usage],
    command.options.length > 0 ? ['', 'Application Options', ...rows(command.options)] : [],
    ['', ...(has('rpc') ? ['RPC Options', ...rows(RPC_OPTIONS)] : []), ...rows(REQUIRED_OPTIONS)],
    has('common') ? ['', 'Common Options', ...rows(COMMON_OPTIONS)] : [],
    ['', 'Output Options', ...rows(OUTPUT_OPTIONS)],
    has('filter') ? ['', 'Host Filters', ...rows(FILTER_OPTIONS)] : [],
    examples.length > 0 ? ['', 'Examples', ...examples] : [],
    ['', versionLine(version)],
  ]
  return sections.flat().join('\n')
}

export function versionLine(version: string): string {
  return `The Marionette Collective, Troupe ${version}`
}

/** Short and long names of an option with the name of its value: `-t, --timeout SECONDS`. */
export function optionText(spec: OptionSpec): string {
  const longs = [...(spec.aliases ?? []), spec.name].map((name) => `--${name}`)
  return [...(spec.short ? [`-${spec.short}`] : []), ...longs].join(', ') + (spec.value ? ` ${spec.value}` : '')
}

function rows(specs: readonly OptionSpec[]): string[] {
  return specs.flatMap(row)
}

function row(spec: OptionSpec): string[] {
  const text = spec.short ? optionText(spec) : `    ${optionText(spec)}`
  if (text.length > OPTION_TEXT_MAX) return [`    ${text}`, `${' '.repeat(DESCRIPTION_COLUMN)}${spec.description}`]
  return [`    ${text}`.padEnd(DESCRIPTION_COLUMN) + spec.description]
}
