import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Values } from '#message/request.ts'
import { parseGroups, parsePolicy } from './parse-policy.ts'
import { authorize, denyingPolicy, type PolicyDecision, type PolicyRequest } from './policy.ts'

const FILE = '/etc/puppetlabs/mcollective/policies/service.policy'

/** Rules are written with `|` for tabs. */
const policy = (...lines: string[]) => parsePolicy(lines.join('\n').replaceAll('|', '\t'), FILE, GROUPS)
const GROUPS = parseGroups('# operators\nops cert=ann cert=bob\n\nempty\n', 'groups')

function ask(
  lines: string[],
  request: Partial<PolicyRequest> & { facts?: Values; classes?: string[] } = {},
): Promise<PolicyDecision> {
  const { facts = {}, classes = [], ...rest } = request
  return authorize(policy(...lines), {
    caller: 'uid=0',
    action: 'restart',
    subject: { identity: 'node1', agents: ['service'], classes, facts },
    queryData: async () => undefined,
    allowUnconfigured: false,
    ...rest,
  })
}
const allows = async (lines: string[], request: Parameters<typeof ask>[1] = {}): Promise<boolean> =>
  (await ask(lines, request)).allow

test('authorize compares callers as whole words [B-011, A1]', async () => {
  assert.equal(await allows(['allow|uid=01 uid=500|*|*']), false)
  assert.equal(await allows(['allow|uid=500 uid=0|*|*']), true)
  assert.equal(await allows(['allow|uid=0|*|*'], { caller: 'uid=01' }), false)
  assert.equal(await allows(['allow|*|*|*'], { caller: 'cert=anyone' }), true)
})

test('authorize knows the callers of groups', async () => {
  assert.equal(await allows(['allow|ops|*|*'], { caller: 'cert=bob' }), true)
  assert.equal(await allows(['allow|uid=1 ops|*|*'], { caller: 'uid=1' }), true)
  assert.equal(await allows(['allow|ops|*|*'], { caller: 'ops' }), false)
  assert.equal(await allows(['allow|empty|*|*']), false)
})

test('authorize takes the first rule that matches', async () => {
  const lines = ['deny|*|restart|*', 'allow|*|*|*']
  assert.equal(await allows(lines), false)
  assert.equal(await allows(lines, { action: 'status' }), true)
  assert.equal(await allows(lines.toReversed()), true)
})

test('authorize falls back on policy default wherever it stands, then on allow_unconfigured', async () => {
  assert.equal(await allows(['policy default allow', 'deny|*|stop|*']), true)
  assert.equal(await allows(['deny|*|stop|*', 'policy default allow']), true)
  assert.equal(await allows(['deny|*|stop|*', 'policy default deny'], { allowUnconfigured: true }), false)
  assert.equal(await allows(['deny|*|stop|*'], { allowUnconfigured: true }), true)
  assert.equal(await allows(['deny|*|stop|*']), false)
})

test('authorize wants all facts and all classes of a list', async () => {
  const lines = ['allow|*|*|customer=acme processorcount>=4|acme::devserver ntp']
  const facts = { customer: 'acme', processorcount: '16' }
  const classes = ['ntp', 'acme::devserver']
  assert.equal(await allows(lines, { facts, classes }), true)
  assert.equal(await allows(lines, { facts: { ...facts, customer: 'other' }, classes }), false)
  assert.equal(await allows(lines, { facts, classes: ['ntp'] }), false)
})

test('authorize compares facts as numbers when both are', async () => {
  assert.equal(await allows(['allow|*|*|memory>9'], { facts: { memory: '16' } }), true)
  assert.equal(await allows(['allow|*|*|memory>9.5'], { facts: { memory: 16 } }), true)
  assert.equal(await allows(['allow|*|*|memory<9'], { facts: { memory: '16' } }), false)
})

test('authorize evaluates compound expressions in the facts and in the classes field', async () => {
  const facts = { environment: 'production', country: 'uk' }
  assert.equal(await allows(['allow|*|*|environment=development or country=uk'], { facts }), true)
  assert.equal(await allows(['allow|*|*|!environment=production'], { facts }), false)
  assert.equal(await allows(['allow|*|*|ntp and country=uk'], { facts, classes: ['ntp'] }), true)
  assert.equal(await allows(['allow|*|*|*|apache and !mysql'], { classes: ['apache'] }), true)
  assert.equal(await allows(['allow|*|*|*|apache and !mysql'], { classes: ['apache', 'mysql'] }), false)
})

test('authorize asks data plugins', async () => {
  const lines = ['allow|ops|restart|(puppet().enabled=false and environment=production) or environment=development']
  const decide = (enabled: boolean, environment: string): Promise<boolean> =>
    allows(lines, { caller: 'cert=ann', facts: { environment }, queryData: async () => ({ enabled }) })
  assert.equal(await decide(false, 'production'), true)
  assert.equal(await decide(true, 'production'), false)
  assert.equal(await decide(true, 'development'), true)
})

test('authorize denies what it cannot decide, even if a later rule would allow it', async () => {
  const later = 'allow|*|*|*'
  const gone = await ask(['deny|*|*|!puppet().enabled=true', later])
  assert.equal(gone.allow, false)
  assert.match(gone.reason, /line 1 cannot be decided, so it is denied: .*no data plugin 'puppet'/)
  const failing = { queryData: () => Promise.reject(new Error('no answer')) }
  assert.equal(await allows(['deny|*|*|puppet().enabled=true and a=b', later], failing), false)
  assert.equal(await allows(['deny|*|stop|puppet().enabled=true and a=b', later], failing), true)
})

test('authorize says which line decided and why others did not', async () => {
  const decision = await ask([
    'policy default deny',
    'allow|cert=x|*|*',
    'allow|*|stop|*',
    'allow|*|*|a=b',
    'allow|*|*|*|ntp',
    'allow|uid=0|restart|*',
  ])
  assert.deepEqual(decision, {
    allow: true,
    reason: 'line 6 allows it: allow uid=0 restart *',
    trail: [
      { line: 2, rule: 'allow cert=x * *', outcome: 'skipped', because: 'it does not name uid=0' },
      { line: 3, rule: 'allow * stop *', outcome: 'skipped', because: 'it does not name restart' },
      { line: 4, rule: 'allow * * a=b', outcome: 'skipped', because: 'its facts do not match this node' },
      { line: 5, rule: 'allow * * * ntp', outcome: 'skipped', because: 'its classes do not match this node' },
      {
        line: 6,
        rule: 'allow uid=0 restart *',
        outcome: 'matched',
        because: 'caller, action, facts and classes match',
      },
    ],
  })
  assert.equal((await ask(['policy default deny'])).reason, 'no rule matches; policy default is deny')
})

test('the examples of [agents 14.2] decide as documented', async () => {
  const lines = [
    'policy default deny',
    'allow|cert=admin|*|*|*',
    'allow|cert=dev|enable disable status|customer=acme|acme::devserver',
    'allow|ops|restart|(puppet().enabled=false and environment=production) or environment=development',
    'deny|*|uninstall purge|*|*',
  ]
  const acme = { facts: { customer: 'acme' }, classes: ['acme::devserver'] }
  assert.equal(await allows(lines, { caller: 'cert=admin', action: 'purge' }), true)
  assert.equal(await allows(lines, { caller: 'cert=dev', action: 'status', ...acme }), true)
  assert.equal(await allows(lines, { caller: 'cert=dev', action: 'restart', ...acme }), false)
  assert.equal(await allows(lines, { caller: 'cert=dev', action: 'status' }), false)
  const development = { facts: { environment: 'development' }, queryData: async () => ({ enabled: true }) }
  assert.equal(await allows(lines, { caller: 'cert=ann', ...development }), true)
  assert.equal(await allows(lines, { caller: 'cert=eve', ...development }), false)
})

test('parsePolicy takes comments, blank lines, a byte order mark, CRLF and several tabs', async () => {
  assert.equal(await allows(['\ufeff# all\r', '\r', '  # indented', 'allow||uid=0||restart|||*\r']), true)
})

test('parsePolicy refuses the whole file for one line it cannot read, naming it', () => {
  for (const [line, what] of [
    [
      'allow uid=0 * *',
      "'allow uid=0 * *' is neither 'policy default ...' nor a rule 'allow' or 'deny' with tabs between its fields",
    ],
    [
      'permit|*|*|*',
      "'permit\t*\t*\t*' is neither 'policy default ...' nor a rule 'allow' or 'deny' with tabs between its fields",
    ],
    [
      'allow|*|*',
      'a rule has four or five fields with tabs between them: verdict, callers, actions, facts and classes',
    ],
    [
      'allow|*|*|*|*|*',
      'a rule has four or five fields with tabs between them: verdict, callers, actions, facts and classes',
    ],
    ['allow|nobody|*|*', "'nobody' is neither a caller id such as cert=admin nor a group of the groups file"],
    ['allow|* uid=0|*|*', 'the callers field has * and something else'],
    ['allow|*|re/start|*', "'re/start' is no name of an action"],
    ['allow|*|*|country', 'Could not parse fact country it does not appear to be in a valid format'],
    ['allow|*|*|(a=b', "Missing parenthesis found while parsing -S input (a=b: '(' has no ')' at character 1"],
    ['policy default perhaps', "'policy default' is 'perhaps', not allow or deny"],
    ['policy default deny\npolicy default allow', "a second 'policy default'"],
  ] as const) {
    assert.throws(() => policy('# first', 'allow|uid=0|*|*', line), {
      code: 'CONFIG_BAD_POLICY',
      message: `cannot use ${FILE} line ${line.includes('\n') ? 4 : 3}: ${what}`,
    })
  }
})

test('parseGroups refuses what is no group, naming the line', () => {
  assert.throws(() => parseGroups('ops cert=a\nops cert=b', 'groups'), {
    message: "cannot use groups line 2: a second group 'ops'",
  })
  assert.throws(() => parseGroups('ops admins', 'groups'), {
    message: "cannot use groups line 1: 'admins' is no caller id such as cert=admin",
  })
  assert.throws(() => parseGroups('o/ps cert=a', 'groups'), { code: 'CONFIG_BAD_POLICY' })
})

test('denyingPolicy denies everything, also when unconfigured agents are allowed', async () => {
  const broken = denyingPolicy(FILE, new Error('line 3'))
  const subject = { identity: 'n', agents: [], classes: [], facts: {} }
  const request = { caller: 'uid=0', action: 'x', subject, queryData: async () => undefined, allowUnconfigured: true }
  assert.deepEqual(await authorize(broken, request), { allow: false, reason: 'line 3', trail: [] })
})
