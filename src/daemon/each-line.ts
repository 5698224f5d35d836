// Lines of a command's output as they come. A carriage return ends a line as a newline does: that is how progress overwrites itself. What is
// longer than anybody reads is cut. [agents 13]

import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { COMMAND_OUTPUT_LINE_CHARACTERS_MAX } from '#base/limits.ts'

/** Calls `onLine` for every line that is not empty; the last one needs no end. */
export function eachLine(stream: Readable | null, onLine: (line: string) => void): void {
  if (!stream) return
  const decoder = new StringDecoder('utf8')
  let begun = ''
  const take = (text: string): void => {
    const [first = '', ...rest] = text.split(/[\r\n]/)
    begun = joined(begun, first)
    for (const part of rest) {
      if (begun !== '') onLine(begun)
      begun = joined('', part)
    }
  }
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)))
  stream.once('end', () => take(`${decoder.end()}\n`))
  stream.on('error', () => {})
}

function joined(begun: string, more: string): string {
  return begun + more.slice(0, COMMAND_OUTPUT_LINE_CHARACTERS_MAX - begun.length)
}
