// Results as Markdown tables: kept in bench/results/latest.json, written between the markers of docs/performance.md.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Result, Row } from './measurement.ts'
import { root } from './program.ts'

export interface KeptResult extends Result {
  /** e.g. `2026-11-22`. */
  readonly measuredAt: string
  readonly machine: string
}

export type Results = Record<string, KeptResult>

const FILE = join(root, 'bench', 'results', 'latest.json')

export function readResults(): Results {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Results) : {}
}

export function writeResults(results: Results): void {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
}

/** Replaces what is between `<!-- bench NAME -->` and `<!-- end -->`; throws when a result has no place. */
export function writePage(file: string, results: Results): void {
  let page = readFileSync(file, 'utf8')
  for (const [name, result] of Object.entries(results)) {
    const place = new RegExp(`(<!-- bench ${name} -->\\n)[^]*?(<!-- end -->)`)
    if (!place.test(page)) throw new Error(`bench: ${file} has no place for ${name}`)
    page = page.replace(place, (_all, begin: string, end: string) => `${begin}\n${tableOf(result)}\n${end}`)
  }
  writeFileSync(file, page)
}

export function tableOf({ measuredAt, machine, rows, profiles }: KeptResult): string {
  const head = '| what | unit | n | p50 | p99 | min-max | complete | ratio to Ruby | target |'
  const lines = [`Measured ${measuredAt}: ${machine}.`, '', head, '|---|---|--:|--:|--:|--:|---|--:|---|']
  for (const row of rows) lines.push(lineOf(row))
  if (profiles) {
    lines.push('', 'Where the busy time of each program goes (self time):', '')
    for (const { program, busyMs, top } of profiles) {
      const entries = top.map(({ what, share }) => `${what} ${(share * 100).toFixed(1)} %`)
      lines.push(`- ${program} (${Math.round(busyMs)} ms busy): ${entries.join('; ')}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function lineOf({ what, unit, spread, complete, ratio, target, met, note }: Row): string {
  const { n, p50, p99, min, max } = spread
  const single = n === 1
  const verdict = target === undefined ? '' : `${target}: ${met ? 'met' : '**missed**'}`
  const cells = [
    ...[note === undefined ? what : `${what} (${note})`, unit, String(n), shown(p50)],
    ...[single ? '' : shown(p99), single ? '' : `${shown(min)}-${shown(max)}`],
    ...[complete ?? '', ratio === undefined ? '' : ratio.toFixed(3), verdict],
  ]
  return `| ${cells.join(' | ')} |`
}

function shown(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1)
}
