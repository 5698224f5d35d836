// The functions a recorded profile spent its time in, for docs/performance.md.

import { readFileSync } from 'node:fs'

export interface ProfileEntry {
  /** e.g. `parseRequest src/message/decode.ts`. */
  readonly what: string
  /** Of the time the program was busy, 0 to 1. */
  readonly share: number
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The `count` largest entries by self time, idle time left out. */
export function topOfProfile(file: string, count: number): { busyMs: number; top: ProfileEntry[] } {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]))
  const times = new Map<string, number>()
  let busy = 0
  for (const [i, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '?'
    if (name === '(idle)' || name === '(root)') continue
    const time = profile.timeDeltas[i] ?? 0
    busy += time
    times.set(name, (times.get(name) ?? 0) + time)
  }
  const top = [...times].sort((a, b) => b[1] - a[1]).slice(0, count)
  return { busyMs: busy / 1000, top: top.map(([what, time]) => ({ what, share: time / busy })) }
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName
  const file = url
    .replace(/^.*\/(src|dist|bench)\//, '$1/')
    .replace(/^node:internal\//, 'node:')
    .replace(/^dist\/main\/chunk-[^/]+$/, 'dist')
  return `${functionName || '(anonymous)'} ${file}${functionName ? '' : `:${lineNumber + 1}`}`
}
