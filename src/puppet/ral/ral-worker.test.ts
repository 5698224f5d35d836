import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import {
  RAL_QUEUE_MAX,
  RAL_REQUEST_MS_MAX,
  RAL_START_MS_MAX,
  RAL_WORKER_AGE_MS_MAX,
  RAL_WORKER_BYTES_MAX,
  RAL_WORKER_IDLE_MS,
} from '#base/limits.ts'
import { silentLog } from '#base/log.ts'
import { createFrameReader } from './ral-frames.ts'
import { createRalWorker, type RalProcessEvents, RalRefusal } from './ral-worker.ts'

/** A process that does nothing by itself: the test speaks for it. */
function started(events: RalProcessEvents) {
  const reader = createFrameReader()
  const asked: { readonly id: number; readonly ask: string; readonly title?: string }[] = []
  let over: 'ended' | 'killed' | undefined
  return {
    ...{ asked, over: () => over },
    hello: () => events.onMessage({ hello: '7.23.0', memory: 1 }),
    answer: (said: object) => events.onMessage({ id: asked.at(-1)?.id, memory: 1, ...said }),
    say: (message: unknown) => events.onMessage(message),
    die: (why: string) => events.onEnd(why),
    process: {
      send: (frame: Uint8Array) => void asked.push(...(reader.push(frame) as typeof asked)),
      end() {
        over ??= 'ended'
        events.onEnd('it ended with status 0')
      },
      kill() {
        over ??= 'killed'
        events.onEnd('it ended with SIGKILL')
      },
    },
  }
}

function stage(start?: () => void) {
  const clock = new ManualClock()
  const processes: ReturnType<typeof started>[] = []
  const worker = createRalWorker({
    ...{ clock, log: silentLog },
    start(events) {
      start?.()
      const process = started(events)
      processes.push(process)
      return process.process
    },
  })
  return { clock, worker, processes }
}

/** Lets everything that is due happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const find = (title: string) => ({ ask: 'find', type: 'user', title }) as const
const create = { ask: 'create', type: 'user', title: 'a', parameters: {} } as const
const noAnswer = (pattern: RegExp) => ({ code: 'RPC_PUPPET_WORKER', message: pattern })

describe('createRalWorker', () => {
  test('starts at the first question and no earlier, and asks one question at a time in order', async () => {
    const { worker, processes } = stage()
    assert.equal(processes.length, 0)
    const answers = [worker.ask(find('a')), worker.ask(find('b'))]
    const [process] = processes
    assert.ok(process)
    assert.equal(process.asked.length, 0, 'not before it is ready')
    process.hello()
    assert.deepEqual(
      process.asked.map((asked) => asked.title),
      ['a'],
    )
    process.answer({ result: 1 })
    await settle()
    assert.deepEqual(
      process.asked.map((asked) => asked.title),
      ['a', 'b'],
    )
    process.answer({ result: 2 })
    assert.deepEqual(await Promise.all(answers), [1, 2])
    assert.equal(processes.length, 1)
  })

  test("gives Puppet's own no as a RalRefusal", async () => {
    const { worker, processes } = stage()
    const answer = worker.ask(find('a'))
    processes[0]?.hello()
    processes[0]?.answer({ error: { kind: 'unknown_type', message: 'Could not find type x', events: [] } })
    await assert.rejects(answer, (error) => {
      assert.ok(error instanceof RalRefusal)
      assert.deepEqual(
        [error.kind, error.message, error.details],
        ['unknown_type', 'Could not find type x', { events: [] }],
      )
      return true
    })
  })

  test('a process that dies is replaced and a question that only reads is asked again, once', async () => {
    const { worker, processes } = stage()
    const answer = worker.ask(find('a'))
    processes[0]?.hello()
    processes[0]?.die('it ended with SIGSEGV')
    await settle()
    processes[1]?.hello()
    assert.equal(processes[1]?.asked[0]?.title, 'a')
    processes[1]?.answer({ result: 1 })
    assert.equal(await answer, 1)

    const twice = worker.ask(find('b'))
    processes[1]?.die('it ended with SIGSEGV')
    await settle()
    processes[2]?.hello()
    processes[2]?.die('it ended with SIGSEGV')
    await assert.rejects(twice, noAnswer(/died at find: it ended with SIGSEGV/))
  })

  test('a create is never repeated by itself, and the next question is served', async () => {
    const { worker, processes } = stage()
    const answer = worker.ask(create)
    const next = worker.ask(find('b'))
    processes[0]?.hello()
    processes[0]?.die('it ended with SIGKILL')
    await assert.rejects(answer, noAnswer(/died at create: it ended with SIGKILL/))
    processes[1]?.hello()
    assert.deepEqual(
      processes[1]?.asked.map((asked) => asked.title),
      ['b'],
    )
    processes[1]?.answer({ result: 2 })
    assert.equal(await next, 2)
  })

  test('a process that cannot start says why, and the next question tries again', async () => {
    const { worker, processes } = stage()
    const answer = worker.ask(find('a'))
    processes[0]?.die('it ended with status 1: cannot load such file -- puppet (LoadError)')
    await assert.rejects(answer, noAnswer(/could not be started: .*cannot load such file -- puppet/))
    const again = worker.ask(find('a'))
    processes[1]?.hello()
    processes[1]?.answer({ result: 1 })
    assert.equal(await again, 1)
  })

  test('kills what takes too long to start or to answer', async () => {
    const { worker, processes, clock } = stage()
    const first = worker.ask(find('a'))
    clock.advance(RAL_START_MS_MAX)
    await assert.rejects(first, noAnswer(/did not start within 60 s/))
    assert.equal(processes[0]?.over(), 'killed')
    const second = worker.ask(find('b'))
    processes[1]?.hello()
    clock.advance(RAL_REQUEST_MS_MAX)
    await assert.rejects(second, noAnswer(/did not answer find within 175 s/))
    assert.equal(processes[1]?.over(), 'killed')
  })

  test('an aborted question that is being worked on costs the process, one that waits costs nothing', async () => {
    const { worker, processes } = stage()
    const [running, waits] = [new AbortController(), new AbortController()]
    const first = worker.ask(create, { signal: running.signal })
    const second = worker.ask(find('b'), { signal: waits.signal })
    processes[0]?.hello()
    waits.abort(new Error('timed out after 180 s'))
    await assert.rejects(second, noAnswer(/find was given up: timed out after 180 s/))
    assert.equal(processes[0]?.over(), undefined)
    running.abort(new Error('timed out after 180 s'))
    await assert.rejects(first, noAnswer(/create was given up/))
    assert.equal(processes[0]?.over(), 'killed')
    assert.equal(processes.length, 1, 'nobody waits, so no other is started')
  })

  test('asks anew, and does not count it as a try, when configuration or modules changed', async () => {
    const { worker, processes } = stage()
    const answer = worker.ask(create)
    processes[0]?.hello()
    processes[0]?.answer({ stale: true })
    assert.equal(processes[0]?.over(), 'ended')
    processes[1]?.hello()
    processes[1]?.answer({ result: 1 })
    assert.equal(await answer, 1)
    const changing = worker.ask(create)
    processes[1]?.answer({ stale: true })
    processes[2]?.hello()
    processes[2]?.answer({ stale: true })
    await assert.rejects(changing, noAnswer(/keep changing/))
  })

  test('lets the process go when it is idle, too large or old', async () => {
    const { worker, processes, clock } = stage()
    const ask = async (memory = 1) => {
      const answer = worker.ask(find('a'))
      const process = processes.at(-1)
      if (process?.asked.length === 0) process.hello()
      process?.answer({ result: 1, memory })
      await answer
      return processes.length
    }
    assert.equal(await ask(), 1)
    clock.advance(RAL_WORKER_IDLE_MS - 1)
    assert.equal(processes[0]?.over(), undefined)
    clock.advance(1)
    assert.equal(processes[0]?.over(), 'ended')
    assert.equal(await ask(RAL_WORKER_BYTES_MAX + 1), 2)
    assert.equal(processes[1]?.over(), 'ended')
    assert.equal(await ask(), 3)
    for (let ms = 0; ms <= RAL_WORKER_AGE_MS_MAX; ms += RAL_WORKER_IDLE_MS / 2) {
      clock.advance(RAL_WORKER_IDLE_MS / 2)
      await ask()
    }
    assert.equal(processes[2]?.over(), 'ended')
    assert.equal(processes.length, 4)
  })

  test('a question that the worker cannot read is refused and costs nothing', async () => {
    const { worker, processes } = stage()
    const answer = worker.ask(find('a'))
    processes[0]?.hello()
    processes[0]?.say({ id: null, error: { kind: 'failed', message: 'cannot be read' }, memory: 1 })
    await assert.rejects(answer, { name: 'RalRefusal', message: 'cannot be read' })
    assert.equal(processes[0]?.over(), undefined)
  })

  test('answers that nobody asked for, and what is no answer, cost the process', async () => {
    for (const message of [{ id: 99, result: 1 }, null, 'x', []]) {
      const { worker, processes } = stage()
      const answer = worker.ask(find('a'))
      processes[0]?.hello()
      processes[0]?.say(message)
      await assert.rejects(answer, noAnswer(/answered what it was not asked/))
      assert.equal(processes[0]?.over(), 'killed')
    }
  })

  test('refuses more questions than may wait', async () => {
    const { worker } = stage()
    const asked = Array.from({ length: RAL_QUEUE_MAX + 1 }, () => worker.ask(find('a')))
    await assert.rejects(worker.ask(find('b')), noAnswer(/32 questions already wait/))
    const outcomes = Promise.allSettled(asked)
    await worker.stop()
    assert.ok((await outcomes).every((outcome) => outcome.status === 'rejected'))
  })

  test('stop ends the process and can be followed by another question', async () => {
    const { worker, processes } = stage()
    await worker.stop()
    const answer = worker.ask(find('a'))
    processes[0]?.hello()
    processes[0]?.answer({ result: 1 })
    await answer
    await worker.stop()
    assert.equal(processes[0]?.over(), 'ended')
    const again = worker.ask(find('a'))
    processes[1]?.hello()
    processes[1]?.answer({ result: 2 })
    assert.equal(await again, 2)
    await worker.stop()
  })

  test('keepReady: one is started before anybody asks, stays when idle, is replaced when old, and ends with stop', async () => {
    const { clock, worker, processes } = stage()
    worker.keepReady()
    worker.keepReady()
    assert.equal(processes.length, 1)
    processes[0]?.hello()
    clock.advance(2 * RAL_WORKER_IDLE_MS)
    assert.equal(processes[0]?.over(), undefined)
    const answer = worker.ask(find('a'))
    processes[0]?.answer({ result: 'yes' })
    assert.equal(await answer, 'yes')
    clock.advance(RAL_WORKER_AGE_MS_MAX - 2 * RAL_WORKER_IDLE_MS)
    await settle()
    assert.deepEqual([processes[0]?.over(), processes.length], ['ended', 2])
    processes[1]?.hello()
    const last = worker.ask(find('b'))
    processes[1]?.answer({ result: 'large', memory: RAL_WORKER_BYTES_MAX + 1 })
    await last
    await settle()
    assert.deepEqual([processes[1]?.over(), processes.length], ['ended', 3])
    processes[2]?.hello()
    await worker.stop()
    clock.advance(2 * RAL_WORKER_AGE_MS_MAX)
    await settle()
    assert.deepEqual([processes[2]?.over(), processes.length], ['ended', 3])
  })

  test('keepReady: one that cannot be started is not tried again until somebody asks', async () => {
    const { clock, worker, processes } = stage()
    worker.keepReady()
    processes[0]?.die('no such file')
    await settle()
    clock.advance(RAL_WORKER_AGE_MS_MAX)
    await settle()
    assert.equal(processes.length, 1)
    const answer = worker.ask(find('a'))
    processes[1]?.hello()
    processes[1]?.answer({ result: 'yes' })
    assert.equal(await answer, 'yes')
    clock.advance(2 * RAL_WORKER_IDLE_MS)
    assert.equal(processes[1]?.over(), undefined)
    await worker.stop()
  })
})
