// Reports from PuppetDB: the client against a TLS server that wants a client certificate and answers what a real PuppetDB 7 answered.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { isTroupeError } from '../../src/base/errors.ts'
import { PUPPETDB_ANSWER_BYTES_MAX } from '../../src/base/limits.ts'
import { createPuppetDb, type PuppetDb } from '../../src/console/puppet/puppetdb.ts'
import { createTestAuthority, type TestCertificate } from './test-certificates.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/puppetdb/${name}.json`, import.meta.url), 'utf8')
const HASH = 'bf17365b6db784b644e01b966e8dbb2af302de31'

let server: Server
let ca: string
let own: TestCertificate
let url: string
let answer: { status: number; body: string | Buffer } | undefined
const asked: URL[] = []
const clients: PuppetDb[] = []

before(async () => {
  const authority = await createTestAuthority('PuppetDB CA')
  ca = authority.ca
  own = await authority.issue(['console.example.com'])
  const theirs = await authority.issue(['127.0.0.1'])
  server = createServer({ ...theirs, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const address = new URL(request.url ?? '', 'https://x')
    asked.push(address)
    const query = JSON.parse(address.searchParams.get('query') ?? '[]') as unknown[]
    const wanted = query[1] as string[]
    const usual = JSON.stringify(query).includes('nobody')
      ? '[]'
      : fixture(wanted.includes('logs') ? 'report' : 'reports')
    response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json' })
    response.end(answer?.body ?? usual)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(async () => {
  for (const one of clients) one.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function client(more: Partial<Parameters<typeof createPuppetDb>[0]> = { ...own }): PuppetDb {
  const made = createPuppetDb({ url, ca, ...more })
  clients.push(made)
  return made
}

const refused = (why: RegExp) => (error: unknown) => isTroupeError(error, 'CONSOLE_PUPPETDB') && why.test(error.message)

test('reports: the newest first, with their counts', async () => {
  const reports = await client().reports('web1.example.com', 20)
  assert.deepEqual(
    reports.map(({ id, run }) => [id.slice(0, 4), run.outcome, run.changed, run.failed, run.total, run.seconds]),
    [
      ['bf17', 'failed', 0, 1, 42, 9.5],
      ['54e4', 'changed', 1, 0, 42, 9.5],
      ['7f6b', 'unchanged', 0, 0, 42, 9.5],
    ],
  )
  assert.equal(reports[0]?.run.atMs, Date.parse('2026-11-22T12:03:09.5Z'))
  assert.equal(asked.at(-1)?.searchParams.get('limit'), '20')
  assert.deepEqual(await client().reports('nobody', 20), [])
})

test('report: one with events, log and times; what is no hash is not asked for', async () => {
  const report = await client().report('web1.example.com', HASH)
  assert.deepEqual(report?.events, [
    {
      ...{ resource: 'File[/etc/motd]', status: 'failure', message: 'could not write <motd>' },
      property: 'content',
      old: '{md5}bbb',
      new: '{md5}aaa',
    },
  ])
  assert.equal(report?.logs[0]?.message, 'Applied catalog in 9.3 seconds')
  assert.deepEqual(report?.metrics[0], { name: 'config_retrieval', seconds: 3.5 })
  const before = asked.length
  assert.equal(await client().report('web1.example.com', '../../x'), undefined)
  assert.equal(asked.length, before)
})

test('a certificate that is not wanted, an authority that is not trusted, and nobody there are told', async () => {
  await assert.rejects(
    client({}).reports('a', 1),
    refused(/cannot ask PuppetDB at https:\/\/127\.0\.0\.1:\d+ for reports/),
  )
  const other = await createTestAuthority('another CA')
  await assert.rejects(client({ ...own, ca: other.ca }).reports('a', 1), refused(/certificate|signature/))
  await assert.rejects(client({ ...own, url: 'https://127.0.0.1:1' }).reports('a', 1), refused(/ECONNREFUSED/))
})

test('errors, what is no JSON, what has other shapes, and what is too large', async () => {
  answer = { status: 500, body: '\u001b[0;33m broken \u001b[0m\n inside' }
  await assert.rejects(client().reports('a', 1), refused(/it answered 500: .*broken/))
  answer = { status: 200, body: '<html>' }
  await assert.rejects(client().reports('a', 1), refused(/no JSON/))
  answer = { status: 200, body: '{"a": 1}' }
  assert.deepEqual(await client().reports('a', 1), [])
  answer = { status: 200, body: '[1, null, {"metrics": 5, "end_time": {}, "status": ["x"]}]' }
  assert.deepEqual(await client().reports('a', 1), [
    {
      ...{ id: '', source: 'puppetdb', events: [], logs: [], metrics: [] },
      run: { node: 'a', outcome: 'unchanged', seconds: 0, changed: 0, failed: 0, outOfSync: 0, total: 0 },
    },
  ])
  answer = { status: 200, body: Buffer.alloc(PUPPETDB_ANSWER_BYTES_MAX + 10, 32) }
  await assert.rejects(client().reports('a', 1), refused(/larger than/))
  answer = undefined
})
