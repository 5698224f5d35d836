// Byte streams recorded between Ruby MCollective (1.2.1, 1.3.3, 2.12.5) and ActiveMQ and RabbitMQ, on STOMP 1.0 and 1.1:
// the parser must read what an independent reader found in them (index.json: headers, length and SHA-256 of each body).

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { StompFrame, StompVersion } from '#wire/stomp/frame.ts'
import { StompParser } from '#wire/stomp/parse.ts'
import { serializeFrame } from '#wire/stomp/serialize.ts'

type Expected = { command: string; headers: string[]; bodyBytes: number; bodySha256: string }
const folder = new URL('../fixtures/stomp/', import.meta.url)
const streams: { file: string; version: StompVersion; frames: Expected[] }[] = JSON.parse(
  readFileSync(new URL('index.json', folder), 'utf8'),
)

function parse(bytes: Buffer, version: StompVersion, chunkBytes: number): StompFrame[] {
  const parser = new StompParser()
  parser.version = version
  const frames: StompFrame[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    parser.push(bytes.subarray(at, at + chunkBytes))
    for (let frame = parser.next(); frame; frame = parser.next()) frames.push(frame)
  }
  return frames
}

function summary({ command, headers, body }: StompFrame): Expected {
  const bodySha256 = createHash('sha256').update(body).digest('hex')
  return { command, headers: [...headers], bodyBytes: body.length, bodySha256 }
}

for (const { file, version, frames } of streams) {
  test(`StompParser reads ${file}`, () => {
    const bytes = readFileSync(new URL(file, folder))
    for (const chunkBytes of [bytes.length, 1, 7, 1400]) {
      assert.deepEqual(parse(bytes, version, chunkBytes).map(summary), frames)
    }
  })

  test(`serializeFrame writes the frames of ${file} so that they read the same`, () => {
    const bytes = readFileSync(new URL(file, folder))
    for (const frame of parse(bytes, version, bytes.length)) {
      const [again] = parse(serializeFrame(frame, version), version, 1 << 20)
      assert.deepEqual(withoutLength(summary(again!)), withoutLength(summary(frame)))
    }
  })
}

/** The serializer decides itself where content-length stands and whether an empty body needs one. */
function withoutLength(frame: Expected): Expected {
  return { ...frame, headers: frame.headers.filter((_, i, all) => all[i - (i % 2)] !== 'content-length') }
}
