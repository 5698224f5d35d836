// Manual pages as roff (man macros), made from the table of commands like docs/reference/commands.md. [M-002]

import type { Command, CommandEntry } from './command.ts'
import { exitCodeRows } from './exit-codes.ts'
import { optionText } from './help-screen.ts'
import { FILTER_OPTIONS, type OptionSpec, OUTPUT_OPTIONS, optionsOf, REQUIRED_OPTIONS } from './options.ts'
import { describeOption, ENVIRONMENT } from './reference-page.ts'

export interface ManPage {
  /** File name, e.g. `mco-ping.1`. */
  readonly file: string
  readonly text: string
}

export interface ManSection {
  readonly title: string
  /** Paragraphs, or a list of terms with what they mean, or lines as they are. */
  readonly paragraphs?: readonly string[]
  readonly terms?: readonly (readonly [string, string])[]
  readonly lines?: readonly string[]
}

export interface ManModel {
  readonly name: string
  readonly section: number
  readonly summary: string
  readonly version: string
  readonly synopsis: readonly string[]
  readonly sections: readonly ManSection[]
}

/** The page of one command: `mco-ping.1`. */
export function commandPage(command: Command, version: string): ManPage {
  const { name, summary, usage, notes, json, examples } = command
  return manPage({
    name: `mco-${name}`,
    section: 1,
    summary: summary.charAt(0).toLowerCase() + summary.slice(1),
    version,
    synopsis: usage.map((line) => `mco ${line}`),
    sections: [
      { title: 'DESCRIPTION', paragraphs: [`${summary}.`, ...(notes ? [notes.join(' ')] : [])] },
      { title: 'OPTIONS', terms: optionsOf(command).map(termOf) },
      {
        title: 'JSON',
        paragraphs: [
          `With --json the command prints ${json.shape}${json.note ? `; ${json.note}` : ''}.`,
          ...(json.verbose ? [`With --verbose as well: ${json.verbose}.`] : []),
        ],
      },
      { title: 'EXAMPLES', lines: examples.flatMap(({ says, type }) => [`# ${says}`, `mco ${type}`]) },
      ...(command.groups.includes('common') ? [exitSection()] : []),
      { title: 'SEE ALSO', paragraphs: ['mco(1), mcollectived(8)'] },
    ],
  })
}

/** `mco.1`. */
export function mcoPage(commands: Readonly<Record<string, CommandEntry>>, version: string): ManPage {
  return manPage({
    name: 'mco',
    section: 1,
    summary: 'live orchestration of many nodes',
    version,
    synopsis: ['mco [options] <command> [options] [filters] [words]'],
    sections: [
      {
        title: 'DESCRIPTION',
        paragraphs: [
          'mco asks nodes over a message bus to do something and accounts for every one of them: who did it, who failed, who refused, who did not answer.',
          'Options and words may stand in any order, options also before the command. Long names may be shortened as long as only one option fits. A link to mco named mc-ping is mco ping.',
        ],
      },
      {
        title: 'COMMANDS',
        terms: Object.entries(commands).map(
          ([name, { summary }]) => [name, `${summary}; see mco-${name}(1).`] as const,
        ),
      },
      { title: 'OPTIONS', terms: [...REQUIRED_OPTIONS, ...OUTPUT_OPTIONS].map(termOf) },
      { title: 'FILTERS', terms: FILTER_OPTIONS.map(termOf) },
      exitSection(),
      { title: 'ENVIRONMENT', terms: ENVIRONMENT.map(([name, effect]) => [name, `${plain(effect)}.`] as const) },
      {
        title: 'FILES',
        terms: [
          [
            '~/.mcollective',
            'The configuration; the first of these that can be read is used, unless --config names another.',
          ],
          ['/etc/puppetlabs/mcollective/client.cfg', 'The second place.'],
          ['/etc/mcollective/client.cfg', 'The third place.'],
        ],
      },
      {
        title: 'SEE ALSO',
        paragraphs: [
          `${Object.keys(commands)
            .map((name) => `mco-${name}(1)`)
            .join(', ')}, mcollectived(8)`,
        ],
      },
    ],
  })
}

export function manPage({ name, section, summary, version, synopsis, sections }: ManModel): ManPage {
  const lines = [
    '.\\" Made by scripts/command-pages.mjs from the program itself.',
    `.TH ${name.toUpperCase()} ${section} "" "Troupe ${version}" "Live orchestration"`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(summary)}`,
    '.SH SYNOPSIS',
    ...synopsis.flatMap((line, i) => [...(i > 0 ? ['.br'] : []), roff(line)]),
    ...sections.flatMap(sectionLines),
  ]
  return { file: `${name}.${section}`, text: `${lines.join('\n')}\n` }
}

function sectionLines({ title, paragraphs = [], terms = [], lines = [] }: ManSection): string[] {
  return [
    `.SH "${title}"`,
    ...paragraphs.flatMap((text, i) => [...(i > 0 ? ['.PP'] : []), ...filled(text)]),
    ...terms.flatMap(([term, meaning]) => ['.TP', `.B ${roff(term)}`, ...filled(meaning)]),
    ...(lines.length > 0 ? ['.nf', ...lines.map(roff), '.fi'] : []),
  ]
}

function exitSection(): ManSection {
  return { title: 'EXIT STATUS', terms: exitCodeRows().map(([code, meaning]) => [String(code), `${plain(meaning)}.`]) }
}

function termOf(spec: OptionSpec): readonly [string, string] {
  return [optionText(spec), `${describeOption(spec)}.`]
}

/** Without the marks of Markdown. */
function plain(text: string): string {
  return text.replaceAll('`', '')
}

/** Lines of at most 78 characters, broken at blanks. */
function filled(text: string): string[] {
  const lines: string[] = []
  for (const word of roff(text).split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < 78) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word.startsWith('.') ? `\\&${word}` : word)
  }
  return lines
}

/** Text for roff: nothing in it is a request, an escape or a hyphen that may be turned into another character. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replaceAll('"', '\\(dq')
  return escaped.startsWith('.') ? `\\&${escaped}` : escaped
}
