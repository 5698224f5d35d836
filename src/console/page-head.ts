// What the page of an address needs first, named in its head: the browser asks for all of it at once, instead of finding out step by step what its program,
// then the program's frame, then the page in it ask for. What belongs to which address is written by the build (web/page-files.ts).

import type { PageFiles } from './api/page-files.ts'

/** The text of index.html for `path`, e.g. `/tasks/puppet`. `signedIn`: the browser has a session, so that questions have answers. */
export function withPageHead(text: string, pages: readonly PageFiles[], path: string, signedIn: boolean): string {
  const page = pages.find((one) => fits(one.path, path))
  const asks = ['/api/session', ...(signedIn ? (page?.asks ?? []) : [])]
  const questions = asks.map((address) => `<link rel="preload" as="fetch" crossorigin href="${address}">`)
  const files = (page?.files ?? []).map((file) => `<link rel="modulepreload" crossorigin href="${file}">`)
  return text
    .replace('<head>', () => ['<head>', ...questions].join('\n    '))
    .replace('</head>', () => [...files, '</head>'].join('\n  '))
}

/** `/tasks/$agent` fits `/tasks/puppet`. */
function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')
  return wanted.length === given.length && wanted.every((word, index) => word.startsWith('$') || word === given[index])
}
