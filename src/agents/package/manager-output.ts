// What package managers print, as it goes into a reply: progress that overwrote itself collapsed, bounded, and the lines that say why it
// failed. [agents 12]

import { PACKAGE_OUTPUT_CHARACTERS_MAX, REASON_CHARACTERS_MAX } from '#base/limits.ts'
import type { RunResult } from '#rpc/host.ts'

/** Both outputs, standard error last, as a terminal would show them in the end. */
export function outputOf(result: RunResult): string {
  const text = [result.stdout, result.stderr]
    .map((part) => part.trimEnd())
    .filter((part) => part !== '')
    .join('\n')
  const settled = text
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).trimEnd())
    .join('\n')
  return bounded(settled)
}

/** Beginning and end matter most: what was asked for, and how it ended. */
function bounded(text: string): string {
  if (text.length <= PACKAGE_OUTPUT_CHARACTERS_MAX) return text
  const head = Math.floor(PACKAGE_OUTPUT_CHARACTERS_MAX / 4)
  const tail = PACKAGE_OUTPUT_CHARACTERS_MAX - head
  return `${text.slice(0, head)}\n[${text.length - head - tail} characters left out]\n${text.slice(-tail)}`
}

/** Why a program failed: the lines that match, else the last ones, else its exit status. */
export function reasonOf(result: RunResult, telling: RegExp): string {
  if (result.error !== undefined) return result.error
  const lines = `${result.stdout}\n${result.stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !NOISE.test(line))
  // A line that ends in a colon is explained by the next one.
  const isTitle = (line: string): boolean => line.endsWith(':') && telling.test(line)
  const told = lines.filter((line, at) => telling.test(line) || isTitle(lines[at - 1] ?? ''))
  const reason = (told.length > 0 ? told : lines.slice(-2))
    .map((line) => line.replace(/^(E|Error|error): /, ''))
    .join('; ')
    .replaceAll(':; ', ': ')
  return reason === '' ? `exit status ${result.status}` : reason.slice(0, REASON_CHARACTERS_MAX)
}

/** Debian's rpm says this whenever it changes something. */
const NOISE = /^rpm: (RPM should not be used|However assuming)/
