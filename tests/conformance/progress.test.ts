// What nodes say while they work, from the package manager to the operator's screen: the real agent, daemon, client and command over a memory
// bus.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Host } from '../../src/rpc/host.ts'
import { fakeMachine } from './fake-machine.ts'
import { type Collective, startCollective } from './mco-in-memory.ts'

let collective: Collective
/** What yum prints in answer to an installation, a line every two seconds. */
const PRINTED = [
  '  Installing       : slow-1.0-1.noarch                                      1/2 ',
  '  Installing       : \u001b[2J\u202eevil\u009b31m                            2/2 ',
  'nothing of the kind',
]

function slowMachine(): ReturnType<typeof fakeMachine> {
  const { host, files } = fakeMachine()
  const slow: Host = {
    async run(argv, options) {
      if (argv[0] === '/usr/bin/yum' && argv.includes('install')) {
        for (const line of PRINTED) {
          // The bar is drawn by the real time, twenty times a second at most.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
          options?.onLine?.(line)
          await new Promise<void>((resolve) => void collective.clock.after(2_000, resolve))
        }
      }
      return host.run(argv, options)
    },
  }
  return { host: slow, files }
}

before(async () => {
  collective = await startCollective([
    { identity: 'a.example.com', facts: {}, classes: [], machine: slowMachine() },
    { identity: 'b.example.com', facts: {}, classes: [] },
  ])
})
after(() => collective.stop())

test('mco -v prints a line for everything a node says while it works, on standard error and harmless', async () => {
  const { stderr, stdout, code } = await collective.run(['package', 'install', 'slow', '-I', 'a.example.com', '-v'])
  assert.equal(code, 0)
  const lines = stderr.split('\n').filter((line) => line.startsWith('a.example.com: '))
  assert.deepEqual(lines.slice(0, 1), ['a.example.com: 0% Installing slow-1.0-1.noarch'])
  assert.match(lines[1] ?? '', /^a\.example\.com: 50% Installing .*evil/)
  assert.equal(lines.length, 2)
  assert.doesNotMatch(stderr, /[\u001b\u009b\u202e]/)
  assert.doesNotMatch(stdout, /Installing/)
})

test('mco on a terminal shows the latest beside the bar, and nothing of it stays', async () => {
  const words = ['package', 'install', 'another', '-I', 'a.example.com', '-I', 'b.example.com', '--color', 'never']
  const { stdout, code } = await collective.run(words, { columns: 100 })
  assert.equal(code, 0)
  assert.match(stdout, /\r . \[ =+> +\] 1 \/ 2 {2}a\.example\.com: 50% Installing /)
  assert.doesNotMatch(stdout, /[\u001b\u009b\u202e]/)
  const last = stdout.split('\r').at(-1) ?? ''
  assert.match(last, /^ \* \[ =+> \] 2 \/ 2 *\n\n/)
})

test('mco without anybody to see it asks nodes to say nothing; with --json -v it goes to standard error', async () => {
  const quiet = await collective.run(['package', 'install', 'third', '-I', 'a.example.com'])
  assert.doesNotMatch(quiet.screen, /Installing/)
  const json = await collective.run(['package', 'install', 'fourth', '-I', 'a.example.com', '-v', '-j'])
  assert.match(json.stderr, /^a\.example\.com: 0% Installing slow/m)
  assert.equal(JSON.parse(json.stdout).summary.ok, 1)
})
