import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import test from 'node:test'
import type { CallReply } from '#client/api.ts'
import type { Value } from '#message/request.ts'
import type { ActionDdl } from '#rpc/ddl/ddl.ts'
import { resultLines } from './results.ts'
import { createTerminal } from './terminal.ts'

const terminal = createTerminal(
  { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} },
  { color: 'auto' },
)
const output = (name: string, displayAs: string) => ({ name, displayAs, description: '' })
const action: ActionDdl = {
  name: 'status',
  description: '',
  display: 'always',
  inputs: [],
  outputs: [output('applying', 'Applying'), output('daemon_present', 'Daemon Running'), output('status', 'Status')],
  aggregates: [],
}
const reply = (over: Partial<CallReply>): CallReply => ({
  sender: 'agent.example.com',
  statusCode: 0,
  statusMessage: 'OK',
  data: {},
  outcome: 'ok',
  expected: true,
  elapsedMs: 1,
  ...over,
})
const view = { agent: 'puppet', action, verbose: false, display: 'always' } as const

test('resultLines sorts by field name and aligns the colons of the labels [cli 6.2]', () => {
  const data = { status: 'disabled', applying: false, daemon_present: false, extra: null }
  assert.deepEqual(resultLines(reply({ data }), view, terminal), [
    'agent.example.com                        ',
    '         Applying: false',
    '   Daemon Running: false',
    '            extra: nil',
    '           Status: disabled',
    '',
  ])
})

test('resultLines shows label and message of a failure and hides its data [cli L9]', () => {
  const failed = reply({
    statusCode: 1,
    statusMessage: "Puppet is disabled: 'why'",
    data: { status: 'x' },
    outcome: 'failed',
  })
  assert.deepEqual(resultLines(failed, view, terminal), [
    'agent.example.com                        Request Aborted',
    "   Puppet is disabled: 'why'",
    '',
  ])
})

test('resultLines aligns further lines of a value under the first and leaves an empty value alone [cli L8]', () => {
  const data = { status: 'one\ntwo', applying: '', daemon_present: ['a', 'b'] }
  assert.deepEqual(resultLines(reply({ data }), view, terminal).slice(1), [
    '         Applying:',
    '   Daemon Running: ["a", "b"]',
    '           Status: one',
    '                   two',
    '',
  ])
})

test('resultLines obeys the display mode', () => {
  assert.deepEqual(resultLines(reply({}), { ...view, display: 'failed' }, terminal), [])
  assert.equal(resultLines(reply({ statusCode: 5 }), { ...view, display: 'ok' }, terminal).length, 0)
})

test('resultLines makes escape sequences of a node harmless', () => {
  const lines = resultLines(
    reply({ data: { status: '\u001b[2Jgone' }, statusMessage: '\u001b]0;x\u0007' }),
    view,
    terminal,
  )
  assert.ok(
    lines.every((line) => !/[\u0000-\u001f]/.test(line)),
    lines.join('|'),
  )
})

test('resultLines shows outdated packages as a table in the classic look, as a list in the modern one [R-093, cli 8.13]', () => {
  const outputs = [output('exitcode', 'Exit Code'), output('outdated_packages', 'Outdated Packages')]
  const checkupdates = {
    agent: 'package',
    action: { ...action, name: 'checkupdates', outputs },
    verbose: false,
    display: 'always',
  } as const
  const packages = [
    { package: 'kernel.i686', version: '2.6.18-274.7.1.el5', repo: 'updates' },
    { package: 'zlib.i386', version: '1.2.3-4.el5', repo: 'evil\u001b[2J' },
  ]
  const shown = (list: readonly Value[], look: 'classic' | 'modern') =>
    resultLines(reply({ data: { exitcode: 100, outdated_packages: list } }), { ...checkupdates, look }, terminal).slice(
      1,
    )
  assert.deepEqual(shown(packages, 'classic'), [
    '           Exit Code: 100',
    '   Outdated Packages: kernel.i686   2.6.18-274.7.1.el5',
    '                      zlib.i386     1.2.3-4.el5',
    '',
  ])
  assert.match(shown(packages, 'modern').join('\n'), /\[\{:package=>"kernel\.i686"/)
  for (const odd of [[], [null], ['x'], [{ package: 'x' }], [{ package: 1, version: '2' }], [[1]]])
    assert.match(shown(odd, 'classic')[1] ?? '', /Packages: \[/, JSON.stringify(odd))
  assert.match(shown([{ package: 'a\u001b[2J\nb', version: '1' }], 'classic')[1] ?? '', /a\\e\[2J\\nb {3}1$/)
})
