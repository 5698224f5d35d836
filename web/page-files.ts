// What a page needs that is loaded at first: for every address of router.tsx the files of its page and what it asks the console. The server names them
// in the page's head, so that the browser asks for everything at once instead of finding out step by step. A plugin of vite; writes dist/web/pages.json.

import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Plugin, Rolldown } from 'vite'
import type { PageFiles } from '#console/api/page-files.ts'

/** By the function of router.tsx that makes the route: where its addresses begin, and what its frame asks. */
const FRAMES: Readonly<Record<string, { readonly under: string; readonly asks: readonly string[] }>> = {
  page: { under: '', asks: [] },
  livePage: { under: '', asks: ['/api/nodes'] },
  adminPage: { under: '/admin', asks: [] },
}
const ROUTE = /\b(page|livePage|adminPage)\(\s*'([^']+)',\s*\(\) => import\('\.([^']+)'\)/g

export function pageFiles(root: string): Plugin {
  return {
    name: 'page-files',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
      const entry = chunks.find((chunk) => chunk.facadeModuleId?.endsWith('index.html'))
      const known = new Set(entry === undefined ? [] : withImports(entry, bundle))
      const pageOf = new Map(chunks.map((chunk) => [relative(root, chunk.facadeModuleId ?? ''), chunk]))
      const pages = [...readFileSync(`${root}/src/router.tsx`, 'utf8').matchAll(ROUTE)].map(
        ([, kind = '', path = '', file = '']): PageFiles => {
          const chunk = pageOf.get(`src${file}`)
          const frame = FRAMES[kind]
          if (chunk === undefined || frame === undefined) throw new Error(`router.tsx: there is no file for ${path}`)
          const needed = withImports(chunk, bundle).filter((name) => !known.has(name))
          return { path: frame.under + path, files: needed.map((name) => `/${name}`), asks: frame.asks }
        },
      )
      this.emitFile({ type: 'asset', fileName: 'pages.json', source: `${JSON.stringify(pages)}\n` })
    },
  }
}

/** Names of the files of a chunk: its own and those of all chunks it imports. */
function withImports(chunk: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle, found = new Set<string>()): string[] {
  if (found.has(chunk.fileName)) return []
  found.add(chunk.fileName)
  for (const name of chunk.imports) {
    const imported = bundle[name]
    if (imported?.type === 'chunk') withImports(imported, bundle, found)
  }
  return [...found]
}
