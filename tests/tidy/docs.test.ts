// Documents lead where they say: links to files and headings exist, and every source tag is explained.

import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { expectNone, filesUnder, root, textOf } from './tree.ts'

const documents = filesUnder('.', '.md').filter((file) => !file.startsWith('tests/fixtures/'))

test('docs: links lead to files and headings that exist', () => {
  const offences: string[] = []
  for (const file of documents) {
    for (const match of withoutCode(textOf(file)).matchAll(/\]\(([^)\s]+)\)/g)) {
      const link = match[1]!
      if (/^[a-z]+:/.test(link)) continue
      const [path, heading] = link.split('#') as [string, string?]
      const target = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(join(root, target))) offences.push(`${file} links to ${link}: no such file`)
      else if (heading !== undefined && target.endsWith('.md') && !headings(textOf(target)).has(heading)) {
        offences.push(`${file} links to ${link}: no such heading`)
      }
    }
  }
  expectNone(offences, 'Dead links.')
})

test('docs: every source tag is explained in docs/sources.md', () => {
  const explained = new Set([...textOf('docs/sources.md').matchAll(/`\[([^\]]+)\]`/g)].map((match) => match[1]!))
  const kinds = ['src', 'tests', 'lab', 'bench', 'scripts', 'docs'].flatMap((folder) => [
    ...filesUnder(folder, '.ts'),
    ...filesUnder(folder, '.mjs'),
    ...filesUnder(folder, '.md'),
  ])
  const offences: string[] = []
  for (const file of kinds.filter((name) => !name.startsWith('tests/fixtures/') && name !== 'docs/sources.md')) {
    for (const tag of tagsIn(textOf(file))) if (!explained.has(tag)) offences.push(`${file}: [${tag}]`)
  }
  expectNone(offences, 'Tags that docs/sources.md does not explain: correct the tag, or add a line there.')
})

/** `[wire 1.6, 9.2; B-007]` holds the tags `wire 1.6`, `wire 9.2` and `B-007`; text after a STOMP or PE20 tag is free. */
function tagsIn(text: string): string[] {
  const tags: string[] = []
  for (const match of text.matchAll(/\[((?:[RMB]-\d{3}|(?:wire|cli|agents) [AX]?\d|STOMP-1|PE20)[^\]\n]*)\]/g)) {
    let source = ''
    for (const word of match[1]!.split(/[,;]\s*|\s+and\s+|\.\./)) {
      const free = /^(STOMP-1\.\d|PE20)\b/.exec(word)?.[1]
      const numbered = /^(wire|cli|agents)\s+(.+)$/.exec(word)
      if (numbered) source = numbered[1]!
      if (free !== undefined) tags.push(free)
      else if (numbered) tags.push(`${source} ${sectionOf(numbered[2]!)}`)
      else if (/^[\d.]+$/.test(word) && source !== '') tags.push(`${source} ${word}`)
      else if (/^[RMB]-\d{3}$/.test(word)) tags.push(word)
    }
  }
  return tags
}

/** Rows of tables count as their section: `1 L6` as 1, defects `X12` of the command line as 10, `A8` of agents as 17, pitfall `11.19` as 11. */
function sectionOf(text: string): string {
  if (/^X\d/.test(text)) return '10'
  if (/^A\d/.test(text)) return '17'
  return text.split(' ')[0]!.replace(/^11\..*/, '11')
}

function headings(text: string): Set<string> {
  const slugs = [...withoutCode(text, { fencesOnly: true }).matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
    match[1]!
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
  return new Set(slugs)
}

function withoutCode(text: string, { fencesOnly = false } = {}): string {
  const fenceless = text.replace(/^```[\s\S]*?^```/gm, '')
  return fencesOnly ? fenceless : fenceless.replace(/`[^`\n]*`/g, '')
}
