// The console as a real process over a real broker and a real daemon, when things go wrong in the middle of a job: killed with -9 on SQLite and on
// PostgreSQL, with a second console beside it; a store that is locked; a broker that goes; a session that ends.

import assert from 'node:assert/strict'
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Job } from '../../src/console/api/jobs.ts'
import { type PostgresServer, startPostgres } from '../interop/postgres-server.ts'
import { createLocalCollective, eventually, type LocalCollective, type Program } from './local-collective.ts'

const MCO = fileURLToPath(new URL('../../src/main/mco.ts', import.meta.url))
const PASSWORD = 'correct horse battery'
let collective: LocalCollective
let postgres: PostgresServer
let broker: Program
let node: Program
const children = new Set<ChildProcess>()
before(async () => {
  collective = await createLocalCollective()
  broker = await collective.startBroker()
  await Promise.all([
    collective.startNode().then((program) => {
      node = program
    }),
    startPostgres().then((server) => {
      postgres = server
    }),
  ])
})
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await collective?.close()
  postgres?.stop()
})

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  readonly body: any
  readonly cookie: string
}

interface Served {
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
  kill(): Promise<void>
}

/** A console of that name over that store, with settings of its own. */
function configure(name: string, store: string, more = ''): string {
  const file = collective.at(`${name}.cfg`)
  const shared = readFileSync(collective.state.clientConfig, 'utf8').replace(/^(identity|console\.listen) = .*\n/gm, '')
  writeFileSync(
    file,
    `${shared}identity = ${name}.example.com\nconsole.listen = 127.0.0.1:0\nconsole.directory = ${collective.at(name)}\nconsole.store = ${store}\n${more}`,
    { mode: 0o600 },
  )
  return file
}

async function serve(config: string): Promise<Served> {
  const child = spawn(process.execPath, [MCO, 'console', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  let said = ''
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const found = /^Console https:\/\/127\.0\.0\.1:(\d+)$/m.exec(said)?.[1]
        if (found !== undefined) resolve(Number(found))
      })
    }
    child.once('exit', (code) => reject(new Error(`the console ended with ${code}: ${said}`)))
  })
  const ca = readFileSync(collective.at('ca', 'ca.pem'))
  return {
    ask(method, path, body, headers = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const type = body ? { 'content-type': 'application/json' } : {}
      const origin = `https://127.0.0.1:${port}`
      const options = {
        host: '127.0.0.1',
        port,
        method,
        path,
        ca,
        agent: false,
        headers: { origin, ...type, ...headers },
      }
      const asked = request(options, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.once('end', () => {
          const cookies = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]!)
          const cookie = cookies.filter((one) => one.startsWith('__Host-troupe')).join('; ')
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text), cookie })
        })
      })
      asked.once('error', reject)
      asked.end(body ? JSON.stringify(body) : undefined)
      return promise
    },
    async kill() {
      children.delete(child)
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

type Person = Record<string, string>

/** Makes the first account by a link. */
async function firstAccount(console: Served, config: string): Promise<Person> {
  const { stdout } = await promisify(execFile)(process.execPath, [MCO, 'console', 'link', '-c', config])
  const token = /#token=([\w-]{43})/.exec(stdout)?.[1]
  const visit = await console.ask('GET', '/api/session')
  const guest = { cookie: visit.cookie, 'x-csrf-token': visit.body.csrfToken }
  const inside = await console.ask('POST', '/api/session/link', { token }, guest)
  const half = { cookie: inside.cookie, 'x-csrf-token': inside.body.csrfToken }
  const made = await console.ask('POST', '/api/session/setup', { name: 'alice', password: PASSWORD }, half)
  assert.equal(made.status, 200, JSON.stringify(made.body))
  return { cookie: made.cookie, 'x-csrf-token': made.body.csrfToken }
}

async function signIn(console: Served): Promise<Person> {
  const visit = await console.ask('GET', '/api/session')
  const guest = { cookie: visit.cookie, 'x-csrf-token': visit.body.csrfToken }
  const inside = await console.ask('POST', '/api/session', { name: 'alice', password: PASSWORD }, guest)
  assert.equal(inside.status, 200, JSON.stringify(inside.body))
  return { cookie: inside.cookie, 'x-csrf-token': inside.body.csrfToken }
}

async function start(console: Served, person: Person, job: object): Promise<Job> {
  const wanted = { kind: 'call', agent: 'rpcutil', action: 'ping', inputs: {}, ...job }
  const { status, body } = await console.ask('POST', '/api/jobs', wanted, person)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

const jobOf = async (console: Served, person: Person, id: string): Promise<Job> =>
  (await console.ask('GET', `/api/jobs/${id}`, undefined, person)).body

async function over(console: Served, person: Person, id: string): Promise<Job> {
  let job = await jobOf(console, person, id)
  await eventually('the job is over', async () => {
    job = await jobOf(console, person, id)
    return job.state !== 'running'
  })
  return job
}

/** The daemon answers, ghost1 is asked and silent, ghost2 is never reached. */
async function startInGroups(console: Served, person: Person): Promise<Job> {
  const nodes = [collective.identity, 'ghost1.example.com', 'ghost2.example.com']
  const rollOut = { batch: 1, batchSleepSeconds: 0, timeoutSeconds: 60 }
  const job = await start(console, person, { nodes, rollOut: { ...rollOut } })
  await eventually('the node has answered', async () => (await jobOf(console, person, job.id)).counts.ok === 1)
  return job
}

const outcomesOf = async (console: Served, person: Person, id: string): Promise<object> => {
  const { body } = await console.ask('GET', `/api/jobs/${id}/results`, undefined, person)
  return Object.fromEntries(body.results.map((line: { node: string; outcome: string }) => [line.node, line.outcome]))
}

describe('mco console killed with -9 in mid-job', () => {
  const known = {
    'ghost1.example.com': 'unknown',
    'ghost2.example.com': 'notAddressed',
    'node1.example.com': 'ok',
  }

  test('on SQLite: it comes back knowing what was answered, unknown and not sent', async () => {
    const config = configure('killed', `sqlite:${collective.at('killed', 'console.db')}`)
    const first = await serve(config)
    const alice = await firstAccount(first, config)
    const job = await startInGroups(first, alice)
    await first.kill()
    const second = await serve(config)
    const found = await jobOf(second, alice, job.id)
    assert.deepEqual([found.state, await outcomesOf(second, alice, job.id)], ['interrupted', known])
    await second.kill()
  })

  test('on PostgreSQL, with another console beside it: each ends what was its own', async () => {
    const url = postgres.createDatabase()
    const [left, right] = [configure('left', url), configure('right', url)]
    let one = await serve(left)
    const alice = await firstAccount(one, left)
    let two = await serve(right)
    // One store: who is signed in at one console is at the other, and sees its jobs.
    const [ofOne, ofTwo] = [await startInGroups(one, alice), await startInGroups(two, alice)]
    assert.equal((await jobOf(two, alice, ofOne.id)).state, 'running')
    await one.kill()
    await two.kill()
    one = await serve(left)
    assert.deepEqual(await outcomesOf(one, alice, ofOne.id), known)
    assert.equal((await jobOf(one, alice, ofTwo.id)).state, 'running', 'the other may still be at it')
    two = await serve(right)
    assert.deepEqual(
      [(await jobOf(one, alice, ofTwo.id)).state, await outcomesOf(one, alice, ofTwo.id)],
      ['interrupted', known],
    )
    await one.kill()
    await two.kill()
  })
})

describe('mco console in mid-job', () => {
  test('a store that another program has locked, a broker that goes and comes, a session that ends: the job goes on', async () => {
    const file = collective.at('steady', 'console.db')
    const config = configure('steady', `sqlite:${file}`, 'console.session_idle = 60\n')
    const console = await serve(config)
    const alice = await firstAccount(console, config)
    const nodes = [collective.identity]

    const lock = new DatabaseSync(file)
    const job = await start(console, alice, { nodes: [...nodes, 'ghost1.example.com'], rollOut: { timeoutSeconds: 1 } })
    lock.exec('begin immediate')
    assert.equal((await console.ask('GET', '/api/jobs', undefined, alice)).status, 200, 'it can be read meanwhile')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    lock.exec('rollback')
    lock.close()
    const { state, counts } = await over(console, alice, job.id)
    assert.equal(counts.ok + counts.noResponse + counts.notAddressed, 2, `${state} ${JSON.stringify(counts)}`)

    const long = await start(console, alice, {
      nodes: [...nodes, 'ghost1.example.com'],
      rollOut: { timeoutSeconds: 3 },
    })
    assert.equal((await console.ask('DELETE', '/api/session', undefined, alice)).status, 200)
    assert.equal((await console.ask('GET', `/api/jobs/${long.id}`, undefined, alice)).status, 401)
    const again = await signIn(console)
    const done = await over(console, again, long.id)
    assert.deepEqual([done.state, done.counts.ok, done.counts.noResponse], ['done', 1, 1])

    await broker.end('SIGKILL')
    const gone = async (): Promise<boolean> => {
      const { body } = await console.ask('GET', '/api/nodes', undefined, again)
      return body.problem !== undefined
    }
    await eventually('the list says that no broker is reached', gone)
    broker = await collective.startBroker()
    await eventually('the broker is found again', async () => !(await gone()))
    await eventually('the node answers again', async () => {
      const next = await start(console, again, { nodes })
      return (await over(console, again, next.id)).counts.ok === 1
    })
    await console.kill()
  })
})

describe('mco console whose disk is full', () => {
  let folder: string
  before(() => {
    folder = collective.at('small')
    mkdirSync(folder, { mode: 0o700 })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'troupe-small', folder])
  })
  after(() => execFileSync('umount', ['-l', folder]))

  const fill = (): void => {
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(`${folder}/ballast`, Buffer.alloc(bavail * bsize))
  }

  test('a job ends as it should once there is room, nothing of it is lost, and meanwhile everybody is told', async () => {
    const config = configure('small', `sqlite:${folder}/console.db`)
    const console = await serve(config)
    const alice = await firstAccount(console, config)
    const list = async () => (await console.ask('GET', '/api/nodes', undefined, alice)).body
    await eventually('the node is known', async () => (await list()).nodes.length > 0)
    // The answer comes when there is no room for it, and so does the end of waiting for the other.
    node.child.kill('SIGSTOP')
    const nodes = [collective.identity, 'ghost1.example.com']
    const job = await start(console, alice, { nodes, rollOut: { timeoutSeconds: 5 } })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    fill()
    node.child.kill('SIGCONT')
    const full = /cannot write what it keeps: there is no room left \(STORE_FULL\)/
    const told = async () => full.test((await jobOf(console, alice, job.id)).problem ?? '')
    await eventually('the job says what is wrong', told)
    assert.match((await list()).storeProblem, full)
    const refused = await console.ask('POST', '/api/jobs', { ...NEW, nodes }, alice)
    assert.deepEqual([refused.status, refused.body.code], [503, 'CONSOLE_STORE'], JSON.stringify(refused.body))
    // Longer than anybody is waited for: its end cannot be written either.
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    assert.equal((await jobOf(console, alice, job.id)).state, 'running')

    rmSync(`${folder}/ballast`)
    const { state, problem } = await over(console, alice, job.id)
    const known = { [collective.identity]: 'ok', 'ghost1.example.com': 'noResponse' }
    assert.deepEqual([state, problem, await outcomesOf(console, alice, job.id)], ['done', undefined, known])
    await eventually('nothing is wrong any more', async () => (await list()).storeProblem === undefined)
    const next = await start(console, alice, { nodes: [collective.identity] })
    assert.equal((await over(console, alice, next.id)).counts.ok, 1)
    await console.kill()
  })
})

const NEW = { kind: 'call', agent: 'rpcutil', action: 'ping', inputs: {} }
