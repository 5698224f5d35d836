import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { PUPPET_LOGS_MAX, PUPPET_REPORT_BYTES_MAX, PUPPET_SUMMARY_BYTES_MAX } from '#base/limits.ts'
import { readRunLogs, readRunSummary } from './run-summary.ts'
import { createTestMachine } from './test-machine.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../tests/fixtures/puppet/${name}`, import.meta.url), 'utf8')
const machine = createTestMachine({ clock: new ManualClock() })
const summaryOf = (text: string) => {
  machine.write('/s', text)
  return readRunSummary(machine, '/s')
}
const logsOf = (text: string) => {
  machine.write('/r', text)
  return readRunLogs(machine, '/r')
}

test('readRunSummary: a run of the agent of Puppet 7', async () => {
  const summary = await summaryOf(fixture('7.23-changed/last_run_summary.yaml'))
  assert.equal(summary.resources.changed, 1)
  assert.equal(summary.lastRunAt > 1_700_000_000, true)
  assert.equal(typeof summary.time.config_retrieval, 'number')
  assert.equal(typeof summary.configVersion, 'number')
})

test('readRunSummary: a run that got no catalogue leaves most of it out', async () => {
  const summary = await summaryOf(fixture('7.23-no-server/last_run_summary.yaml'))
  assert.ok(summary.lastRunAt > 0)
  assert.equal(summary.configVersion, null)
})

test('readRunSummary: Puppet 2.7 wrote the same with less', async () => {
  const summary = await summaryOf(fixture('2.7-made/last_run_summary.yaml'))
  assert.deepEqual({ ...summary.resources }, { changed: 1, failed: 0, out_of_sync: 1, restarted: 0, total: 8 })
  assert.equal(summary.lastRunAt, 1321384637)
  assert.equal(summary.configVersion, 1321384630)
})

test('readRunSummary: no file is a Puppet that never ran', async () => {
  const summary = await readRunSummary(machine, '/absent')
  assert.deepEqual([summary.lastRunAt, Object.keys(summary.all)], [0, []])
})

test('readRunSummary: what cannot be understood is an error that names file and line', async () => {
  for (const [text, why] of [
    ['---\nresources:\n  total: [1\n', /\/s: line \d/],
    ['just text', /holds no map/],
    ['', /\/s/],
    ['\0\0\0\0', /\/s/],
    ['- 1\n- 2\n', /holds no map/],
    [`a: &x [1]\n${'b: *x\n'.repeat(3)}`, /\/s/],
    ['x'.repeat(PUPPET_SUMMARY_BYTES_MAX + 1), /bytes/],
    [`${'['.repeat(5000)}`, /\/s/],
  ] as const) {
    await assert.rejects(
      summaryOf(text),
      (error) => isTroupeError(error, 'RPC_PUPPET_STATE') && why.test(error.message),
    )
  }
})

test('readRunSummary: aliases that multiply are refused', async () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
  for (let i = 0; i < 8; i++) {
    const [now, before] = [String.fromCharCode(98 + i), String.fromCharCode(97 + i)]
    lines.push(`${now}: &${now} [${new Array(10).fill(`*${before}`).join(',')}]`)
  }
  await assert.rejects(summaryOf(lines.join('\n')), /more than \d+ values/)
})

test('readRunSummary: keys such as __proto__ are only keys, values of other types count as missing', async () => {
  const summary = await summaryOf('__proto__:\n  polluted: 1\nresources: none\ntime:\n  last_run: "12"\n')
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
  assert.deepEqual(Object.keys(summary.resources), [])
  assert.equal(summary.lastRunAt, 12)
})

test('readRunLogs: the log lines of a report, Ruby tags ignored', async () => {
  const logs = await logsOf(fixture('7.23-changed/last_run_report.yaml'))
  assert.ok(logs.length >= 2)
  const defined = logs.find(({ source }) => source.includes('Helloworld'))
  assert.equal(defined?.level, 'notice')
  assert.match(defined?.message ?? '', /^defined content as '\{sha256\}/)
  assert.ok((defined?.at ?? 0) > 1_700_000_000)
})

test('readRunLogs: reports of Puppet 2.7 are indented and tag every line', async () => {
  const logs = await logsOf(fixture('2.7-made/last_run_report.yaml'))
  assert.deepEqual(
    logs.map(({ level, source, message }) => [level, source, message]),
    [
      ['info', 'Puppet', "Applying configuration version '1321384630'"],
      ['notice', '/Stage[main]/Helloworld/File[/tmp/hw]/ensure', 'created'],
    ],
  )
})

test('readRunLogs: no logs, no report', async () => {
  assert.deepEqual(await logsOf('--- !ruby/object:Puppet::Transaction::Report\nlogs: []\nmetrics: {}\n'), [])
  assert.deepEqual(await logsOf('host: a\n'), [])
  assert.deepEqual(await readRunLogs(machine, '/absent'), [])
})

test('readRunLogs: of a report over the limit what is whole counts, and never more than the limit of lines', async () => {
  const line = (i: number) =>
    `- level: notice\n  message: line ${i} ${'x'.repeat(500)}\n  source: Puppet\n  time: '2026-11-22T05:17:26+00:00'\n`
  let text = 'host: a\nlogs:\n'
  for (let i = 0; text.length < PUPPET_REPORT_BYTES_MAX + 10_000; i++) text += line(i)
  const logs = await logsOf(text)
  assert.equal(logs.length, PUPPET_LOGS_MAX)
  for (const { message } of logs) assert.match(message, /^line \d+ x{500}$/)
})
