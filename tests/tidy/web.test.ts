// The browser's program loads what it uses and no more.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { filesUnder, root, textOf } from './tree.ts'

const LIBRARY = join(root, 'node_modules/@mantine')
const SOURCES = [...filesUnder('web/src', '.ts'), ...filesUnder('web/src', '.tsx')]

test('web: theme/mantine.css has the style sheets of the components that are used, in the order of the library', () => {
  const everything = readFileSync(join(LIBRARY, 'core/styles.css'), 'utf8')
  const placeOf = (name: string): number =>
    everything.indexOf(readFileSync(join(LIBRARY, `core/styles/${name}.css`), 'utf8').trim())
  const wanted = ['baseline', 'default-css-variables', 'global', ...stylesOf(usedComponents())]
  const imported = [...textOf('web/src/theme/mantine.css').matchAll(/@import "@mantine\/core\/styles\/([\w-]+)\.css"/g)]
  assert.deepEqual(
    imported.map(([, name]) => name),
    wanted.sort((a, b) => placeOf(a) - placeOf(b)),
  )
})

/** What our files import from the library, and what its notifications are made of. */
function usedComponents(): Set<string> {
  const notifications = readdirSync(join(LIBRARY, 'notifications/esm')).filter((name) => name.endsWith('.mjs'))
  const texts = [
    ...SOURCES.map(textOf),
    ...notifications.map((name) => readFileSync(join(LIBRARY, 'notifications/esm', name), 'utf8')),
  ]
  const lists = texts.flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from ['"]@mantine\/core['"]/g)])
  return new Set(lists.flatMap(([, names = '']) => names.split(',').map((name) => name.trim())))
}

/** Every component has a file `X.module.mjs` for its style sheet; what it is made of, it imports. */
function stylesOf(components: ReadonlySet<string>): string[] {
  const folder = join(LIBRARY, 'core/esm')
  const found = new Set<string>()
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file) || !file.endsWith('.mjs')) return
    seen.add(file)
    const style = /(\w+)\.module\.mjs$/.exec(file)?.[1]
    if (style !== undefined) found.add(style)
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/ from "(\.[^"]+)"/g)) {
      visit(normalize(join(dirname(file), from)))
    }
  }
  const index = readFileSync(join(folder, 'index.mjs'), 'utf8')
  for (const [, names = '', from = ''] of index.matchAll(/import \{ ([^}]*) \} from "([^"]+)"/g)) {
    if (names.split(', ').some((name) => components.has(name))) visit(normalize(join(folder, from)))
  }
  return [...found]
}
