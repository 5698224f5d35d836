// When are two answers the same? Equal outcome, status code, message and data, volatile outputs left out; normalised: also when they
// differ only in the node's own name, other nodes' names, addresses and numbers. An answer becomes a short key, so that thousands of them
// need not be kept to be compared. [live 7, O13, B-024]

import { hash } from 'node:crypto'
import {
  ANSWER_NORMALISED_CHARACTERS_MAX,
  ANSWERS_REMEMBERED_CHARACTERS_MAX,
  NAME_LENGTH_MAX,
  NAMES_REMEMBERED_CHARACTERS_MAX,
  RECENT_ANSWER_CHARACTERS_MAX,
} from '#base/limits.ts'
import { createRemembered, remembering } from '#base/remembered.ts'
import { isVolatile, isVolatileName } from '#rpc/volatile.ts'
import type { JobOutcome } from '../api/jobs.ts'
import { createRecentAnswers } from './recent-answers.ts'

export interface Answer {
  readonly node: string
  readonly outcome: JobOutcome
  readonly statusCode?: number | undefined
  readonly message?: string | undefined
  readonly data?: unknown
}

export interface AnswerKeys {
  /** 32 hex digits. */
  readonly group: string
  readonly normalisedGroup: string
}

export interface KeyingOptions {
  readonly agent: string
  readonly action: string
  /** Outputs of the site that are volatile, see isVolatile. */
  readonly volatile?: ReadonlySet<string>
  /** Whether a word is the name of a node. */
  isNode(word: string): boolean
}

/** Makes the function that gives the keys of an answer of this action. */
export function createAnswerKeys({ agent, action, volatile, isNode }: KeyingOptions): (answer: Answer) => AnswerKeys {
  const skips = remembering(NAMES_REMEMBERED_CHARACTERS_MAX, (name) => isVolatile(agent, action, name, volatile))
  const words: KnownWords = new Map()
  const answers = createRemembered<KnownAnswer>(ANSWERS_REMEMBERED_CHARACTERS_MAX)
  const recent = createRecentAnswers<KnownAnswer>(skips)

  const knownByText = (answer: Answer): KnownAnswer => {
    const { outcome, statusCode, message, data } = answer
    const head = `${outcome} ${statusCode ?? ''}\0`
    const text = `${head}${canonical(data, skips)}\n${message ?? ''}`
    let known = answers.get(text)
    if (known === undefined) {
      const body = text.slice(head.length)
      known = { head, body, lower: body.toLowerCase(), group: digest(text), normalisedGroup: undefined }
      answers.set(text, known)
    }
    if (text.length <= RECENT_ANSWER_CHARACTERS_MAX) recent.keep(answer, known)
    return known
  }

  return (answer) => {
    const { node } = answer
    const known = recent.find(answer) ?? knownByText(answer)
    const { group, head, body } = known
    // Words that others said became something else for them.
    if (namesItself(known, node, isNode))
      return { group, normalisedGroup: digest(head + normalised(body, node, isNode)) }
    known.normalisedGroup ??= digest(head + normalised(body, node, isNode, words))
    return { group, normalisedGroup: known.normalisedGroup }
  }
}

interface KnownAnswer {
  readonly head: string
  readonly body: string
  /** The body in small letters. */
  readonly lower: string
  readonly group: string
  /** Whichever node gives this answer, unless it names itself in it. */
  normalisedGroup: string | undefined
}

/** Whether the answer may become another one by who gives it: of known nodes every name is found. */
function namesItself({ lower }: KnownAnswer, node: string, isNode: (word: string) => boolean): boolean {
  const name = node.toLowerCase()
  const short = name.split('.', 1)[0] ?? name
  return lower.includes(short) && !(isNode(name) && isNode(short))
}

function digest(text: string): string {
  return hash('sha256', text).slice(0, 32)
}

const isVolatileInside = remembering(NAMES_REMEMBERED_CHARACTERS_MAX, isVolatileName)

/** JSON with the members of maps in order of their names, so that equal values have equal texts. */
export function canonical(value: unknown, skips: (name: string) => boolean = () => false): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  let text = ''
  if (Array.isArray(value)) {
    for (const one of value) text += `${text === '' ? '' : ','}${canonical(one, isVolatileInside)}`
    return `[${text}]`
  }
  for (const name of Object.keys(value).sort()) {
    const inner = (value as Record<string, unknown>)[name]
    if (inner === undefined || skips(name)) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonical(inner, isVolatileInside)}`
  }
  return `{${text}}`
}

/** One pass; everything it looks for is a run of characters of one class, so its time is linear. */
const WORD = /[A-Za-z0-9_][\w.:-]*/g
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/
const COLONS = /^(?:[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}|[0-9a-f]{2}(?::[0-9a-f]{2}){5})$/i
const DASHED_MAC = /^[0-9a-f]{2}(?:-[0-9a-f]{2}){5}$/i
const HEX = /^(?=.*\d)(?:[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i

/** Words seen before and what they became: answers of a fleet have most words in common. */
export type KnownWords = Map<string, string>

/** `normalised('web1 has 3 of 10.0.0.1', 'web1', ...)` is `<host> has # of <address>`. */
export function normalised(
  text: string,
  node: string,
  isNode: (word: string) => boolean,
  known: KnownWords = new Map(),
): string {
  const short = node.split('.', 1)[0] ?? node
  const one = (word: string): string => {
    if (word === node || word === short) return HOST
    const before = known.get(word)
    if (before !== undefined) return before
    const made = normalisedWord(word, node, short, isNode)
    // What is only this node's own is of no use for others.
    if (known.size < WORDS_KNOWN_MAX && !made.includes(HOST)) known.set(word, made)
    return made
  }
  const head = text.slice(0, ANSWER_NORMALISED_CHARACTERS_MAX)
  return head.replace(WORD, one) + text.slice(ANSWER_NORMALISED_CHARACTERS_MAX)
}

const WORDS_KNOWN_MAX = 50_000
const HOST = '<host>'

function normalisedWord(word: string, node: string, short: string, isNode: (word: string) => boolean): string {
  if (word.length > NAME_LENGTH_MAX) return word.replace(/\d+/g, '#')
  const bare = word.replace(/[.:-]+$/, '')
  const tail = word.slice(bare.length)
  const lower = bare.toLowerCase()
  if (lower === node || lower === short || isNode(lower)) return `${HOST}${tail}`
  if (IPV4.test(bare) || COLONS.test(bare) || DASHED_MAC.test(bare)) return `<address>${tail}`
  if (bare.length >= 16 && HEX.test(bare)) return `<id>${tail}`
  return word.replace(/\d+(?:\.\d+)?/g, '#')
}
