import assert from 'node:assert/strict'
import test from 'node:test'
import { type DebModel, debFileName, debOf } from './deb-package.ts'
import { parentsOf, tarOf } from './tar-archive.ts'

const model: DebModel = {
  name: 'mcollective-demo-agent',
  version: '1.0.0-1',
  maintainer: 'Ops <ops@example.com>',
  summary: 'MCollective agent demo',
  description: ['What it does'],
  depends: [],
  files: [{ path: '/usr/share/mcollective/mcollective/agent/demo.mjs', bytes: Buffer.from('x') }],
  scripts: new Map(),
}

test('debOf: the members of the format in their order, at even offsets, the same bytes every time', () => {
  const deb = debOf(model, 1_000)
  assert.equal(deb.toString('latin1', 0, 8), '!<arch>\n')
  const members: string[] = []
  for (let at = 8; at < deb.length; ) {
    assert.equal(at % 2, 0)
    assert.equal(deb.toString('latin1', at + 58, at + 60), '`\n')
    members.push(deb.toString('latin1', at, at + 16).trim())
    const size = Number(deb.toString('latin1', at + 48, at + 58))
    at += 60 + size + (size % 2)
  }
  assert.deepEqual(members, ['debian-binary', 'control.tar.gz', 'data.tar.gz'])
  assert.ok(deb.equals(debOf(model, 1_000)))
  assert.equal(debFileName(model), 'mcollective-demo-agent_1.0.0-1_all.deb')
})

test('debOf refuses what dpkg would not take, and what would begin a field of its own', () => {
  for (const wrong of [
    { name: 'Demo' },
    { name: '-x' },
    { version: 'one' },
    { version: '1.0 \nDepends: x' },
    { depends: ['jq\nDescription: x'] },
    { depends: ['jq (1.6)'] },
    { depends: ['; rm'] },
  ]) {
    assert.throws(() => debOf({ ...model, ...wrong }, 0), { code: 'USAGE_INVALID' }, JSON.stringify(wrong))
  }
  debOf({ ...model, depends: ['jq (>= 1.6)', 'python3'] }, 0)
})

test('tarOf: names of up to 255 bytes, longer ones are refused', () => {
  const entry = (path: string) => tarOf([{ path, bytes: Buffer.from('x') }], 0)
  const folder = 'f'.repeat(90)
  const header = entry(`${folder}/${'n'.repeat(95)}`)
  assert.equal(header.toString('latin1', 0, 95), 'n'.repeat(95))
  assert.equal(header.toString('latin1', 345, 345 + 90), folder)
  assert.throws(() => entry('n'.repeat(101)), { code: 'USAGE_INVALID' })
  assert.throws(() => entry(`${'f'.repeat(156)}/n`), { code: 'USAGE_INVALID' })
  assert.deepEqual(parentsOf(['./a/b/c', './a/d']), ['./', './a/', './a/b/'])
})
