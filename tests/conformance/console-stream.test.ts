// The stream of events over a real connection: who hears what, and what ends it. [live 10]

import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { type Asker, startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
let port: number
before(async () => {
  troupe = await startConsole({ nodes: 2 })
  port = await troupe.server.listen('127.0.0.1', 0)
})
after(() => troupe.stop())

interface Listening {
  /** Resolves when the text has come, or rejects when the stream ended before. */
  until(text: string): Promise<string>
  readonly ended: Promise<void>
  readonly response: IncomingMessage
  close(): void
}

async function listen(asker: Asker): Promise<Listening> {
  const cookie = [...asker.cookies].map((pair) => pair.join('=')).join('; ')
  const request = get({
    host: '127.0.0.1',
    port,
    path: '/api/events',
    headers: { ...asker.headers(), cookie, accept: 'text/event-stream' },
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  let heard = ''
  let over = false
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const one of waiting) one()
  }
  response.setEncoding('utf8').on('data', (text: string) => {
    heard += text
    look()
  })
  response.on('error', () => {})
  const ended = new Promise<void>((resolve) =>
    response.once('close', () => {
      over = true
      look()
      resolve()
    }),
  )
  return {
    ended,
    response,
    close: () => request.destroy(),
    until: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!heard.includes(text) && !over) return
          waiting.delete(check)
          if (heard.includes(text)) resolve(heard)
          else reject(new Error(`the stream ended without ${text}: ${heard}`))
        }
        waiting.add(check)
        check()
      }),
  }
}

test('a page hears of the bus at once, of jobs as they go on, and nothing is buffered or cached', async () => {
  const alice = await troupe.signedIn('alice', 'operator')
  const stream = await listen(alice)
  assert.equal(stream.response.headers['content-type'], 'text/event-stream')
  assert.equal(stream.response.headers['content-encoding'], undefined)
  assert.equal(stream.response.headers['cache-control'], 'no-store')
  await stream.until('event: bus\ndata: {"type":"bus","connected":true}\n\n')
  const nodes = troupe.nodes.map((node) => node.identity)
  const job = await alice.post('/api/jobs', { kind: 'call', agent: 'rpcutil', action: 'ping', inputs: {}, nodes })
  assert.equal(job.status, 200, job.text)
  await stream.until('"state":"done"')
  stream.close()
  await stream.ended
})

test('it ends when the session is signed out elsewhere, when the account is disabled, and when the role changes', async () => {
  const boss = await troupe.signedIn('boss', 'administrator')
  const endings: [what: string, end: (asker: Asker) => Promise<unknown>][] = [
    ['signed out', (asker) => asker.delete('/api/session')],
    ['disabled', () => boss.ask('PATCH', '/api/accounts/carol', { disabled: true })],
    ['enabled and demoted', async () => boss.ask('PATCH', '/api/accounts/carol', { role: 'viewer' })],
    ['removed', () => boss.delete('/api/accounts/carol')],
  ]
  for (const [what, end] of endings) {
    await boss.ask('PATCH', '/api/accounts/carol', { disabled: false, role: 'operator' })
    const carol = await troupe.signedIn('carol', 'operator')
    const stream = await listen(carol)
    await stream.until('event: bus')
    await end(carol)
    await stream.until('"state":"ended"').catch((error: Error) => assert.fail(`${what}: ${error.message}`))
    await stream.ended
  }
})

test('a script hears no longer than its token is good', async () => {
  const boss = await troupe.signedIn('boss', 'administrator')
  const endings: [what: string, end: () => Promise<unknown>][] = [
    ['demoted', () => boss.ask('PATCH', '/api/accounts/erin', { role: 'viewer' })],
    [
      'token removed',
      async () => {
        const { body } = await boss.get('/api/tokens')
        for (const { id, account } of body.tokens) if (account === 'erin') await boss.delete(`/api/tokens/${id}`)
      },
    ],
  ]
  for (const [what, end] of endings) {
    await boss.ask('PATCH', '/api/accounts/erin', { role: 'operator' })
    const stream = await listen(await troupe.script('erin', 'operator'))
    await stream.until('event: bus')
    await end()
    await stream.until('"state":"ended"').catch((error: Error) => assert.fail(`${what}: ${error.message}`))
    await stream.ended
  }
})

test('a stream that is given up makes room, and closing the console ends those that are open', async () => {
  const dave = await troupe.signedIn('dave', 'viewer')
  const before = troupe.parts.events.count()
  const streams = await Promise.all([listen(dave), listen(dave)])
  await Promise.all(streams.map((stream) => stream.until('event: bus')))
  assert.equal(troupe.parts.events.count(), before + 2)
  streams[0]!.close()
  await streams[0]!.ended
  for (let i = 0; i < 100 && troupe.parts.events.count() > before + 1; i++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(troupe.parts.events.count(), before + 1)
  troupe.parts.events.close()
  await streams[1]!.ended
})
