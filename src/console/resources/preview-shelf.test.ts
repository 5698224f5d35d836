import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import { CLONE_PREVIEWS_PER_ACCOUNT_MAX, CLONE_PREVIEWS_RUNNING_MAX } from '#base/limits.ts'
import { createPreviewShelf, type PreviewRun } from './preview-shelf.ts'

const MINUTE = 60_000
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const isCode = (code: 'CONSOLE_NOT_FOUND' | 'CONSOLE_CONFLICT' | 'CONSOLE_TOO_MANY' | 'CONSOLE_NOT_ALLOWED') => {
  return (error: unknown): boolean => isTroupeError(error, code)
}

interface Running extends PreviewRun {
  done(made: string): void
  fail(error: Error): void
}

/** A shelf whose previews are done when the test says so; those that are aborted end by themselves, as calls do. */
function shelf({ obedient = true } = {}) {
  const clock = new ManualClock()
  let count = 0
  const previews = createPreviewShelf<string>({ clock, newId: () => `p${count++}` })
  const runs = new Map<string, Running>()
  const begin = (account = 'alice', stillAllowed?: () => Promise<boolean>): string =>
    previews.begin(
      {
        account,
        tooLate: () => new TroupeError('CONSOLE_CONFLICT', 'too late'),
        ...(stillAllowed ? { stillAllowed } : {}),
      },
      (run) =>
        new Promise((resolve, reject) => {
          runs.set(run.id, { ...run, done: resolve, fail: reject })
          if (obedient) run.signal.addEventListener('abort', () => resolve('half'))
        }),
    )
  const run = (id: string): Running => runs.get(id) as Running
  return { clock, previews, begin, run }
}

describe('createPreviewShelf', () => {
  test('ask: tells how far it is, waits for its end, and tells the same afterwards', async () => {
    const { previews, begin, run } = shelf()
    const id = begin()
    await settled()
    assert.deepEqual(await previews.ask('alice', id), {})
    const progress = { question: 1, questions: 2, answered: 3, asked: 4 }
    run(id).tell(progress)
    assert.deepEqual(await previews.ask('alice', id), { progress })
    assert.throws(() => previews.made('alice', id), isCode('CONSOLE_CONFLICT'))
    const waiting = [previews.ask('alice', id, 20_000), previews.ask('alice', id, 20_000)]
    run(id).done('made')
    assert.deepEqual(await Promise.all(waiting), [{ made: 'made' }, { made: 'made' }])
    assert.equal(previews.made('alice', id), 'made')
  })

  test('ask: answers after the time it was to wait, and when who asks has gone', async () => {
    const { clock, previews, begin } = shelf()
    const id = begin()
    const waiting = previews.ask('alice', id, 20_000)
    clock.advance(20_000)
    assert.deepEqual(await waiting, {})
    const gone = new AbortController()
    const other = previews.ask('alice', id, 20_000, gone.signal)
    gone.abort()
    assert.deepEqual(await other, {})
    assert.deepEqual(await previews.ask('alice', id, 20_000, gone.signal), {})
  })

  test('ask: what the work has thrown is thrown, every time', async () => {
    const { previews, begin, run } = shelf()
    const id = begin()
    await settled()
    run(id).fail(new Error('no such source'))
    await assert.rejects(previews.ask('alice', id, 20_000), /no such source/)
    await assert.rejects(previews.ask('alice', id), /no such source/)
    assert.throws(() => previews.made('alice', id), /no such source/)
  })

  test('it ends after four minutes, however often somebody asks, and what comes later is not taken', async () => {
    const { clock, previews, begin, run } = shelf({ obedient: false })
    const id = begin()
    await settled()
    for (let asked = 0; asked < 11; asked += 1) {
      const waiting = previews.ask('alice', id, 20_000)
      clock.advance(20_000)
      assert.deepEqual(await waiting, {})
    }
    const last = previews.ask('alice', id, 20_000)
    clock.advance(20_000)
    await assert.rejects(last, /too late/)
    assert.equal(run(id).signal.aborted, true)
    run(id).done('made after all')
    await settled()
    await assert.rejects(previews.ask('alice', id), /too late/)
  })

  test('it ends when nobody asks for a minute, not while somebody waits', async () => {
    const { clock, previews, begin, run } = shelf()
    const [left, kept] = [begin(), begin()]
    await settled()
    const waiting = previews.ask('alice', kept, 90_000)
    clock.advance(MINUTE - 1)
    assert.equal(run(left).signal.aborted, false)
    clock.advance(1)
    assert.deepEqual([run(left).signal.aborted, run(kept).signal.aborted], [true, false])
    await assert.rejects(previews.ask('alice', left), isCode('CONSOLE_NOT_FOUND'))
    clock.advance(30_000)
    assert.deepEqual(await waiting, {})
    clock.advance(MINUTE - 1)
    assert.deepEqual(await previews.ask('alice', kept), {})
    clock.advance(MINUTE)
    await assert.rejects(previews.ask('alice', kept), isCode('CONSOLE_NOT_FOUND'))
  })

  test('done, it can be quoted for ten minutes', async () => {
    const { clock, previews, begin, run } = shelf()
    const id = begin()
    await settled()
    run(id).done('made')
    await settled()
    clock.advance(10 * MINUTE - 1)
    assert.equal(previews.made('alice', id), 'made')
    clock.advance(1)
    assert.throws(() => previews.made('alice', id), isCode('CONSOLE_CONFLICT'))
    await assert.rejects(previews.ask('alice', id), isCode('CONSOLE_CONFLICT'))
    begin()
    await assert.rejects(previews.ask('alice', id), isCode('CONSOLE_NOT_FOUND'))
  })

  test('it is its account’s alone', async () => {
    const { previews, begin } = shelf()
    const id = begin('alice')
    await assert.rejects(previews.ask('bob', id), isCode('CONSOLE_NOT_ALLOWED'))
    assert.throws(() => previews.cancel('bob', id), isCode('CONSOLE_NOT_ALLOWED'))
    assert.throws(() => previews.made('bob', id), isCode('CONSOLE_NOT_ALLOWED'))
  })

  test('cancel: it is aborted and gone, also for who waits', async () => {
    const { previews, begin, run } = shelf()
    const id = begin()
    await settled()
    const waiting = assert.rejects(previews.ask('alice', id, 20_000), isCode('CONSOLE_NOT_FOUND'))
    previews.cancel('alice', id)
    await waiting
    assert.equal(run(id).signal.aborted, true)
    assert.throws(() => previews.cancel('alice', id), isCode('CONSOLE_NOT_FOUND'))
  })

  test('recheck: ends those whose session has ended, and no others', async () => {
    const { previews, begin, run } = shelf()
    const ended = begin('alice', async () => false)
    const others = [
      begin('alice', async () => true),
      begin('alice', () => Promise.reject(new Error('the store is away'))),
      begin('bob', async () => false),
    ]
    await settled()
    await previews.recheck('alice')
    assert.equal(run(ended).signal.aborted, true)
    assert.deepEqual(
      others.map((id) => run(id).signal.aborted),
      [false, false, false],
    )
  })

  test('begin: so many on their way of an account and of all, those that were ended but work on among them', async () => {
    const { previews, begin, run } = shelf({ obedient: false })
    const own = [begin(), begin(), begin()]
    assert.throws(() => begin(), isCode('CONSOLE_TOO_MANY'))
    await settled()
    previews.cancel('alice', own[0] ?? '')
    assert.throws(() => begin(), isCode('CONSOLE_TOO_MANY'))
    run(own[0] ?? '').done('late')
    await settled()
    begin()
    for (let index = 3; index < CLONE_PREVIEWS_RUNNING_MAX; index += 1) begin(`other${index}`)
    assert.throws(() => begin('one more'), isCode('CONSOLE_TOO_MANY'))
  })

  test('begin: of those that are done the oldest of the account makes room', async () => {
    const { previews, begin, run } = shelf()
    const made = async (account: string): Promise<string> => {
      const id = begin(account)
      await settled()
      run(id).done(id)
      await settled()
      return id
    }
    const bobs = await made('bob')
    const ids: string[] = []
    for (let index = 0; index <= CLONE_PREVIEWS_PER_ACCOUNT_MAX; index += 1) ids.push(await made('alice'))
    assert.throws(() => previews.made('alice', ids[0] ?? ''), isCode('CONSOLE_NOT_FOUND'))
    for (const id of ids.slice(1)) assert.equal(previews.made('alice', id), id)
    assert.equal(previews.made('bob', bobs), bobs)
  })

  test('close: aborts all, waits for what works on, and begins none', async () => {
    const { previews, begin, run } = shelf({ obedient: false })
    const id = begin()
    await settled()
    const waiting = assert.rejects(previews.ask('alice', id, 20_000), isCode('CONSOLE_NOT_FOUND'))
    let isClosed = false
    const closing = previews.close().then(() => {
      isClosed = true
    })
    await waiting
    await settled()
    assert.deepEqual([run(id).signal.aborted, isClosed], [true, false])
    run(id).done('late')
    await closing
    assert.throws(() => begin())
  })
})
