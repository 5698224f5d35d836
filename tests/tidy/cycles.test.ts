// Value imports form no cycle between files: a cycle makes loading order decide what is defined when.

import { test } from 'node:test'
import { expectNone, filesUnder, importsOf, targetOf } from './tree.ts'

test('cycles: value imports between files of src and of web are acyclic', () => {
  const edges = new Map<string, string[]>()
  const files = [...filesUnder('src', '.ts'), ...filesUnder('web/src', '.ts'), ...filesUnder('web/src', '.tsx')]
  for (const file of files) {
    const targets = importsOf(file).filter((i) => !i.typeOnly)
    edges.set(
      file,
      targets.flatMap((i) => targetOf(file, i.specifier) ?? []),
    )
  }
  expectNone(
    findCycles(edges).map((cycle) => cycle.join(' -> ')),
    'Files that need each other: move what both need into a third file, hand a function in, or use `import type`.',
  )
})

function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>()
  const cycles: string[][] = []
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) {
      cycles.push([...path.slice(at), file])
      return
    }
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return cycles
}
