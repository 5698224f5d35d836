// `mco` as a process of its own: what only shows with real streams, links and signals.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../src/main/launch-mco.ts', import.meta.url))
let home: string
before(() => {
  home = mkdtempSync(join(tmpdir(), 'troupe-mco-'))
})
after(() => rmSync(home, { recursive: true }))

interface Started {
  readonly child: ReturnType<typeof spawn>
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>
}

function start(words: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [program, ...words], {
    env: { PATH: process.env.PATH ?? '', HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  )
  return { child, ended }
}

test('mco --version and --help print into a pipe and end with 0 [B-005]', async () => {
  const version = await start(['--version']).ended
  assert.match(version.stdout, /^mco \d+\.\d+\.\d+\n$/)
  assert.equal(version.code, 0)
  const help = await start(['ping', '--help']).ended
  assert.match(help.stdout, /Usage: mco ping/)
  assert.equal(help.code, 0)
})

test('mco called by a link named mc-help is mco help [M-003]', async () => {
  const { stdout, code } = await start(['ping'], { TROUPE_ARGV0: '/usr/bin/mc-help' }).ended
  assert.match(stdout, /Usage: mco ping/)
  assert.equal(code, 0)
})

test('mco ends quietly with 141 when the reader of its pipe has gone [B-008, cli X13]', async () => {
  const { child, ended } = start(['help', 'rpc'])
  child.stdout?.destroy()
  const { code, stderr } = await ended
  assert.equal(code, 141)
  assert.equal(stderr, '')
})

test('mco names the configuration it cannot find, and ends with 1', async () => {
  const { code, stderr } = await start(['-c', '/nosuch/client.cfg', 'ping']).ended
  assert.equal(code, 1)
  assert.match(stderr, /The ping application failed to run, .*\/nosuch\/client\.cfg/)
})

test('mco gives up at the first Ctrl-C while it cannot connect, with 130 [cli 7]', async () => {
  const server = createServer((socket) => socket.resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const file = join(home, 'client.cfg')
  writeFileSync(
    file,
    [
      'identity = client.example.com',
      'securityprovider = psk',
      'plugin.psk = a key that is used in this test alone',
      'connector = activemq',
      'plugin.activemq.pool.1.host = 127.0.0.1',
      `plugin.activemq.pool.1.port = ${port}`,
      'plugin.activemq.pool.1.ssl = 0',
    ].join('\n'),
  )
  try {
    const connected = new Promise<void>((resolve) => server.once('connection', () => resolve()))
    const { child, ended } = start(['ping', '-c', file])
    await Promise.race([connected, ended.then(({ stderr }) => assert.fail(stderr))])
    await sleep(50)
    child.kill('SIGINT')
    assert.equal((await ended).code, 130)
  } finally {
    server.close()
  }
})
