import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { COMMAND_OUTPUT_LINE_CHARACTERS_MAX } from '#base/limits.ts'
import { createHost, createHostFiles } from './host.ts'

/** A dead process whose parent has not noticed yet does not count. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const host = createHost({ outputBytesMax: 1000 })

test('createHost: gives status and output, and passes arguments untouched by any shell', async () => {
  const hostile = '; rm -rf $HOME `x` & \n"'
  const result = await host.run(['/bin/sh', '-c', 'printf %s "$1"; printf err >&2; exit 3', 'sh', hostile])
  assert.deepEqual(result, { status: 3, stdout: hostile, stderr: 'err', truncated: false })
})

test('createHost: gives standard input and a minimal environment', async () => {
  const result = await host.run(['/bin/sh', '-c', 'cat; env | sort | grep -E "^(LC_ALL|X|NODE_OPTIONS)="'], {
    stdin: 'in ',
    env: { X: 'x' },
  })
  assert.equal(result.stdout, 'in LC_ALL=C\nX=x\n')
})

test('createHost: a command that cannot be started has status -1 and a reason', async () => {
  const result = await host.run(['/nonexistent/command'])
  assert.equal(result.status, -1)
  assert.match(result.error ?? '', /ENOENT/)
})

test('createHost: keeps a bounded part of endless output without hanging the command', async () => {
  const result = await host.run([
    '/bin/sh',
    '-c',
    'i=0; while [ $i -lt 3000 ]; do echo 1234567890; i=$((i+1)); done; exit 4',
  ])
  assert.equal(result.status, 4)
  assert.equal(result.stdout.length, 1000)
  assert.equal(result.truncated, true)
})

test('createHost: cancelling kills the whole process group', async () => {
  const cancel = new AbortController()
  const running = host.run(['/bin/sh', '-c', 'sleep 60 & echo $!; wait'], { signal: cancel.signal })
  setTimeout(() => cancel.abort(), 50)
  const result = await running
  assert.equal(result.error, 'it was cancelled')
  assert.equal(isRunning(Number(result.stdout)), false, 'the grandchild is gone as well')
})

test('createHost: a child left behind that holds the pipes does not hold up the answer', async () => {
  const result = await host.run(['/bin/sh', '-c', 'sleep 5 & echo $!; exit 0'])
  assert.equal(result.status, 0)
  const left = Number(result.stdout)
  assert.ok(left > 1)
  process.kill(left)
})

test('createHost: a service that was started and keeps the pipes is not killed by its next line of output', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'host-'))
  const mark = join(directory, 'mark')
  const until = async (done: () => boolean) => {
    for (let i = 0; !done() && i < 500; i++) await pause(20)
    assert.ok(done(), 'the service did not live to its end')
  }
  try {
    const { status } = await host.run([
      '/bin/sh',
      '-c',
      '(sleep 0.6; echo hello; echo hello >&2; echo alive > "$1") & exit 0',
      'sh',
      mark,
    ])
    assert.equal(status, 0)
    await until(() => existsSync(mark))
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('createHostFiles: programs are plain files that may be run; texts are cut', async () => {
  const files = createHostFiles()
  assert.equal(await files.isProgram('/bin/sh'), true)
  assert.equal(await files.isProgram('/etc/passwd'), false)
  assert.equal(await files.isProgram('/bin'), false)
  assert.equal(await files.isProgram('/bin/no-such-program'), false)
  assert.match((await files.readText('/etc/passwd')) ?? '', /^root:/)
  assert.equal(await files.readText('/etc'), undefined)
  assert.equal((await files.readText('/dev/zero'))?.length, 16 * 1024)
})

test('createHost: lines are heard as they come, carriage returns end them, endless ones are cut', async () => {
  const lines: string[] = []
  const status: string[] = []
  const script = `printf 'one\\ntw'; printf 'o\\r\\nthree'; printf '10%% Grüße\\n' >&3; head -c 100000 /dev/zero | tr '\\0' x >&3`
  const result = await host.run(['/bin/sh', '-c', script], {
    onLine: (line) => lines.push(line),
    onStatusLine: (line) => status.push(line),
  })
  assert.deepEqual([result.status, lines], [0, ['one', 'two', 'three']])
  assert.deepEqual(status, ['10% Grüße', 'x'.repeat(COMMAND_OUTPUT_LINE_CHARACTERS_MAX)])
})

test('createHost: without a listener there is no third descriptor', async () => {
  const result = await host.run(['/bin/sh', '-c', 'echo x >&3'])
  assert.notEqual(result.status, 0)
})

test('createHost: a child left behind that holds the status pipe does not hold up the answer', async () => {
  const { stdout } = await host.run(['/bin/sh', '-c', 'sleep 30 >/dev/null 2>&1 & echo $!'], { onStatusLine: () => {} })
  process.kill(Number(stdout), 'SIGKILL')
})
