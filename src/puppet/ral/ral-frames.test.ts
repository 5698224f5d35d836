import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RAL_FRAME_BYTES_MAX } from '#base/limits.ts'
import { createFrameReader, encodeFrame } from './ral-frames.ts'

describe('ral-frames', () => {
  const messages = [{ hello: '7.23.0' }, { id: 1, result: 'ä'.repeat(500) }, null, []]
  const bytes = Buffer.concat(messages.map(encodeFrame))

  test('createFrameReader gives back what encodeFrame wrote, however it is cut', () => {
    for (const size of [1, 2, 3, 7, 100, bytes.length]) {
      const reader = createFrameReader()
      const read: unknown[] = []
      for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)))
      assert.deepEqual(read, messages, `pieces of ${size}`)
    }
  })

  test('createFrameReader refuses a frame that is too large before it has come, and one that is no JSON', () => {
    const huge = Buffer.alloc(4)
    huge.writeUInt32BE(RAL_FRAME_BYTES_MAX + 1)
    assert.throws(() => createFrameReader().push(huge), { code: 'RPC_PUPPET_WORKER' })
    // What a library printed in the wrong place.
    assert.throws(() => createFrameReader().push(Buffer.from('Notice: hello\n')), { code: 'RPC_PUPPET_WORKER' })
    assert.throws(() => createFrameReader().push(Buffer.from([0, 0, 0, 1, 0x7b])), { code: 'RPC_PUPPET_WORKER' })
  })

  test('encodeFrame has no half surrogate pairs and leaves everything else alone', () => {
    const lone = String.fromCharCode(0xd800)
    const read = (message: unknown) => createFrameReader().push(encodeFrame(message))[0]
    assert.deepEqual(read({ [`k${lone}`]: [lone, `${lone}x`] }), { 'k\uFFFD': ['\uFFFD', '\uFFFDx'] })
    const fine = ['\\ud800', '\\\\ud800', '\\', '\u0000\n"', '\u{1F600}', '\uE000']
    assert.deepEqual(read(fine), fine)
  })

  test('encodeFrame refuses a message that is too large', () => {
    assert.throws(() => encodeFrame('x'.repeat(RAL_FRAME_BYTES_MAX)), { code: 'RPC_PUPPET_WORKER' })
  })
})
