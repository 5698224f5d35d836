// package.json, the imports and DEPENDENCIES.md agree on what the project depends on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectNone, filesUnder, importsOf, packageOf, textOf } from './tree.ts'

const manifest = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>
const runtime = Object.keys(manifest.dependencies ?? {})
const all = [
  ...runtime,
  ...Object.keys(manifest.devDependencies ?? {}),
  ...Object.keys(manifest.optionalDependencies ?? {}),
]
const OWN_NAME = 'troupe'

test('dependencies: package.json and DEPENDENCIES.md name the same packages', () => {
  const described = [...textOf('DEPENDENCIES.md').matchAll(/^### `([^`]+)`/gm)].map((match) => match[1]!)
  assert.deepEqual(described.toSorted(), all.toSorted(), 'each package has one heading ### `name` in DEPENDENCIES.md')
})

test('dependencies: versions are exact', () => {
  const ranges = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
  )
  assert.deepEqual(ranges, [])
})

test('dependencies: programs import only declared packages, and not those for development', () => {
  const offences = filesUnder('src', '.ts').flatMap((file) =>
    importsOf(file).flatMap(({ specifier }) => {
      const name = packageOf(specifier)
      const allowed = file.endsWith('.test.ts') ? all : runtime
      return name === undefined || name === OWN_NAME || allowed.includes(name) ? [] : [`${file} imports ${specifier}`]
    }),
  )
  expectNone(offences, 'Add the package to package.json and DEPENDENCIES.md, or do without.')
})

test('dependencies: the browser imports only declared packages, and what is bundled is not declared for running', () => {
  const files = [...filesUnder('web/src', '.ts'), ...filesUnder('web/src', '.tsx')]
  const offences = files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, typeOnly }) => {
      const name = packageOf(specifier)
      if (name === undefined) return []
      if (!all.includes(name)) return [`${file} imports ${specifier}, which package.json does not name`]
      return runtime.includes(name) && !typeOnly ? [`${file} imports ${specifier}, a package of the server`] : []
    }),
  )
  expectNone(offences, 'Packages of the browser are devDependencies: vite puts what is used of them into dist/web.')
})

test('dependencies: every package for running is used', () => {
  const used = new Set(filesUnder('src', '.ts').flatMap((file) => importsOf(file).map((i) => packageOf(i.specifier))))
  expectNone(
    runtime.filter((name) => !used.has(name)),
    'Nothing imports these: remove them from package.json and DEPENDENCIES.md.',
  )
})

test('dependencies: every package for development is used', () => {
  const tools = ['typescript', '@biomejs/biome']
  const folders = ['bench', 'examples', 'lab', 'scripts', 'src', 'tests', 'web']
  const files = folders.flatMap((folder) => ['.ts', '.tsx', '.mjs'].flatMap((suffix) => filesUnder(folder, suffix)))
  const used = new Set(files.flatMap((file) => importsOf(file).map((i) => packageOf(i.specifier))))
  const served = (name: string): boolean =>
    tools.includes(name) || name === '@types/node' || used.has(name.replace('@types/', ''))
  expectNone(
    Object.keys(manifest.devDependencies ?? {}).filter((name) => !used.has(name) && !served(name)),
    'Nothing imports these: remove them from package.json and DEPENDENCIES.md.',
  )
})
