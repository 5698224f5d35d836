// Reads ActionPolicy files and their groups file. A line that cannot be understood refuses the whole file: a policy without one of
// its lines may allow what that line denies. [agents 14.1, 14.3]

import { messageOf, TroupeError } from '#base/errors.ts'
import { CALLER_PATTERN, NAME_PATTERN } from '#base/id.ts'
import { EMPTY_FILTER, type Filter } from '#message/filter.ts'
import { parseCompound } from '../match/compound.ts'
import { parseFactTest } from '../match/fact-test.ts'
import { parseNameTest } from '../match/name-test.ts'
import type { Policy, PolicyRule } from './policy.ts'

/** Group name -> caller ids. */
export type Groups = ReadonlyMap<string, ReadonlySet<string>>

const NO_GROUPS: Groups = new Map()

/**
 * Reads the text of a policy, e.g. of `service.policy`; `file` is for messages. Throws CONFIG_BAD_POLICY with file and line.
 *
 *     policy default deny
 *     allow<TAB>cert=admin<TAB>*<TAB>*<TAB>*
 */
export function parsePolicy(text: string, file: string, groups: Groups = NO_GROUPS): Policy {
  const rules: PolicyRule[] = []
  let fallback: Policy['fallback'] = null
  for (const { line, content } of linesOf(text)) {
    const bad = badLine(file, line)
    const found = /^policy\s+default\s+(\S+)$/.exec(content)
    if (found) {
      if (fallback) throw bad("a second 'policy default'")
      if (found[1] !== 'allow' && found[1] !== 'deny') throw bad(`'policy default' is '${found[1]}', not allow or deny`)
      fallback = found[1]
      continue
    }
    rules.push(ruleOf(content, line, groups, bad))
  }
  return { file, rules, fallback }
}

/** Reads the groups file: `group callerid callerid ...` per line. Throws CONFIG_BAD_POLICY with file and line. */
export function parseGroups(text: string, file: string): Groups {
  const groups = new Map<string, ReadonlySet<string>>()
  for (const { line, content } of linesOf(text)) {
    const bad = badLine(file, line)
    const [name = '', ...callers] = content.trim().split(/\s+/)
    if (!NAME_PATTERN.test(name)) throw bad(`'${name}' is no name of a group`)
    if (groups.has(name)) throw bad(`a second group '${name}'`)
    for (const caller of callers)
      if (!CALLER_PATTERN.test(caller)) throw bad(`'${caller}' is no caller id such as cert=admin`)
    groups.set(name, new Set(callers))
  }
  return groups
}

function linesOf(text: string): { line: number; content: string }[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((content, index) => ({ line: index + 1, content: content.trimEnd() }))
    .filter(({ content }) => content !== '' && !content.trimStart().startsWith('#'))
}

type Bad = (what: string) => TroupeError

function badLine(file: string, line: number): Bad {
  return (what) =>
    new TroupeError('CONFIG_BAD_POLICY', `cannot use ${file} line ${line}: ${what}`, { details: { file, line } })
}

function ruleOf(content: string, line: number, groups: Groups, bad: Bad): PolicyRule {
  const [verdict = '', callers = '', actions = '', facts = '', classes = '*', ...more] = content.split(/\t+/)
  if (verdict !== 'allow' && verdict !== 'deny') {
    throw bad(
      `'${content.slice(0, 60)}' is neither 'policy default ...' nor a rule 'allow' or 'deny' with tabs between its fields`,
    )
  }
  if (facts.trim() === '' || more.length > 0) {
    throw bad('a rule has four or five fields with tabs between them: verdict, callers, actions, facts and classes')
  }
  return {
    verdict,
    callers: callersOf(callers, groups, bad),
    actions: actionsOf(actions, bad),
    facts: conditionOf(facts, bad, (words) => ({ ...EMPTY_FILTER, facts: words.map(parseFactTest) })),
    classes: conditionOf(classes, bad, (words) => ({
      ...EMPTY_FILTER,
      classes: words.map((word) => parseNameTest(word, 'class')),
    })),
    line,
    text: content.replaceAll(/\t+/g, ' '),
  }
}

/** Null for `*`. */
function wordsOf(field: string, what: string, bad: Bad): string[] | null {
  const words = field.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) throw bad(`the ${what} field is empty; write * for all`)
  if (!words.includes('*')) return words
  if (words.length > 1) throw bad(`the ${what} field has * and something else`)
  return null
}

function callersOf(field: string, groups: Groups, bad: Bad): ReadonlySet<string> | null {
  const words = wordsOf(field, 'callers', bad)
  if (!words) return null
  const callers = new Set<string>()
  for (const word of words) {
    if (CALLER_PATTERN.test(word)) {
      callers.add(word)
      continue
    }
    const group = groups.get(word)
    if (!group) throw bad(`'${word}' is neither a caller id such as cert=admin nor a group of the groups file`)
    for (const caller of group) callers.add(caller)
  }
  return callers
}

function actionsOf(field: string, bad: Bad): ReadonlySet<string> | null {
  const words = wordsOf(field, 'actions', bad)
  const wrong = words?.find((word) => !NAME_PATTERN.test(word))
  if (wrong !== undefined) throw bad(`'${wrong}' is no name of an action`)
  return words && new Set(words)
}

/** `*`, words that must all match, or a compound expression: anything with `and`, `or`, `not`, `!` or parentheses. */
function conditionOf(field: string, bad: Bad, list: (words: string[]) => Filter): Filter {
  try {
    if (/(?:^|\s)(?:!|(?:and|or|not)(?:\s|$|\())|[()]/.test(field)) {
      return { ...EMPTY_FILTER, compounds: [parseCompound(field)] }
    }
    const words = wordsOf(field, 'facts or classes', bad)
    return words ? list(words) : EMPTY_FILTER
  } catch (error) {
    if (error instanceof TroupeError && error.code === 'CONFIG_BAD_POLICY') throw error
    throw bad(messageOf(error))
  }
}
