import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { aptProgress, dnfProgress, type Progress, zypperProgress } from './progress-lines.ts'

const RUNS: readonly { command: string; stdout: string }[] = JSON.parse(
  readFileSync(new URL('../../../tests/fixtures/package/runs.json', import.meta.url), 'utf8'),
)

function said(parse: (progress: Progress) => (line: string) => void, lines: readonly string[]) {
  const heard: (readonly [string, number?])[] = []
  const listen = parse((text, percent) => heard.push(percent === undefined ? [text] : [text, Math.round(percent)]))
  for (const line of lines) listen(line)
  return heard
}

/** What a recorded command printed. */
function printed(command: RegExp): string[] {
  const run = RUNS.find((each) => command.test(each.command))
  assert.ok(run, `${command} was not recorded`)
  return run.stdout.split('\n')
}

test('aptProgress: words and percentage of the status lines, and of nothing else', () => {
  const lines = [
    'dlstatus:1:20.5:Retrieving file 1 of 2',
    'pmstatus:dpkg-exec:0.0000:Running dpkg',
    'pmstatus:hello:33.3333:Unpacking hello (amd64): now',
    'pmstatus:libc6:amd64:66.6666:Configuring libc6 (amd64)',
    'pmerror:/x.deb:50.0:a package failed',
    'Unpacking hello (1.0) ...',
    '',
  ]
  assert.deepEqual(said(aptProgress, lines), [
    ['Retrieving file 1 of 2', 21],
    ['Running dpkg', 0],
    ['Unpacking hello (amd64): now', 33],
    ['Configuring libc6 (amd64)', 67],
  ])
})

test('dnfProgress: steps of a transaction and downloads, as recorded', () => {
  const upgrade = said(dnfProgress, printed(/dnf .*-y upgrade -- hello$/))
  assert.deepEqual(
    upgrade.filter(([text]) => text !== 'Fetched the list of local'),
    [
      ['Preparing', 0],
      ['Upgrading hello-1:2.0-1.noarch', 0],
      ['Cleanup hello-1:1.0-1.noarch', 50],
      ['Verifying hello-1:2.0-1.noarch', 0],
      ['Verifying hello-1:1.0-1.noarch', 50],
    ],
  )
  assert.deepEqual(said(dnfProgress, printed(/dnf .*makecache$/)), [['Fetched the list of local']])
  assert.deepEqual(said(dnfProgress, ['(2/4): zlib-1.2.11-31.el9.x86_64.rpm      1.2 MB/s |  91 kB     00:00    ']), [
    ['Downloaded zlib-1.2.11-31.el9.x86_64.rpm', 25],
  ])
})

test('zypperProgress: packages that are fetched, installed and removed, as recorded', () => {
  assert.deepEqual(said(zypperProgress, printed(/zypper .*remove --name -- hello$/)), [
    ['Removing greeter-1.0-1.noarch', 0],
    ['Removing hello-1:1.0-1.noarch', 50],
  ])
  assert.deepEqual(said(zypperProgress, printed(/zypper .*update --auto-agree-with-licenses -- hello$/)), [
    ['Retrieving hello-1:2.0-1.noarch', 0],
    ['Installing hello-1:2.0-1.noarch', 0],
  ])
})
