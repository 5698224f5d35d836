// The web console as a script uses it: the first account by a one-time link, an API token, requests over one kept connection, and the stream of events
// to know when a job is over.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import type { Job } from '#console/api/jobs.ts'
import { root } from './program.ts'

export interface ConsoleAccess {
  readonly url: string
  /** The session of the first account, `name=value`. */
  readonly cookie: string
  /** SHA-256 of the console's public key, base64: what Chromium is told to trust. */
  readonly keyHash: string
  /** With the API token; rejects when the answer is not 2xx. */
  ask<Answer>(method: string, path: string, body?: object): Promise<Answer>
  /** Starts a job and resolves when it is over, as an event says. */
  run(job: object): Promise<Job>
  close(): void
}

interface Answered {
  readonly status: number
  readonly text: string
  readonly cookies: readonly string[]
}

export async function openAccess(port: number, clientConfig: string, caFile: string): Promise<ConsoleAccess> {
  const ca = readFileSync(caFile, 'utf8')
  const agent = new Agent({ keepAlive: true, ca })
  const url = `https://127.0.0.1:${port}`
  const send = (method: string, path: string, headers: Record<string, string>, body?: object): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const type = text === undefined ? {} : { 'content-type': 'application/json' }
      const asked = request(`${url}${path}`, { method, agent, headers: { ...headers, ...type } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('end', () => {
          const cookies = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]!)
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), cookies })
        })
      })
      asked.once('error', reject)
      asked.end(text)
    })
  const good = async (answer: Promise<Answered>): Promise<Answered> => {
    const { status, text } = await answer
    if (status >= 300) throw new Error(`bench: the console answered ${status}: ${text.slice(0, 500)}`)
    return answer
  }
  const { cookie, csrfToken } = await firstAccount(send, good, clientConfig, url)
  const keyHash = await keyHashOf(port, ca)
  const asPerson = { cookie, 'x-csrf-token': csrfToken, origin: url }
  const made = await good(send('POST', '/api/tokens', asPerson, { label: 'bench', role: 'operator', expiresInDays: 1 }))
  const { secret } = JSON.parse(made.text) as { secret: string }
  const asScript = { authorization: `Bearer ${secret}` }
  const ask = async <Result>(method: string, path: string, body?: object): Promise<Result> =>
    JSON.parse((await good(send(method, path, asScript, body))).text) as Result

  const over = new Map<string, Job>()
  const waiting = new Map<string, (job: Job) => void>()
  const closeStream = await openStream(`${url}/api/events`, { ca, headers: asScript }, (job) => {
    if (job.state === 'running') return
    const wanted = waiting.get(job.id)
    waiting.delete(job.id)
    if (wanted) wanted(job)
    else over.set(job.id, job)
  })
  return {
    ...{ url, cookie, keyHash, ask },
    async run(job) {
      const { id } = await ask<Job>('POST', '/api/jobs', job)
      return over.get(id) ?? new Promise((resolve) => waiting.set(id, resolve))
    },
    close() {
      closeStream()
      agent.destroy()
    },
  }
}

async function keyHashOf(port: number, ca: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca })
  await once(socket, 'secureConnect')
  const { publicKey } = socket.getPeerX509Certificate()!
  socket.destroy()
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
}

async function firstAccount(
  send: (method: string, path: string, headers: Record<string, string>, body?: object) => Promise<Answered>,
  good: (answer: Promise<Answered>) => Promise<Answered>,
  clientConfig: string,
  origin: string,
): Promise<{ cookie: string; csrfToken: string }> {
  const line = [join(root, 'bin', 'mco'), 'console', 'link', '-c', clientConfig]
  const { stdout } = await promisify(execFile)('/bin/sh', line)
  const token = /#token=([\w-]+)/.exec(stdout)?.[1]
  const visit = await good(send('GET', '/api/session', {}))
  const csrfOf = ({ text }: Answered): string => (JSON.parse(text) as { csrfToken: string }).csrfToken
  const sessionOf = ({ cookies }: Answered): string => cookies.find((one) => one.startsWith('__Host-troupe=')) ?? ''
  const first = { cookie: visit.cookies.join('; '), 'x-csrf-token': csrfOf(visit), origin }
  const entered = await good(send('POST', '/api/session/link', first, { token }))
  const inside = { cookie: sessionOf(entered), 'x-csrf-token': csrfOf(entered), origin }
  const account = { name: 'alice', password: 'correct horse battery' }
  const made = await good(send('POST', '/api/session/setup', inside, account))
  return { cookie: sessionOf(made), csrfToken: csrfOf(made) }
}

function openStream(
  url: string,
  { ca, headers }: { ca: string; headers: Record<string, string> },
  onJob: (job: Job) => void,
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        const events = text.split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) {
          const data = /^data: ?(.*)$/m.exec(event)?.[1]
          if (!/^event: ?job$/m.test(event) || data === undefined) continue
          onJob((JSON.parse(data) as { job: Job }).job)
        }
      })
      if (response.statusCode === 200) resolve(() => asked.destroy())
      else reject(new Error(`bench: no events: ${response.statusCode}`))
    })
    asked.once('error', reject)
    asked.end()
  })
}
