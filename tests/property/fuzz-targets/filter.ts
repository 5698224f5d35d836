// The parsers of filters, policies and messages under the fuzzer, and what evaluating their results does.

import { parseReply, parseRequest } from '#message/decode.ts'
import { EMPTY_FILTER } from '#message/filter.ts'
import { parseGroups, parsePolicy } from '#rpc/authorization/parse-policy.ts'
import { parseCompound } from '#rpc/match/compound.ts'
import { evaluateFilter, type MatchSubject } from '#rpc/match/evaluate.ts'
import { parseFactTest, parseWith } from '#rpc/match/fact-test.ts'
import { parseNameTest } from '#rpc/match/name-test.ts'
import { compileRegex } from '#rpc/regex.ts'
import { type AllowedError, registerTarget } from '../fuzz.ts'

const FILTER_ERRORS: AllowedError = [
  'FILTER_BAD_COMPOUND',
  'FILTER_BAD_FACT',
  'FILTER_BAD_NAME',
  'FILTER_BAD_REGEX',
  'FILTER_TOO_LARGE',
]
const bytesOf = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text))
const SUBJECT: MatchSubject = {
  identity: 'web1.example.com',
  agents: ['rpcutil'],
  classes: ['ntp', 'role::web'],
  facts: { osfamily: 'Debian', list: ['a', 'b'], os: { family: 'Debian' } },
}

registerTarget(
  'compound',
  (bytes) => {
    const compounds = [parseCompound(Buffer.from(bytes).toString())]
    void evaluateFilter({ ...EMPTY_FILTER, compounds }, SUBJECT, async () => undefined)
  },
  FILTER_ERRORS,
  {
    seeds: bytesOf(
      "(osfamily=Debian and !ntp) or fstat('/etc/hosts').md5=/^ab/",
      'not(a or /b/) and os.family!=x',
      'list = "a b" or puppet().enabled >= -2.5',
    ),
    tokens: [' and ', ' or ', 'not ', '!', '(', ')', "'", '"', '/', '=~', '>=', "f('x').y", '\\', '\n', '\u{1f600}'],
  },
)

registerTarget(
  'fact-test',
  (bytes) => {
    const text = Buffer.from(bytes).toString()
    const { facts } = parseWith(text)
    const filter = { ...EMPTY_FILTER, facts: [parseFactTest(text), ...facts], classes: [parseNameTest(text, '-C')] }
    void evaluateFilter(filter, SUBJECT, async () => undefined)
  },
  FILTER_ERRORS,
  {
    seeds: bytesOf('osfamily=Debian', 'a b = /x/', 'uptime >= 20', '/^role::/'),
    tokens: ['=', '=>', '=~', '!=', ' ', '/'],
  },
)

registerTarget(
  'regex',
  (bytes) => {
    const text = Buffer.from(bytes).toString()
    compileRegex(text).test(text)
  },
  ['FILTER_BAD_REGEX', 'FILTER_TOO_COSTLY'],
  {
    seeds: bytesOf(
      '(?i)^web\\d+$',
      '[[:alpha:]\\w-]{2,3}|(?<n>a)*?',
      '\\p{^L}\\u{61}(?mx-i: a # b\n)',
      '[^a[b-c]\\]]+\\R',
    ),
    tokens: ['(?', '(?:', '(?i)', '[', ']', '{9}', '{1,99}', '\\', '|', '*', '[:alnum:]', '\\p{', '&&', '(?#', '\\u'],
  },
)

registerTarget(
  'policy',
  (bytes) => {
    const text = Buffer.from(bytes).toString()
    parsePolicy(text, 'fuzz.policy')
    parseGroups(text, 'groups')
  },
  ['CONFIG_BAD_POLICY'],
  {
    seeds: bytesOf(
      'policy default deny\nallow\tuid=0 cert=a\tstart stop\tos.family=x b>1\tntp !c\n',
      'ops cert=a cert=b\n# x\n',
    ),
    tokens: ['\t', '\n', '\r\n', '*', 'allow\t', 'deny\t', 'policy default ', ' and ', '('],
  },
)

const REQUEST =
  '{"id":"8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d","agent":"rpcutil","collective":"mcollective","sender":"a","caller":"uid=0","filter":{"facts":[{"fact":"a","operator":"==","value":"b"}],"classes":[],"agents":[],"identities":[],"compounds":[[{"kind":"class","class":"a"}]]},"sentAtMs":1,"ttlSeconds":60,"replyTo":null,"body":{"kind":"rpc","action":"ping","data":{"__proto__":{"a":[1]}},"processResults":true}}'
const REPLY =
  '{"requestId":"8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d","sender":"a","agent":"rpcutil","sentAtMs":1,"body":{"kind":"rpc","statusCode":0,"statusMessage":"OK","data":{"pong":1}}}'

registerTarget(
  'message',
  (bytes) => {
    let value: unknown
    try {
      value = JSON.parse(Buffer.from(bytes).toString())
    } catch {
      return // JSON.parse is not under test
    }
    const isReply = typeof value === 'object' && value !== null && 'requestId' in value
    if (isReply) parseReply(value)
    else parseRequest(value)
  },
  ['MESSAGE_INVALID'],
  { seeds: bytesOf(REQUEST, REPLY), tokens: ['null', '{}', '[]', '"', '1e999', 'true', ',', '"__proto__":'] },
)
