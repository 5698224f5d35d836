import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { createReplayGuard } from './replay-guard.ts'
import { type JournalFiles, type JournalOptions, openJournal } from './replay-journal.ts'

const A = 'a'.repeat(32)
const B = 'b'.repeat(32)
const BOOT = '11111111-2222-3333-4444-555555555555'
const OTHER_BOOT = '99999999-2222-3333-4444-555555555555'

function inDirectory(run: (options: JournalOptions, clock: ManualClock) => void): void {
  const directory = fs.mkdtempSync(join(tmpdir(), 'troupe-replay-'))
  const clock = new ManualClock()
  try {
    run(
      {
        path: join(directory, 'replay.journal'),
        nowMs: clock.now(),
        bootId: BOOT,
        bootedAtMs: clock.now() - 3_600_000,
        skewMs: 60_000,
        log: silentLog,
      },
      clock,
    )
  } finally {
    fs.rmSync(directory, { recursive: true })
  }
}

describe('createReplayGuard', () => {
  test('lets a request be claimed once', () => {
    const clock = new ManualClock()
    const guard = createReplayGuard({ clock })
    assert.equal(guard.seen(A), false)
    assert.equal(guard.claim(A, clock.now() + 1000), 'ok')
    assert.equal(guard.seen(A), true)
    assert.equal(guard.claim(A, clock.now() + 1000), 'seen')
  })

  test('refuses when full instead of forgetting, and recovers as entries expire', () => {
    const clock = new ManualClock()
    const guard = createReplayGuard({ clock, entriesMax: 2 })
    guard.claim('1'.repeat(32), clock.now() + 1000)
    guard.claim('2'.repeat(32), clock.now() + 5000)
    assert.equal(guard.claim(A, clock.now() + 9000), 'full')
    assert.equal(guard.seen('1'.repeat(32)), true)
    clock.advance(1001)
    assert.equal(guard.claim(A, clock.now() + 9000), 'ok')
    assert.equal(guard.claim('2'.repeat(32), clock.now()), 'seen')
  })

  test('takes proofs of any length', () => {
    const guard = createReplayGuard({ clock: new ManualClock() })
    assert.equal(guard.claim('x'.repeat(700), Number.MAX_SAFE_INTEGER), 'ok')
    assert.equal(guard.claim('x'.repeat(700), Number.MAX_SAFE_INTEGER), 'seen')
    assert.equal(guard.claim('x'.repeat(701), Number.MAX_SAFE_INTEGER), 'ok')
  })

  test('without a journal believes nothing sent before it was made', () => {
    const clock = new ManualClock()
    assert.equal(createReplayGuard({ clock }).mistrustBeforeMs, clock.now())
  })
})

describe('openJournal', () => {
  test('knows claimed requests after a restart in good order, even of the machine', () => {
    inDirectory((options, clock) => {
      const first = createReplayGuard({ clock, journal: openJournal(options) })
      first.claim(A, clock.now() + 60_000)
      first.close()
      const journal = openJournal({ ...options, bootId: OTHER_BOOT, nowMs: clock.now() + 10 })
      const second = createReplayGuard({ clock, journal })
      assert.equal(second.claim(A, clock.now() + 60_000), 'seen')
      assert.equal(second.mistrustBeforeMs, clock.now(), 'only what was sent before the very first start is mistrusted')
      second.close()
    })
  })

  test('knows claimed requests after the process was killed', () => {
    inDirectory((options, clock) => {
      createReplayGuard({ clock, journal: openJournal(options) }).claim(A, clock.now() + 60_000)
      const again = createReplayGuard({ clock, journal: openJournal({ ...options, nowMs: clock.now() + 10 }) })
      assert.equal(again.claim(A, clock.now() + 60_000), 'seen')
      assert.equal(again.mistrustBeforeMs, clock.now())
    })
  })

  test('mistrusts what was sent before the machine came up again when it died', () => {
    inDirectory((options) => {
      openJournal(options).append(A, options.nowMs + 60_000)
      const bootedAtMs = options.nowMs + 30_000
      const again = openJournal({ ...options, bootId: OTHER_BOOT, bootedAtMs, nowMs: options.nowMs + 50_000 })
      assert.equal(again.mistrustBeforeMs, bootedAtMs + options.skewMs)
      const later = openJournal({ ...options, bootId: OTHER_BOOT, bootedAtMs, nowMs: options.nowMs + 55_000 })
      assert.equal(later.mistrustBeforeMs, bootedAtMs + options.skewMs, 'a further restart keeps it')
    })
  })

  test('drops a torn last record and keeps the others', () => {
    inDirectory((options) => {
      const journal = openJournal(options)
      journal.append(A, options.nowMs + 60_000)
      journal.append(B, options.nowMs + 60_000)
      fs.truncateSync(options.path, fs.statSync(options.path).size - 5)
      assert.deepEqual([...openJournal(options).entries.keys()], [A])
    })
  })

  test('forgets what is no longer valid, and shrinks', () => {
    inDirectory((options) => {
      const journal = openJournal(options)
      const entries = new Map<string, number>()
      for (let n = 0; n < 5000; n++) journal.append(n.toString(16).padStart(32, '0'), options.nowMs + 1)
      const before = fs.statSync(options.path).size
      journal.compact(entries)
      assert.ok(fs.statSync(options.path).size < before / 100)
      journal.append(A, options.nowMs + 60_000)
      assert.deepEqual([...openJournal({ ...options, nowMs: options.nowMs + 2 }).entries.keys()], [A])
    })
  })

  test('mistrusts everything sent before now when the file is damaged', () => {
    inDirectory((options) => {
      fs.writeFileSync(options.path, 'not a journal at all, though long enough to be one')
      assert.equal(openJournal(options).mistrustBeforeMs, options.nowMs + options.skewMs)
    })
  })

  test('goes on from memory when the disk is full, and the next start mistrusts what was sent before it', () => {
    inDirectory((options, clock) => {
      let full = false
      const files: JournalFiles = {
        ...fs,
        writeSync: ((fd: number, bytes: Buffer, offset: number, length: number, position?: number) => {
          // In-place writes need no new block, as on a real disk.
          if (full && position === undefined)
            throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
          return fs.writeSync(fd, bytes, offset, length, position)
        }) as typeof fs.writeSync,
      }
      const guard = createReplayGuard({ clock, journal: openJournal({ ...options, files }) })
      full = true
      assert.equal(guard.claim(A, clock.now() + 60_000), 'ok')
      assert.equal(guard.claim(A, clock.now() + 60_000), 'seen')
      guard.close()
      const next = openJournal({ ...options, nowMs: options.nowMs + 1000 })
      assert.equal(next.mistrustBeforeMs, options.nowMs + 1000 + options.skewMs)
    })
  })

  test('does not put a file in the place of what is none, such as /dev/null', () => {
    inDirectory((options, clock) => {
      fs.symlinkSync('/dev/null', options.path)
      const guard = createReplayGuard({ clock, journal: openJournal(options) })
      assert.equal(guard.claim(A, clock.now() + 60_000), 'ok')
      assert.equal(guard.claim(A, clock.now() + 60_000), 'seen')
      assert.equal(guard.mistrustBeforeMs, options.nowMs)
      guard.close()
      assert.ok(fs.lstatSync(options.path).isSymbolicLink())
    })
  })

  test('is complete again once the disk has room', () => {
    inDirectory((options, clock) => {
      let full = false
      const files: JournalFiles = {
        ...fs,
        writeSync: ((fd: number, bytes: Buffer, offset: number, length: number, position?: number) => {
          if (full && position === undefined) throw new Error('ENOSPC: no space left')
          return fs.writeSync(fd, bytes, offset, length, position)
        }) as typeof fs.writeSync,
      }
      const guard = createReplayGuard({ clock, journal: openJournal({ ...options, files }) })
      full = true
      guard.claim(A, clock.now() + 600_000)
      full = false
      clock.advance(60_000)
      guard.claim(B, clock.now() + 600_000)
      guard.close()
      const next = openJournal({ ...options, nowMs: clock.now() })
      assert.deepEqual([...next.entries.keys()].sort(), [A, B])
      assert.equal(next.mistrustBeforeMs, options.nowMs)
    })
  })
})
