// docs/reference/commands.md, made from the table of commands, so that the page cannot say anything else than `mco help`.

import type { Command } from './command.ts'
import { exitCodeRows } from './exit-codes.ts'
import { optionText } from './help-screen.ts'
import {
  COMMON_OPTIONS,
  FILTER_OPTIONS,
  type OptionSpec,
  OUTPUT_OPTIONS,
  REQUIRED_OPTIONS,
  RPC_OPTIONS,
} from './options.ts'

const GROUP_TITLES = { rpc: 'RPC options', common: 'Common options', filter: 'Host filters' } as const

/** Environment variables of `mco`. [cli 2.3] */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  [
    'MCOLLECTIVE_EXTRA_OPTS',
    'options read as if they stood before those typed; the ones a command does not have are ignored',
  ],
  ['MCO_LOOK', '`classic` or `modern`, like `--look`'],
  ['NO_COLOR', 'set to anything: no colour, like `--color never`'],
  ['COLUMNS, LINES', 'both set: the size of the terminal'],
  ['MCOLLECTIVE_PSK', 'the pre-shared key, instead of `plugin.psk`'],
  ['STOMP_USER, STOMP_PASSWORD', 'the account at the broker, instead of the one in the configuration'],
]

export function renderCommandsPage(commands: readonly Command[]): string {
  return `${[
    '# Commands',
    '',
    'Every command of `mco`. This page is made from the program by `scripts/command-pages.mjs`; `mco help COMMAND` shows the same.',
    'How to work with them is in [the guide](../guide/operating.md), filters are explained in [filters](../guide/filters.md).',
    '',
    '    mco [options] <command> [options] [filters] [words]',
    '',
    'Options and words may stand in any order, options also before the command. Long names may be shortened as long as one option',
    'fits, values are given as `--ttl 60`, `--ttl=60` or `-t5`, and `--` ends the options. A link to `mco` named `mc-ping` is `mco ping`.',
    '`mco` alone lists the commands, `mco --version` prints the version.',
    '',
    ...commands.map(({ name, summary }) => `- [\`${name}\`](#${name}): ${summary}`),
    '',
    ...commands.flatMap(commandSection),
    '## Shared options',
    '',
    'Every command takes these:',
    '',
    ...optionTable([...REQUIRED_OPTIONS, ...OUTPUT_OPTIONS]),
    '',
    '### RPC options',
    '',
    ...optionTable(RPC_OPTIONS),
    '',
    '### Common options',
    '',
    ...optionTable(COMMON_OPTIONS),
    '',
    '### Host filters',
    '',
    ...optionTable(FILTER_OPTIONS),
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '|---|---|',
    ...exitCodeRows().map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    '## JSON',
    '',
    'With `--json` standard output holds one JSON document and nothing else: indented on a terminal, otherwise on one line. What else',
    'there is to say, such as nodes that did not answer, goes to standard error. With `--verbose` calls print',
    '`{"replies": ..., "summary": {...}}`: the document that is described with the command, and the account of the call:',
    '',
    '| field of `summary` | meaning |',
    '|---|---|',
    ...SUMMARY_FIELDS.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    '`targeted` is always the sum of `ok`, `failed`, `refused` and the lengths of `noResponse` and `notAddressed`.',
    '',
    '## Environment',
    '',
    '| variable | effect |',
    '|---|---|',
    ...ENVIRONMENT.map(([name, effect]) => `| \`${name}\` | ${effect} |`),
  ].join('\n')}\n`
}

const SUMMARY_FIELDS: readonly (readonly [string, string])[] = [
  ['requestId', '32 hexadecimal digits'],
  ['agent, action', 'what was called'],
  ['targeted', 'nodes the call was for'],
  ['ok, failed, refused', 'numbers of nodes that did it, could not do it, would not do it'],
  ['noResponse', 'names of nodes that did not answer'],
  ['notAddressed', 'names of nodes the request was never sent to, after Ctrl-C in a batch'],
  ['unexpected', 'names of nodes that answered although they were not asked'],
  ['duplicates', 'second answers of the same node'],
  ['rejected, rejectedReason', 'messages that could not be trusted, and why one of them'],
  ['interrupted', 'true after Ctrl-C'],
  ['discovery', 'how the nodes became known: `roster`, `mc`, `named`, or `none`'],
  ['startedAtMs', 'milliseconds since 1970'],
  ['discoveryMs, agentMs, totalMs', 'milliseconds; discovery runs beside the call unless it is limited or batched'],
]

function commandSection(command: Command): string[] {
  const { name, summary, usage, options, groups, notes, json, examples } = command
  const shared = groups.map((group) => `[${GROUP_TITLES[group]}](#${anchorOf(GROUP_TITLES[group])})`)
  return [
    `## ${name}`,
    '',
    `${summary}.`,
    '',
    ...usage.map((line) => `    mco ${line}`),
    '',
    ...(notes ? [...notes, ''] : []),
    ...(options.length > 0 ? [...optionTable(options), ''] : []),
    ...(shared.length > 0 ? [`Also: ${shared.join(', ')}.`, ''] : []),
    `With \`--json\`: \`${json.shape}\`${json.note ? `; ${json.note}` : ''}.`,
    ...(json.verbose ? [`With \`--verbose\` as well: \`${json.verbose}\`.`] : []),
    '',
    ...examples.flatMap(({ says, type }) => [`    # ${says}`, `    mco ${type}`]),
    '',
  ]
}

function optionTable(specs: readonly OptionSpec[]): string[] {
  const rows = specs.map((spec) => `| \`${optionText(spec)}\` | ${cell(describeOption(spec))} |`)
  return ['| option | meaning |', '|---|---|', ...rows]
}

/** The description, and that an option may be given several times. */
export function describeOption(spec: OptionSpec): string {
  return spec.multiple ? `${spec.description} (repeatable)` : spec.description
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-')
}
