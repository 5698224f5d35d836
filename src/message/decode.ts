// From what a decoder made of verified bytes to the types of this folder: every field is checked, keys nobody knows are dropped,
// what is wrong is named by its path (`filter.facts[3].operator`). Whether a request is fresh, replayed or allowed is the
// daemon's; whether its inputs fit is the DDL's. [wire 2.3, 2.4]

import { CALLER_PATTERN, IDENTITY_PATTERN, NAME_PATTERN } from '#base/id.ts'
import {
  ADDRESS_LENGTH_MAX,
  DATA_QUERY_LENGTH_MAX,
  FILTER_BYTES_MAX,
  FILTER_TERMS_MAX,
  NAME_LENGTH_MAX,
  PROGRESS_TEXT_LENGTH_MAX,
  REGISTRATION_NAMES_MAX,
  TEXT_BODY_LENGTH_MAX,
  TTL_SECONDS_MAX,
} from '#base/limits.ts'
import { type Fields, invalid, list, map, own, place, shaped, text, tooMuch, truth, values, whole } from './checks.ts'
import type { CompoundToken, DataTest, FactOperator, FactTest, Filter } from './filter.ts'
import type { ProgressBody, RefusalReason, Reply, ReplyBody, RpcReplyBody } from './reply.ts'
import type { Registration, Request, RequestBody, TextBody } from './request.ts'

const REQUEST_ID = /^[0-9a-f]{32}$/
const NO_CONTROLS = /^[^\p{Cc}]+$/u
const TIME_MS_MAX = 8_640_000_000_000_000
const OPERATORS: ReadonlySet<unknown> = new Set<FactOperator>(['==', '!=', '<', '<=', '>', '>=', '=~'])
const DATA_OPERATORS: ReadonlySet<unknown> = new Set([...OPERATORS, '!~'])
const REFUSALS: ReadonlySet<unknown> = new Set<RefusalReason>([
  'unauthorized',
  'expired',
  'skewed',
  'overloaded',
  'stopping',
])

/** Throws MESSAGE_INVALID with the path of the first field that is missing, of the wrong type or out of bounds. */
export function parseRequest(value: unknown): Request {
  const fields = map(value, 'the request')
  const replyTo = own(fields, 'replyTo')
  return {
    id: shaped(own(fields, 'id'), REQUEST_ID, 32, '32 hexadecimal digits', 'id'),
    agent: name(fields, 'agent'),
    collective: name(fields, 'collective'),
    sender: identity(fields, 'sender'),
    caller: shaped(own(fields, 'caller'), CALLER_PATTERN, NAME_LENGTH_MAX, 'a caller id such as uid=0', 'caller'),
    filter: parseFilter(own(fields, 'filter')),
    sentAtMs: whole(own(fields, 'sentAtMs'), 0, TIME_MS_MAX, 'sentAtMs'),
    ttlSeconds: whole(own(fields, 'ttlSeconds'), 1, TTL_SECONDS_MAX, 'ttlSeconds'),
    replyTo: replyTo === null ? null : shaped(replyTo, NO_CONTROLS, ADDRESS_LENGTH_MAX, 'an address', 'replyTo'),
    body: requestBody(map(own(fields, 'body'), 'body')),
  }
}

/** Throws MESSAGE_INVALID like parseRequest. */
export function parseReply(value: unknown): Reply {
  const fields = map(value, 'the reply')
  const body = map(own(fields, 'body'), 'body')
  return {
    requestId: shaped(own(fields, 'requestId'), REQUEST_ID, 32, '32 hexadecimal digits', 'requestId'),
    sender: identity(fields, 'sender'),
    agent: name(fields, 'agent'),
    sentAtMs: whole(own(fields, 'sentAtMs'), 0, TIME_MS_MAX, 'sentAtMs'),
    body: replyBody(body),
  }
}

/** A filter from outside, e.g. `{ facts: [], classes: ['ntp'], agents: [], identities: [], compounds: [] }`. */
export function parseFilter(value: unknown): Filter {
  const fields = map(value, 'filter')
  const budget = { terms: FILTER_TERMS_MAX, characters: FILTER_BYTES_MAX }
  return {
    facts: terms(fields, 'facts', budget).map((item, i) => factTest(item, 'filter.facts', i, budget)),
    classes: nameTests(fields, 'classes', budget),
    agents: nameTests(fields, 'agents', budget),
    identities: nameTests(fields, 'identities', budget),
    compounds: terms(fields, 'compounds', budget).map((item, i) => compound(item, `filter.compounds[${i}]`, budget)),
  }
}

function name(fields: Fields, key: string): string {
  return shaped(own(fields, key), NAME_PATTERN, NAME_LENGTH_MAX, 'a name of letters, digits, _ . and -', key)
}

function identity(fields: Fields, key: string): string {
  return shaped(own(fields, key), IDENTITY_PATTERN, NAME_LENGTH_MAX, 'an identity such as web1.example.com', key)
}

function requestBody(fields: Fields): RequestBody {
  const kind = own(fields, 'kind')
  switch (kind) {
    case 'rpc':
      return {
        kind,
        action: shaped(own(fields, 'action'), NAME_PATTERN, NAME_LENGTH_MAX, 'the name of an action', 'body.action'),
        data: values(own(fields, 'data'), 'body.data'),
        processResults: truth(own(fields, 'processResults'), 'body.processResults'),
        ...(wantsProgress(fields) ? { wantsProgress: true } : {}),
      }
    case 'text':
      return textBody(fields)
    case 'registration':
      return { kind, registration: registration(map(own(fields, 'registration'), 'body.registration')) }
    default:
      throw invalid('body.kind', "'rpc', 'text' or 'registration'", kind)
  }
}

function wantsProgress(fields: Fields): boolean {
  const wants = own(fields, 'wantsProgress')
  return wants !== undefined && truth(wants, 'body.wantsProgress')
}

function replyBody(fields: Fields): ReplyBody {
  switch (own(fields, 'kind')) {
    case 'text':
      return textBody(fields)
    case 'progress':
      return progressBody(fields)
    default:
      return rpcReplyBody(fields)
  }
}

function progressBody(fields: Fields): ProgressBody {
  const said = text(own(fields, 'text'), PROGRESS_TEXT_LENGTH_MAX, 'body.text')
  const percent = own(fields, 'percent')
  if (percent === undefined) return { kind: 'progress', text: said }
  return { kind: 'progress', text: said, percent: whole(percent, 0, 100, 'body.percent') }
}

function textBody(fields: Fields): TextBody {
  return { kind: 'text', text: text(own(fields, 'text'), TEXT_BODY_LENGTH_MAX, 'body.text') }
}

function rpcReplyBody(fields: Fields): RpcReplyBody {
  const kind = own(fields, 'kind')
  if (kind !== 'rpc') throw invalid('body.kind', "'rpc', 'text' or 'progress'", kind)
  const statusCode = whole(
    own(fields, 'statusCode'),
    Number.MIN_SAFE_INTEGER,
    Number.MAX_SAFE_INTEGER,
    'body.statusCode',
  )
  const body = {
    kind,
    statusCode,
    statusMessage: text(own(fields, 'statusMessage'), TEXT_BODY_LENGTH_MAX, 'body.statusMessage'),
    data: values(own(fields, 'data'), 'body.data'),
  } as const
  const refused = own(fields, 'refused')
  if (refused === undefined) return body
  if (!REFUSALS.has(refused)) throw invalid('body.refused', `one of ${[...REFUSALS].join(', ')}`, refused)
  if (statusCode === 0) throw invalid('body.statusCode', 'other than 0 when body.refused is given', statusCode)
  return { ...body, refused: refused as RefusalReason }
}

function registration(fields: Fields): Registration {
  const at = 'body.registration'
  const names = (key: string): string[] => {
    const path = `${at}.${key}`
    const items = list(own(fields, key), path, REGISTRATION_NAMES_MAX)
    return items.map((item, i) => text(item, NAME_LENGTH_MAX, path, i))
  }
  const facts = own(fields, 'facts')
  return {
    agents: names('agents'),
    collectives: names('collectives'),
    classes: names('classes'),
    facts: facts === null ? null : values(facts, `${at}.facts`),
    version: text(own(fields, 'version'), NAME_LENGTH_MAX, `${at}.version`),
    intervalSeconds: whole(own(fields, 'intervalSeconds'), 0, Number.MAX_SAFE_INTEGER, `${at}.intervalSeconds`),
    leaving: truth(own(fields, 'leaving'), `${at}.leaving`),
  }
}

/** What is left of the bounds of the whole filter. */
interface Budget {
  terms: number
  characters: number
}

function terms(fields: Fields, key: string, budget: Budget): readonly unknown[] {
  return counted(own(fields, key), `filter.${key}`, budget)
}

function counted(value: unknown, where: string, budget: Budget): readonly unknown[] {
  const items = list(value, where, FILTER_TERMS_MAX)
  budget.terms -= items.length
  if (budget.terms < 0) throw tooMuch('filter', `${FILTER_TERMS_MAX} terms`)
  return items
}

function term(value: unknown, budget: Budget, path: string, index: number, field = ''): string {
  const found = text(value, FILTER_BYTES_MAX, path, index, field)
  budget.characters -= found.length
  if (budget.characters < 0) throw tooMuch('filter', `${FILTER_BYTES_MAX} characters`)
  return found
}

function nameTests(fields: Fields, key: string, budget: Budget): string[] {
  return terms(fields, key, budget).map((item, i) => term(item, budget, `filter.${key}`, i))
}

function factTest(value: unknown, path: string, index: number, budget: Budget, inside = ''): FactTest {
  const fields = map(value, place(path, index, inside))
  const operator = own(fields, 'operator')
  const within = inside ? `${inside}.` : ''
  if (!OPERATORS.has(operator)) {
    throw invalid(place(path, index, `${within}operator`), `one of ${[...OPERATORS].join(' ')}`, operator)
  }
  return {
    fact: term(own(fields, 'fact'), budget, path, index, `${within}fact`),
    operator: operator as FactOperator,
    value: term(own(fields, 'value'), budget, path, index, `${within}value`),
  }
}

function compound(value: unknown, path: string, budget: Budget): CompoundToken[] {
  return counted(value, path, budget).map((item, i) => token(item, path, i, budget))
}

function token(value: unknown, path: string, index: number, budget: Budget): CompoundToken {
  const fields = map(value, place(path, index))
  const kind = own(fields, 'kind')
  switch (kind) {
    case 'and':
    case 'or':
    case 'not':
    case '(':
    case ')':
      return { kind }
    case 'class':
      return { kind, class: term(own(fields, 'class'), budget, path, index, 'class') }
    case 'fact':
      return { kind, test: factTest(own(fields, 'test'), path, index, budget, 'test') }
    case 'data':
      return { kind, test: dataTest(own(fields, 'test'), path, index, budget) }
    default:
      throw invalid(place(path, index, 'kind'), 'and, or, not, (, ), class, fact or data', kind)
  }
}

function dataTest(value: unknown, path: string, index: number, budget: Budget): DataTest {
  const fields = map(value, place(path, index, 'test'))
  const operator = own(fields, 'operator')
  if (!DATA_OPERATORS.has(operator)) {
    throw invalid(place(path, index, 'test.operator'), `one of ${[...DATA_OPERATORS].join(' ')}`, operator)
  }
  const query = own(fields, 'query')
  if (query !== null) {
    term(query, budget, path, index, 'test.query')
    text(query, DATA_QUERY_LENGTH_MAX, path, index, 'test.query')
  }
  return {
    source: term(own(fields, 'source'), budget, path, index, 'test.source'),
    query: query as string | null,
    output: term(own(fields, 'output'), budget, path, index, 'test.output'),
    operator: operator as DataTest['operator'],
    value: term(own(fields, 'value'), budget, path, index, 'test.value'),
  }
}
