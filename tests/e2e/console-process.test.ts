// `mco console` as a process: comes up without a broker, shows browsers a certificate of its authority, keeps what it has through every manner of
// ending, ends in good order, and is never open to others on this machine.

import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const MCO = fileURLToPath(new URL('../../src/main/mco.ts', import.meta.url))
let folder: string
let config: string
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mco-console-'))
  config = join(folder, 'client.cfg')
  writeFileSync(
    config,
    [
      'identity = console.example.com',
      'plugin.psk = a key for tests only',
      'plugin.activemq.pool.1.host = 127.0.0.1',
      'plugin.activemq.pool.1.port = 1',
      'plugin.activemq.pool.1.ssl = 0',
      `statedir = ${folder}/state`,
      'console.listen = 127.0.0.1:0',
      'logger_type = console',
    ].join('\n'),
  )
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(folder, { recursive: true, force: true })
})

interface Served {
  readonly port: number
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  log(): string
}

async function serve(): Promise<Served> {
  const child = spawn(process.execPath, [MCO, 'console', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let log = ''
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text
        const found = /^Console https:\/\/127\.0\.0\.1:(\d+)$/m.exec(log)?.[1]
        if (found !== undefined) resolve(Number(found))
      })
    }
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${log}`)))
  })
  return { port, child, ended, log: () => log }
}

interface Answer {
  readonly status: number | undefined
  readonly body: Record<string, unknown>
  readonly cookies: readonly string[]
}

function ask(
  port: number,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const ca = readFileSync(join(folder, 'state', 'console', 'ca.pem'), 'utf8')
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent = {
    origin: `https://127.0.0.1:${port}`,
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...headers,
  }
  const asked = request({ host: '127.0.0.1', port, method, path, ca, headers: sent, agent: false }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    response.once('end', () => {
      const cookies = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]!)
      resolve({ status: response.statusCode, body: JSON.parse(text) as Record<string, unknown>, cookies })
    })
  })
  asked.once('error', reject)
  asked.end(body ? JSON.stringify(body) : undefined)
  return promise
}

/** Comes by a link made by another process; answers the headers of a signed-in browser. */
async function signInByLink(port: number): Promise<{ answer: Answer; headers: Record<string, string> }> {
  const { stdout } = await run(process.execPath, [MCO, 'console', 'link', '-c', config])
  const token = /#token=([\w-]{43}) \(once/.exec(stdout)![1]
  const visit = await ask(port, 'GET', '/api/session')
  const first = { cookie: visit.cookies.join('; '), 'x-csrf-token': String(visit.body.csrfToken) }
  const answer = await ask(port, 'POST', '/api/session/link', { token }, first)
  const cookie = answer.cookies.filter((one) => one.startsWith('__Host-troupe=')).join()
  return { answer, headers: { cookie, 'x-csrf-token': String(answer.body.csrfToken) } }
}

test('mco console without a broker serves over TLS, makes the first account by link, and says that nodes cannot be reached', async () => {
  const { port, child, ended, log } = await serve()
  const { answer, headers } = await signInByLink(port)
  assert.match(log(), /there are no accounts: `mco console link`/)
  assert.doesNotMatch(log(), /#token=/)
  assert.deepEqual([answer.status, answer.body.mustChoosePassword], [200, true])
  const made = await ask(
    port,
    'POST',
    '/api/session/setup',
    { name: 'alice', password: 'correct horse battery' },
    headers,
  )
  assert.equal(made.status, 200)
  const alice = {
    cookie: made.cookies.filter((one) => one.startsWith('__Host-troupe=')).join(),
    'x-csrf-token': String(made.body.csrfToken),
  }
  assert.equal((await ask(port, 'GET', '/api/accounts', undefined, alice)).status, 200)
  const job = { kind: 'call', agent: 'rpcutil', action: 'ping', inputs: {}, nodes: ['web1.example.com'] }
  const refused = await ask(port, 'POST', '/api/jobs', job, alice)
  const state =
    refused.status === 200 ? await settledJob(port, String(refused.body.id), alice) : String(refused.body.code)
  assert.ok(state === 'failed' || state === 'CONSOLE_NO_BUS', state)
  child.kill('SIGTERM')
  assert.equal(await ended, 0, log())
})

async function settledJob(port: number, id: string, headers: Record<string, string>): Promise<string> {
  for (let i = 0; i < 100; i++) {
    const { body } = await ask(port, 'GET', `/api/jobs/${id}`, undefined, headers)
    const state = String((body.job as Record<string, unknown> | undefined)?.state ?? body.state)
    if (state !== 'running') return state
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return 'running'
}

test('mco console killed with -9 comes back with its accounts, sessions and certificate', async () => {
  const first = await serve()
  const { headers } = await signInByLink(first.port)
  const made = await ask(
    first.port,
    'POST',
    '/api/session/setup',
    { name: 'alice', password: 'correct horse battery' },
    headers,
  )
  const cookie = made.cookies.filter((one) => one.startsWith('__Host-troupe=')).join()
  const certificate = readFileSync(join(folder, 'state', 'console', 'tls.pem'), 'utf8')
  first.child.kill('SIGKILL')
  await first.ended
  const second = await serve()
  assert.doesNotMatch(second.log(), /there are no accounts/)
  const session = await ask(second.port, 'GET', '/api/session', undefined, { cookie })
  assert.deepEqual((session.body.account as Record<string, unknown>).name, 'alice')
  assert.equal(readFileSync(join(folder, 'state', 'console', 'tls.pem'), 'utf8'), certificate)
  second.child.kill('SIGINT')
  assert.equal(await second.ended, 0, second.log())
})

test('mco console keeps its files from others, and says in one sentence what is in its way', async () => {
  const first = await serve()
  const kept = join(folder, 'state', 'console')
  assert.equal(statSync(kept).mode & 0o777, 0o700)
  for (const name of readdirSync(kept)) assert.equal(statSync(join(kept, name)).mode & 0o077, 0, name)
  writeFileSync(
    config,
    `${readFileSync(config, 'utf8')}\nconsole.listen = 127.0.0.1:${first.port}\nconsole.directory = ${folder}/other\n`,
  )
  await assert.rejects(
    run(process.execPath, [MCO, 'console', '-c', config]),
    (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 1)
      assert.match(
        error.stderr,
        /cannot serve the console on 127\.0\.0\.1 port \d+: another program listens there; .*console\.listen in /,
      )
      return true
    },
  )
  first.child.kill('SIGTERM')
  assert.equal(await first.ended, 0)
})

test('mco console --daemonize: says where it serves, goes on by itself with pid file and log, ends on TERM', async () => {
  const [pidFile, logFile] = [join(folder, 'console.pid'), join(folder, 'log', 'console.log')]
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nconsole.logfile = ${logFile}\n`)
  // From elsewhere: a relative file is one of the place where it was asked for.
  const words = ['console', '--daemonize', '--pidfile', 'console.pid', '-c', config]
  const { stdout } = await run(process.execPath, [MCO, ...words], { cwd: folder })
  const said =
    /^Console https:\/\/127\.0\.0\.1:(\d+)\n.* certificate .*\n {2}there are no accounts: .*\n {2}it runs in the background as process (\d+); its log is (\S+)\n$/
  const [, port = '', pid = '', log = ''] = said.exec(stdout) ?? assert.fail(stdout)
  const isThere = (): boolean => existsSync(`/proc/${pid}/cmdline`)
  try {
    assert.deepEqual([readFileSync(pidFile, 'utf8'), log], [`${pid}\n`, logFile])
    assert.equal((await ask(Number(port), 'GET', '/api/session')).status, 200)
    process.kill(Number(pid), 'SIGUSR2')
    process.kill(Number(pid), 'SIGWINCH')
    process.kill(Number(pid), 'SIGTERM')
    for (let i = 0; isThere() && i < 100; i++) await new Promise((resolve) => setTimeout(resolve, 100))
    assert.ok(!isThere(), 'it does not end')
    assert.ok(!existsSync(pidFile))
    assert.match(readFileSync(logFile, 'utf8'), /no broker, so no node can be reached: .*\n.*log level is now error\n/)
  } finally {
    if (isThere()) process.kill(Number(pid), 'SIGKILL')
  }
})

test('mco console --daemonize: what keeps it from serving is said, and nothing stays behind', async () => {
  const first = await serve()
  const more = `console.listen = 127.0.0.1:${first.port}\nconsole.directory = ${folder}/other\nconsole.logfile = ${folder}/other.log\n`
  writeFileSync(config, `${readFileSync(config, 'utf8')}\n${more}`)
  const pidFile = join(folder, 'console.pid')
  const words = ['console', '--daemonize', '--pidfile', pidFile, '-c', config]
  await assert.rejects(run(process.execPath, [MCO, ...words]), ({ code, stderr }: { code: number; stderr: string }) => {
    assert.equal(code, 1)
    assert.match(
      stderr,
      /: cannot go to the background: cannot serve the console on 127\.0\.0\.1 port \d+: another program/,
    )
    return true
  })
  assert.ok(!existsSync(pidFile))
  first.child.kill('SIGTERM')
  assert.equal(await first.ended, 0)
})
