import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { PUPPET_EVENT_TEXT_CHARACTERS_MAX, PUPPET_EVENTS_MAX } from '#base/limits.ts'
import { readRunReport } from './run-report.ts'
import { createTestMachine } from './test-machine.ts'

const machine = createTestMachine({ clock: new ManualClock() })
const reportOf = async (text: string) => {
  machine.write('/r', text)
  const report = await readRunReport(machine, '/r')
  assert.ok(report)
  return report
}
const fixture = (name: string): string =>
  readFileSync(new URL(`../../../tests/fixtures/puppet/${name}/last_run_report.yaml`, import.meta.url), 'utf8')

test('readRunReport: what changed in a run of Puppet 7, and how long its parts took', async () => {
  const report = await reportOf(fixture('7.23-changed'))
  assert.deepEqual(
    [report.status, report.environment, report.puppetVersion, report.noop, report.configVersion],
    ['changed', 'production', '7.23.0', false, 1795349436],
  )
  assert.equal(report.startedAt, Date.parse('2026-11-22T12:10:31Z') / 1000)
  assert.equal(report.events.length, 1)
  const [event] = report.events
  assert.deepEqual(
    [event?.resource, event?.property, event?.status, event?.old, event?.new],
    ['File[/tmp/helloworld]', 'ensure', 'success', 'absent', 'file'],
  )
  assert.ok((report.seconds[0]?.seconds ?? 0) >= (report.seconds[1]?.seconds ?? 0))
  assert.equal(
    report.seconds.some(({ name }) => name === 'total'),
    false,
  )
})

test('readRunReport: a run without a catalogue failed and has no events', async () => {
  const report = await reportOf(fixture('7.23-no-server'))
  assert.deepEqual([report.status, report.events, report.configVersion], ['failed', [], null])
})

test('readRunReport: reports of Puppet 2.7 are indented, tag everything and share tags', async () => {
  const report = await reportOf(fixture('2.7-made'))
  assert.deepEqual([report.status, report.configVersion], ['changed', 1321384630])
})

const entry = (name: string, more: string): string =>
  `  ${name}:\n    resource: ${name}\n    failed: false\n    changed: false\n${more}    corrective_change: false\n`

test('readRunReport: failures, long keys, redacted values, and entries that cannot be read', async () => {
  const long = `File[/${'x'.repeat(200)}]`
  const { events } = await reportOf(
    `--- !ruby/object:Puppet::Transaction::Report\nhost: a\nresource_statuses:\n${entry('Exec[quiet]', '')}${entry(
      'Exec[broken]',
      '    failed_to_restart: true\n',
    )}  ? ${long}\n  : resource: ${long}\n    changed: true\n    events:\n    - property: content\n      previous_value: old\n      desired_value: new\n      message: changed\n      status: success\n      redacted: true\n  Bad[one]: {[\n    changed: true\nstatus: changed\n`,
  )
  assert.deepEqual(
    events.map(({ resource, status, old }) => [resource, status, old]),
    [
      ['Exec[broken]', 'failure', ''],
      [long, 'success', '[redacted]'],
    ],
  )
})

test('readRunReport: events and texts are bounded, what is beyond is counted', async () => {
  const big = 'y'.repeat(PUPPET_EVENT_TEXT_CHARACTERS_MAX + 100)
  const one = (i: number): string =>
    `  File[${i}]:\n    changed: true\n    events:\n    - status: success\n      message: ${big}\n`
  const all = Array.from({ length: PUPPET_EVENTS_MAX + 7 }, (_, i) => one(i)).join('')
  const report = await reportOf(`status: changed\nresource_statuses:\n${all}`)
  assert.deepEqual([report.events.length, report.moreEvents], [PUPPET_EVENTS_MAX, 7])
  assert.equal(report.events[0]?.message.length, PUPPET_EVENT_TEXT_CHARACTERS_MAX + 3)
  assert.equal(report.events[3]?.resource, 'File[3]')
})

test('readRunReport: no file is no report; what is no report at all is an error that names the file', async () => {
  assert.equal(await readRunReport(machine, '/absent'), undefined)
  await assert.rejects(reportOf('status: [1\n'), (error) => isTroupeError(error, 'RPC_PUPPET_STATE'))
  assert.deepEqual((await reportOf('host: a\n')).events, [])
})
