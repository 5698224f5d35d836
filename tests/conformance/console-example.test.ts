// examples/console-job.mjs as a process of its own with an API token, against a whole console over emulated nodes.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startConsole, type TestConsole } from './console.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/console-job.mjs', import.meta.url))
let troupe: TestConsole
let url: string

before(async () => {
  troupe = await startConsole({ nodes: 3 })
  url = await troupe.server.app.listen({ host: '127.0.0.1', port: 0 })
})
after(() => troupe.stop())

interface Run {
  readonly code: unknown
  readonly out: string
  readonly err: string
}

async function example(...words: string[]): Promise<Run> {
  const script = await troupe.script('pipeline', 'operator')
  const env = {
    ...process.env,
    CONSOLE_URL: url,
    CONSOLE_TOKEN: script.headers().authorization?.slice('Bearer '.length),
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [EXAMPLE, ...words], { env, timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error?.code ?? 0, out, err })
    })
  })
}

test('examples/console-job.mjs runs an action on the nodes that match and prints equal answers together', async () => {
  const [{ identity } = { identity: '' }] = troupe.nodes
  const { code, out, err } = await example('*', 'rpcutil', 'get_fact', 'fact=osfamily')
  assert.equal(code, 0, err)
  const [command, ...groups] = out.trim().split('\n')
  assert.match(command ?? '', /^mco rpc rpcutil get_fact /)
  assert.ok(
    groups.some((line) => /^\d ok \(.*"osfamily"/.test(line) && line.includes(identity)),
    out,
  )
})

test('examples/console-job.mjs says what the console has against it', async () => {
  const { code, err } = await example('*', 'rpcutil', 'no_such_action')
  assert.equal(code, 1)
  assert.match(err, /\/api\/jobs: [A-Z_]+: .*no_such_action/)
})
