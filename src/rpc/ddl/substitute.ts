// Ruby's sub and gsub for DDL expressions. A regular expression here is limited to a form that takes at most quadratic
// time on the engine of JavaScript: characters and classes in a row, alternatives, anchors, no groups, one unbounded
// repetition. Real DDLs replace `_` by a blank. [agents 2.1]

import { DDL_SUBSTITUTE_LENGTH_MAX } from '#base/limits.ts'

/** What to look for: plain text, or a regular expression as the lexer writes it, e.g. `(?-mix:_+)`. */
export type Pattern = { readonly text: string } | { readonly regex: string }

/**
 * `substitute('a_b', { text: '_' }, ' ', true)` is `a b`. In the replacement `\0` is what was found and `\\` a backslash.
 * Throws a plain Error saying what is not possible; the caller knows the place.
 */
export function substitute(text: string, pattern: Pattern, replacement: string, everywhere: boolean): string {
  const search =
    'text' in pattern
      ? new RegExp(escapeRegExp(pattern.text), everywhere ? 'gu' : 'u')
      : simpleRegExp(pattern.regex, everywhere)
  if ('regex' in pattern && text.length > DDL_SUBSTITUTE_LENGTH_MAX)
    throw new Error(`sub and gsub with a regular expression take at most ${DDL_SUBSTITUTE_LENGTH_MAX} characters`)
  return text.replace(search, (found) =>
    replacement.replace(/\\([0&\\]|\d)/g, (_, code: string) => {
      if (code === '\\') return '\\'
      return code === '0' || code === '&' ? found : ''
    }),
  )
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

const CLASS_BODY = '(?:[^\\[\\]\\\\&]|\\\\[^a-zA-Z0-9]|\\\\[dwsntr])+'
const PIECE = new RegExp(
  `(\\[\\^?${CLASS_BODY}\\]|\\\\[^a-zA-Z0-9]|\\\\[dDwWsSntrAz]|[^\\\\\\[\\](){}?*+])([?*+]?)`,
  'y',
)

function simpleRegExp(source: string, everywhere: boolean): RegExp {
  const [, flags = '', body = ''] = /^\(\?([mix]*)(?:-[mix]+)?:([\s\S]*)\)$/.exec(source) ?? ['', '', source]
  if (flags.includes('x')) throw new Error(`sub and gsub take no regular expression with the flag x: ${source}`)
  let js = ''
  let unbounded = 0
  for (PIECE.lastIndex = 0; PIECE.lastIndex < body.length; ) {
    const piece = PIECE.exec(body)
    if (!piece) throw new Error(`sub and gsub take only regular expressions without groups: ${source}`)
    const [, atom = '', quantifier = ''] = piece
    if (quantifier === '*' || quantifier === '+') unbounded++
    js += translate(atom, flags.includes('m')) + quantifier
  }
  if (unbounded > 1) throw new Error(`sub and gsub take regular expressions with one * or + only: ${source}`)
  return new RegExp(js, `m${everywhere ? 'g' : ''}${flags.includes('i') ? 'i' : ''}u`)
}

/** Where the two languages differ: `.`, `\s`, `\A`, `\z`, and what may be escaped. */
function translate(atom: string, dotAll: boolean): string {
  const blanks = ' \\t\\r\\n\\f\\v'
  if (atom === '.') return dotAll ? '[\\s\\S]' : '[^\\n]'
  if (atom === '\\A') return '(?<![\\s\\S])'
  if (atom === '\\z') return '(?![\\s\\S])'
  if (atom === '\\s') return `[${blanks}]`
  if (atom === '\\S') return `[^${blanks}]`
  const inClass = atom[0] === '['
  return atom.replace(/\\(.)/gsu, (escaped, c: string) => {
    if (c === 's' && inClass) return blanks
    if (/[a-zA-Z0-9\\^$.*+?()[\]{}|/]/.test(c) || (c === '-' && inClass)) return escaped
    return c
  })
}
