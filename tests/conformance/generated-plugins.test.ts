// What `mco plugin generate` writes is loaded by a real node as it stands and answers; what `mco plugin package` writes unpacks to the
// same. [M-011]

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { createHost } from '../../src/daemon/host.ts'
import { startTestNode } from '../../src/daemon/test-node.ts'
import { writeNewFile } from '../../src/main/operator-files.ts'
import type { RpcReplyBody } from '../../src/message/reply.ts'
import type { AgentDdl, DataDdl } from '../../src/rpc/ddl/ddl.ts'
import { parseDdl } from '../../src/rpc/ddl/parse.ts'
import { type Collective, type Ran, startCollective } from './mco-in-memory.ts'

let collective: Collective
before(async () => {
  collective = await startCollective([])
})
after(() => collective.stop())

const generate = (words: readonly string[]): Promise<Ran> => collective.run(['plugin', 'generate', ...words])

async function writeOut({ written }: Ran, libdir: string): Promise<void> {
  for (const [path, content] of written) {
    await writeNewFile(join(libdir, ...path.split('/').slice(1)), content, { executable: path.endsWith('.sh') })
  }
}

for (const language of ['typescript', 'script']) {
  test(`plugin generate agent --language ${language}: a node loads the agent and runs its actions`, async () => {
    const ran = await generate(['agent', 'demo', 'actions=one,two', '--language', language, '--author', "O'Hara \\ Co"])
    assert.equal(ran.code, 0, ran.screen)
    assert.match(
      ran.screen,
      /^Created plugin directory : demo\nCreated DDL file : demo\/agent\/demo.ddl\nCreated Agent file : /,
    )
    const libdir = mkdtempSync(join(tmpdir(), 'troupe-generated-'))
    await writeOut(ran, libdir)
    const node = await startTestNode({ registry: { libdirs: [libdir], host: createHost() } })
    try {
      assert.deepEqual(node.daemon.node.warnings(), [])
      assert.equal(node.registry.get('demo')?.agent.ddl.metadata.author, "O'Hara \\ Co")
      for (const action of ['one', 'two']) {
        const { answers } = await node.call(action, { message: 'hello' }, { agent: 'demo' })
        for (let n = 0; n < 400 && answers().length === 0; n++) await sleep(25)
        const { statusCode, statusMessage, data } = answers()[0] as RpcReplyBody
        assert.equal(statusCode, 0, statusMessage)
        assert.match(String(data.answer), language === 'script' ? /./ : /^node1.example.com got hello from uid=500$/)
      }
    } finally {
      await node.stop()
      rmSync(libdir, { recursive: true })
    }
  })
}

test('plugin generate data: the DDL says what was asked for', async () => {
  const { written } = await generate(['data', 'disk', 'outputs=free,used'])
  assert.deepEqual([...written.keys()], ['disk/data/disk_data.ddl', 'disk/data/disk_data.ts'])
  const text = String(written.get('disk/data/disk_data.ddl'))
  const ddl = parseDdl(text, { kind: 'data', name: 'disk', file: 'disk_data.ddl', version: '3.0.0' }) as DataDdl
  assert.deepEqual(
    ddl.outputs.map((output) => output.name),
    ['free', 'used'],
  )
})

test('plugin generate: any text as metadata gives a DDL that says it again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (author, description) => {
      const { written } = await generate(['agent', 'demo', '--author', author, '--description', description])
      const text = String(written.get('demo/agent/demo.ddl'))
      const { metadata } = parseDdl(text, {
        kind: 'agent',
        name: 'demo',
        file: 'demo.ddl',
        version: '3.0.0',
      }) as AgentDdl
      assert.equal(metadata.author, author.replace(/\s+/g, ' '))
      assert.equal(metadata.description, description.replace(/\s+/g, ' '))
    }),
    { numRuns: 60 },
  )
})

test('plugin generate refuses to write over files', async () => {
  const ran = await collective.run(['plugin', 'generate', 'agent', 'demo'], { files: { 'demo/agent/demo.ddl': '' } })
  assert.equal(ran.code, 1)
  assert.match(ran.stderr, /cannot create demo\/agent\/demo\.ddl/)
})

test('plugin info and package describe a directory, and the package unpacks to its files', async () => {
  const { written } = await generate(['agent', 'demo', '--pluginversion', '1.2.3'])
  const files = Object.fromEntries([...written].map(([path, text]) => [path, String(text)]))
  const info = await collective.run(['plugin', 'info', 'demo'], { files })
  assert.match(
    info.stdout,
    /Plugin information : demo\n[\s\S]*Version: 1\.2\.3\n[\s\S]* {6}agent\/demo\.ddl\n {6}agent\/demo\.ts\n/,
  )
  const packed = await collective.run(['plugin', 'package', 'demo'], { files })
  assert.equal(packed.code, 0, packed.stderr)
  const [[name, bytes]] = [...packed.written] as [[string, Uint8Array]]
  assert.equal(name, 'mcollective-demo-agent-1.2.3-1.tar.gz')
  const directory = mkdtempSync(join(tmpdir(), 'troupe-package-'))
  try {
    mkdirSync(join(directory, dirname(name)), { recursive: true })
    writeFileSync(join(directory, name), bytes)
    execFileSync('tar', ['-xzf', name], { cwd: directory })
    assert.equal(readFileSync(join(directory, 'mcollective/agent/demo.ddl'), 'utf8'), files['demo/agent/demo.ddl'])
    assert.equal(statSync(join(directory, 'mcollective/agent/demo.ts')).mode & 0o777, 0o644)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
