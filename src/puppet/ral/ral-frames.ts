// The frames spoken with the worker, any cut of the bytes:
//
//   | length, 4 bytes, highest first | JSON, UTF-8 |
//
// What the JSON says is checked in ral-worker.ts and resource.ts.

import { TroupeError } from '#base/errors.ts'
import { RAL_FRAME_BYTES_MAX } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'

const HEAD_BYTES = 4

/** Throws RPC_PUPPET_WORKER when the message is larger than RAL_FRAME_BYTES_MAX. */
export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message).replace(LONE_SURROGATES, wellFormed), 'utf8')
  if (body.length > RAL_FRAME_BYTES_MAX) throw tooLarge(body.length)
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(body.length)
  return Buffer.concat([head, body])
}

/** Escapes in JSON text. Half a surrogate pair is valid there, but Ruby takes it for a mistake. */
const LONE_SURROGATES = /\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g

function wellFormed(escaped: string, character: string): string {
  return character.length > 1 ? '\uFFFD' : escaped
}

export interface FrameReader {
  /** Messages that are complete now. Throws RPC_PUPPET_WORKER for a frame that is too large or holds no JSON. */
  push(chunk: Uint8Array): unknown[]
}

export function createFrameReader(): FrameReader {
  let chunks: Uint8Array[] = []
  let bytes = 0

  /** The first `count` bytes, taken out. */
  const take = (count: number): Buffer => {
    const all = Buffer.concat(chunks)
    chunks = [all.subarray(count)]
    bytes -= count
    return all.subarray(0, count)
  }
  let awaited: number | undefined
  return {
    push(chunk) {
      chunks.push(chunk)
      bytes += chunk.length
      const messages: unknown[] = []
      for (;;) {
        if (awaited === undefined) {
          if (bytes < HEAD_BYTES) return messages
          awaited = take(HEAD_BYTES).readUInt32BE()
          if (awaited > RAL_FRAME_BYTES_MAX) throw tooLarge(awaited)
        }
        if (bytes < awaited) return messages
        messages.push(parsed(take(awaited)))
        awaited = undefined
      }
    },
  }
}

function parsed(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'))
  } catch (error) {
    throw new TroupeError('RPC_PUPPET_WORKER', 'the Puppet worker sent something that is no JSON', { cause: error })
  }
}

function tooLarge(bytes: number): TroupeError {
  return new TroupeError(
    'RPC_PUPPET_WORKER',
    `a message between this process and the Puppet worker has ${bytes} bytes, at most ${RAL_FRAME_BYTES_MAX} are allowed`,
  )
}
