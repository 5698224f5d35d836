// Writes docs/reference/commands.md and the manual pages in man/ from the table of commands. Needs Node >= 22.18 (type stripping):
// node_modules/.bin/node scripts/command-pages.mjs
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { commandPages } from '../src/main/command-pages.ts'

const root = new URL('../', import.meta.url)
const pages = await commandPages()
mkdirSync(new URL('man/', root), { recursive: true })
for (const name of readdirSync(new URL('man/', root))) {
  if (!pages.has(`man/${name}`)) rmSync(new URL(`man/${name}`, root))
}
for (const [path, text] of pages) writeFileSync(new URL(path, root), text)
