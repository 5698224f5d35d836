import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Host, RunResult } from '#rpc/host.ts'
import { createUpdatesMemory, rememberUpdates } from './apt-updates.ts'
import type { PackageManager, UpdatesRun } from './package-system.ts'

const PLACES = 11
const { signal } = new AbortController()

/** A machine whose files are one text; counts what apt is asked. */
function machine(change: { config?: Partial<RunResult>; find?: Partial<RunResult>; run?: Partial<UpdatesRun> } = {}) {
  const ok: RunResult = { status: 0, stdout: '', stderr: '', truncated: false }
  const state = { files: 'one', asked: 0, whileAsked: () => {}, change, found: [] as readonly string[] }
  const host: Host = {
    async run(argv) {
      if (argv[0] === '/usr/bin/apt-config') {
        const stdout = Array.from({ length: PLACES }, (_, i) => `P${i}='/places/${i}'\n`).join('')
        return { ...ok, stdout, ...state.change.config }
      }
      assert.equal(argv[0], '/usr/bin/find')
      state.found = argv
      return { ...ok, status: 1, stdout: state.files, ...state.change.find }
    },
  }
  const apt = {
    name: 'apt',
    async outdated(): Promise<UpdatesRun> {
      state.asked++
      const package_ = `as of ${state.files}`
      state.whileAsked()
      const packages = [{ package: package_, version: '1', repo: 'r' }]
      return { output: 'text', exitcode: 0, changes: [], packages, ...state.change.run }
    },
  } as unknown as PackageManager
  const memory = createUpdatesMemory()
  const ask = async (abort = signal) =>
    (await rememberUpdates(apt, host, memory).outdated(abort)).packages[0]?.package ?? ''
  return { state, ask }
}

test('rememberUpdates: apt is asked once while the files it reads are as they were, and again when one is not', async () => {
  const { state, ask } = machine()
  assert.deepEqual([await ask(), await ask(), state.asked], ['as of one', 'as of one', 1])
  for (const path of ['/places/0', '/places/10', '/etc/machine-id', '/usr/bin/apt-get']) {
    assert.ok(state.found.includes(path), path)
  }
  state.files = 'two'
  assert.deepEqual([await ask(), state.asked], ['as of two', 2])
  state.files = 'one'
  assert.deepEqual([await ask(), state.asked], ['as of one', 3])
})

test('rememberUpdates: two who ask at once cost one simulation', async () => {
  const { state, ask } = machine()
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ['as of one', 'as of one', 'as of one'])
  assert.equal(state.asked, 1)
})

test('rememberUpdates: what changed while apt was reading is not remembered', async () => {
  const { state, ask } = machine()
  state.whileAsked = () => {
    state.files = 'two'
    state.whileAsked = () => {}
  }
  assert.deepEqual([await ask(), await ask(), state.asked], ['as of one', 'as of two', 2])
})

test('rememberUpdates: a failure is not remembered', async () => {
  const { state, ask } = machine({ run: { failure: 'no' } })
  await ask()
  state.change = {}
  await ask()
  await ask()
  assert.equal(state.asked, 2)
})

test('rememberUpdates: files that cannot be watched are no ground for remembering', async () => {
  for (const change of [
    { config: { status: 100 } },
    { config: { stdout: "P0='/only'\n" } },
    { config: { status: -1, error: 'there is no apt-config' } },
    { find: { status: 2 } },
    { find: { stdout: '' } },
    { find: { truncated: true } },
    { find: { error: 'it was still running after 20 s' } },
  ]) {
    const { state, ask } = machine(change)
    await ask()
    await ask()
    assert.equal(state.asked, 2, JSON.stringify(change))
  }
})

test('rememberUpdates: who gave up before it was his turn keeps nobody from an answer', async () => {
  const { state, ask } = machine()
  const gone = new AbortController()
  gone.abort()
  await Promise.all([ask(gone.signal), ask()])
  assert.equal(await ask(), 'as of one')
  assert.equal(state.asked, 2)
})
