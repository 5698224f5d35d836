import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { EMPTY_FILTER } from '#message/filter.ts'
import type { Request, Values } from '#message/request.ts'
import { type AuditOutcome, createLogfileAudit } from './audit.ts'
import { keepingLog } from './test-node.ts'

const CLOCK_MS = Date.UTC(2026, 10, 22, 5, 29, 46)

function request(data: Values): Request {
  return {
    id: '6960b3750b915f41b6905d7d4590507b',
    agent: 'rpcutil',
    collective: 'mcollective',
    sender: 'client1.example.com',
    caller: 'uid=0',
    filter: EMPTY_FILTER,
    sentAtMs: 1795325385_900,
    ttlSeconds: 60,
    replyTo: null,
    body: { kind: 'rpc', action: 'get_fact', data, processResults: true },
  }
}

function inDirectory(format: 'text' | 'json', run: (audit: ReturnType<typeof open>, path: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'troupe-audit-'))
  try {
    const path = join(directory, 'audit.log')
    run(open(path, format), path)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function open(path: string, format: 'text' | 'json') {
  const clock = new ManualClock(CLOCK_MS)
  const log = keepingLog()
  const audit = createLogfileAudit({ path, format, clock, log })
  const record = (outcome: AuditOutcome, data: Values = { fact: 'osfamily' }, more = {}): void =>
    audit.record({ request: request(data), action: 'get_fact', data, outcome, ...more })
  return { ...audit, entry: record, clock, log }
}

describe('createLogfileAudit', () => {
  test('writes the line of MCollective before the action runs', () => {
    inDirectory('text', ({ entry }, path) => {
      entry('started')
      entry('ran', {}, { elapsedMs: 3, statusCode: 0 })
      assert.equal(
        readFileSync(path, 'utf8'),
        '[2026-11-22 05:29:46 UTC] reqid=6960b3750b915f41b6905d7d4590507b: reqtime=1795325385 caller=uid=0@client1.example.com agent=rpcutil action=get_fact data={:fact=>"osfamily", :process_results=>true}\n',
      )
      assert.equal(statSync(path).mode & 0o777, 0o600)
    })
  })

  test('writes refused requests as well, with what became of them', () => {
    inDirectory('text', ({ entry }, path) => {
      for (const outcome of ['invalid', 'unauthorized', 'expired', 'replayed', 'unknown'] as const) entry(outcome)
      const ends = readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1))
      assert.deepEqual(ends, [
        'outcome=invalid',
        'outcome=unauthorized',
        'outcome=expired',
        'outcome=replayed',
        'outcome=unknown',
      ])
    })
  })

  test('masks secrets and keeps one request one line', () => {
    inDirectory('text', ({ entry }, path) => {
      entry('started', { password: 'hunter2', note: 'a\nb\u2028c', nested: { api_key: 'x' } })
      const text = readFileSync(path, 'utf8')
      assert.ok(!text.includes('hunter2'))
      assert.match(text, /:password=>"\*\*\*\*\*"/)
      assert.equal(text.trimEnd().split(/[\n\u2028]/).length, 1)
    })
  })

  test('writes JSON lines with duration and status code', () => {
    inDirectory('json', ({ entry }, path) => {
      entry('started')
      entry('ran', { fact: 'osfamily', token: 'x' }, { elapsedMs: 12.4, statusCode: 5 })
      const [started, ran] = readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      assert.equal(started.outcome, 'started')
      assert.deepEqual(ran, {
        time: '2026-11-22T05:29:46.000Z',
        requestid: '6960b3750b915f41b6905d7d4590507b',
        requesttime: '2026-11-22T05:29:45.900Z',
        caller: 'uid=0',
        sender: 'client1.example.com',
        collective: 'mcollective',
        agent: 'rpcutil',
        action: 'get_fact',
        data: { fact: 'osfamily', token: '*****' },
        outcome: 'ran',
        elapsedms: 12,
        statuscode: 5,
      })
    })
  })

  test('follows log rotation, told or not', () => {
    inDirectory('text', ({ entry, reopen }, path) => {
      entry('started')
      renameSync(path, `${path}.1`)
      entry('started')
      assert.ok(existsSync(path))
      reopen()
      entry('started')
      assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, 2)
    })
  })

  test('a full disk does not stop requests: lines go to the log, the complaint comes once a minute', () => {
    const { entry, clock, log } = open('/dev/full', 'text')
    entry('started')
    entry('started')
    clock.advance(60_000)
    entry('started')
    const complaints = log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)
    assert.equal(complaints.length, 2)
    assert.match(complaints[1] ?? '', /cannot write the audit log \/dev\/full: ENOSPC.*3 lines lost so far/)
    assert.equal(log.lines.filter(({ message }) => message.startsWith('audit: [2026-11-22')).length, 3)
  })
})
