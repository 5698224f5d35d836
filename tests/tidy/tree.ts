// What the tidy tests look at: the project's own files, and the imports of each. Imports are found by their form, which the
// formatter keeps uniform, not by a compiler.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

const FOREIGN = new Set(['node_modules', 'dist', '.git', 'results'])

/** Paths relative to the project, sorted, e.g. `src/base/errors.ts`; `under` is a folder or a file. */
export function filesUnder(under: string, suffix: string): string[] {
  const found: string[] = []
  const visit = (path: string): void => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const inner = path === '.' ? entry.name : `${path}/${entry.name}`
      if (FOREIGN.has(entry.name) || /\.(new|old)\.\d+$/.test(entry.name)) continue
      if (entry.isDirectory()) visit(inner)
      else if (entry.isFile() && inner.endsWith(suffix)) found.push(inner)
    }
  }
  if (statSync(join(root, under), { throwIfNoEntry: false })?.isDirectory()) visit(under)
  return found.sort()
}

const texts = new Map<string, string>()

export function textOf(file: string): string {
  let text = texts.get(file)
  if (text === undefined) {
    text = readFileSync(join(root, file), 'utf8')
    texts.set(file, text)
  }
  return text
}

export interface Import {
  readonly specifier: string
  /** `import type` and `export type`: gone at run time. */
  readonly typeOnly: boolean
  /** `import('...')`: loaded when reached. */
  readonly lazy: boolean
}

export function importsOf(file: string): Import[] {
  const text = textOf(file)
  const imports: Import[] = []
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"`;=()]*?\sfrom\s+)?'([^'\n]+)'/gm)) {
    imports.push({ specifier: match[2]!, typeOnly: match[1] !== undefined, lazy: false })
  }
  for (const match of withoutComments(text).matchAll(/(typeof\s+)?\bimport\(\s*'([^'\n]+)'\s*\)(?=(\.\w)?)/g)) {
    imports.push({ specifier: match[2]!, typeOnly: match[1] !== undefined, lazy: true })
  }
  return imports
}

/** The file an import leads to, e.g. `src/base/errors.ts` for `#base/errors.ts`; undefined: a package or a built-in. */
export function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier))
  const alias = /^#(\w+)\/(.+)$/.exec(specifier)
  return alias ? `src/${alias[1]}/${alias[2]}` : undefined
}

/** The package of an import, e.g. `@peculiar/x509`; undefined: a file of ours or a built-in. */
export function packageOf(specifier: string): string | undefined {
  if (/^(node:|\.|#|\/)/.test(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Code with comment lines blanked; line numbers stay. Comments beside code stay as well, which is good enough here. */
export function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
}

/** Fails with one line per offence, so that one run shows them all. */
export function expectNone(offences: readonly string[], advice: string): void {
  if (offences.length > 0) throw new Error(`${advice}\n\n  ${offences.join('\n  ')}\n`)
}
