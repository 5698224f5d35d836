// The examples of docs/guide/writing-agents.md are loaded and called as they stand in the page.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RpcReplyBody } from '#message/reply.ts'
import { createHost } from '../../src/daemon/host.ts'
import { startTestNode } from '../../src/daemon/test-node.ts'

const page = readFileSync(new URL('../../docs/guide/writing-agents.md', import.meta.url), 'utf8')

/** The indented block that follows the line with these words. */
function blockAfter(words: string): string {
  const lines = page.slice(page.indexOf(words)).split('\n')
  const start = lines.findIndex((line) => line.startsWith('    '))
  const end = lines.findIndex((line, i) => i > start && line !== '' && !line.startsWith('    '))
  return lines
    .slice(start, end)
    .map((line) => line.slice(4))
    .join('\n')
}

test('docs/guide/writing-agents.md: its agents in JavaScript, TypeScript and Python load and answer [R-099]', async () => {
  const libdir = mkdtempSync(join(tmpdir(), 'troupe-examples-'))
  const agents = join(libdir, 'mcollective', 'agent')
  mkdirSync(join(agents, 'python'), { recursive: true })
  for (const name of ['javascript', 'typescript', 'python']) {
    writeFileSync(join(agents, `${name}.ddl`), blockAfter('`hello.ddl`:'), { mode: 0o644 })
  }
  writeFileSync(join(agents, 'javascript.mjs'), blockAfter('`hello.mjs` (or'), { mode: 0o644 })
  writeFileSync(join(agents, 'typescript.ts'), blockAfter('With types, `hello.ts`'), { mode: 0o644 })
  writeFileSync(join(agents, 'python', 'say.py'), blockAfter('`hello/say.py`:'), { mode: 0o755 })
  const node = await startTestNode({ registry: { libdirs: [libdir], host: createHost() } })
  try {
    assert.deepEqual(node.daemon.node.warnings(), [])
    const say = async (agent: string, name: string): Promise<RpcReplyBody> => {
      const { answers } = await node.call('say', { name }, { agent })
      for (let n = 0; n < 200 && answers().length === 0; n++) await sleep(25)
      return answers()[0] as RpcReplyBody
    }
    for (const agent of ['javascript', 'typescript', 'python']) {
      const { statusCode, data } = await say(agent, 'you')
      assert.equal(statusCode, 0, agent)
      assert.match(String(data.greeting), /^hello you/, agent)
    }
    for (const agent of ['javascript', 'python']) {
      const { statusCode, statusMessage } = await say(agent, 'nobody')
      assert.deepEqual([statusCode, statusMessage.endsWith('There is nobody here')], [1, true], agent)
    }
    assert.equal((await say('python', 'no body')).statusCode, 4)
  } finally {
    await node.stop()
    rmSync(libdir, { recursive: true })
  }
})
