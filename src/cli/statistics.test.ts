import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import test from 'node:test'
import type { CallSummary } from '#client/api.ts'
import { finalLine, missingLists, statisticsBlock } from './statistics.ts'
import { createTerminal, oneLine } from './terminal.ts'

const terminal = createTerminal(
  { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} },
  { color: 'auto' },
)
const summary: CallSummary = {
  requestId: '0'.repeat(32),
  agent: 'rpcutil',
  action: 'ping',
  targeted: 4,
  ok: 1,
  failed: 1,
  refused: 0,
  noResponse: ['ghost.example.com'],
  notAddressed: ['later.example.com'],
  unexpected: [],
  duplicates: 0,
  rejected: 0,
  interrupted: true,
  discovery: 'named',
  startedAtMs: 0,
  discoveryMs: 1,
  agentMs: 10012.512,
  totalMs: 10013,
}

test('finalLine counts replies against nodes addressed, in milliseconds also above a second [R-095]', () => {
  assert.equal(finalLine(summary, terminal), 'Finished processing 2 / 3 hosts in 10012.51 ms')
})

test('missingLists names silent nodes and nodes never addressed in columns of 30 [cli 6.8]', () => {
  assert.deepEqual(missingLists(summary, terminal.style), [
    '',
    'No response from:',
    '',
    `    ${'ghost.example.com'.padEnd(30)}`,
    '',
    '',
    'Not addressed:',
    '',
    `    ${'later.example.com'.padEnd(30)}`,
    '',
  ])
})

test('statisticsBlock aligns its labels and prints expected / replies [cli 6.7]', () => {
  const lines = statisticsBlock(summary, 'rpcutil#ping call stats', 'classic', terminal)
  assert.equal(lines[0], '---- rpcutil#ping call stats ----')
  assert.equal(lines[1], '           Nodes: 3 / 2')
  assert.equal(lines[2], '     Pass / Fail: 1 / 1')
})

test('oneLine makes escape sequences, reordering marks and line ends visible', () => {
  assert.equal(oneLine('a\u001b[31mb\r\u202e\nc\t'), 'a\\e[31mb\\r\\u202E\\nc\\t')
})
