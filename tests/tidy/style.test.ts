// House rules a formatter does not know.

import { test } from 'node:test'
import { expectNone, filesUnder, importsOf, textOf, withoutComments } from './tree.ts'

const sources = filesUnder('src', '.ts')
const production = sources.filter((file) => !file.endsWith('.test.ts'))
const browser = [...filesUnder('web', '.ts'), ...filesUnder('web', '.tsx')].filter((file) => !file.endsWith('.test.ts'))
const programs = [...filesUnder('scripts', '.mjs'), ...filesUnder('lab', '.ts'), ...filesUnder('bench', '.ts')]
const tests = [
  ...sources.filter((file) => file.endsWith('.test.ts')),
  ...filesUnder('web/src', '.test.ts'),
  ...filesUnder('tests', '.ts'),
]
const thisFile = 'tests/tidy/style.test.ts'

test('style: every file opens with a comment that says what it does', () => {
  expectNone(
    [...production, ...browser, ...programs].filter((file) => !/^(#!.*\n)?\/\/ .{20}/.test(textOf(file))),
    'Open with one to six `// ` lines: what the file does, what it leaves to others, its source.',
  )
})

test('style: nothing is left for later', () => {
  const loose = /\b(TODO|FIXME|XXX)\b|not implemented|@ts-(ignore|nocheck|expect-error)|\bas any\b/
  expectNone(
    linesWith([...sources, ...browser, ...programs, ...tests], loose),
    'Finish it, or say what is missing in the changelog.',
  )
})

test('style: no test is switched off or runs alone', () => {
  expectNone(
    linesWith(tests, /\b(test|it|describe|suite)\.(only|skip|todo)\(|\{ (skip|todo): |\{ only: true/),
    'A test that cannot run must fail and say what it needs.',
  )
})

test('style: only the terminal prints', () => {
  const offences = linesWith(
    production.filter((file) => file !== 'src/cli/terminal.ts' && !file.startsWith('src/main/')),
    /\bconsole\.\w+\(|process\.std(out|err)\.write\(/,
  )
  expectNone(offences, 'Return what is to be said, log it, or print it through src/cli/terminal.ts.')
})

test('style: folders are made by makeFolders', () => {
  const offences = linesWith(production, /\bmkdir(Sync)?\(.*recursive/)
  expectNone(
    offences,
    'Node never comes back from a recursive mkdir below /proc: use makeFolders of #base/make-folders.ts.',
  )
})

test('style: source files export by name', () => {
  const defaults = production.filter((file) => /^export default\b/m.test(textOf(file).replace(/`[^`]*`/g, '')))
  expectNone(defaults, 'Name the export after the file.')
})

test('style: no file only hands on what others export', () => {
  const barrels = production.filter((file) => file !== 'src/main/index.ts' && file.endsWith('/index.ts'))
  expectNone(barrels, 'Import from the file that has it; only src/main/index.ts, the public API, gathers.')
})

test('style: files are kebab-case and none is a drawer for odds and ends', () => {
  const wrong = /(^|[/.-])(util|utils|helper|helpers|common|misc|manager)\.tsx?$|[A-Z_][^/]*\.tsx?$/
  expectNone(
    [...sources, ...browser, ...programs, ...tests].filter((file) => wrong.test(file)),
    'Name the file after its main export.',
  )
})

test('style: imports of built-in modules say node:', () => {
  const bare =
    /^(assert|buffer|child_process|crypto|events|fs|http|net|os|path|stream|test|timers|tls|url|util|zlib)(\/|$)/
  const offences = [...sources, ...programs, ...tests].flatMap((file) =>
    importsOf(file).flatMap((i) => (bare.test(i.specifier) ? [`${file} imports ${i.specifier}`] : [])),
  )
  expectNone(offences, 'Write node:fs instead of fs.')
})

test('style: the tree names no folder of a particular machine and no registry', () => {
  const kinds = ['.ts', '.mjs', '.md', '.json', '.sh', '.ddl', '.txt']
  const everything = kinds
    .flatMap((kind) => filesUnder('.', kind))
    .filter((file) => !file.startsWith('tests/fixtures/'))
  const wrong = new RegExp(['/work' + '/(main|shared)', '\\.\\./sha' + 'red/'].join('|'))
  expectNone(linesWith(everything, wrong), 'Use paths relative to the project.')
  const registry = /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/
  expectNone(linesWith(['package-lock.json'], registry), 'The lock file names a private registry.')
})

function linesWith(files: readonly string[], pattern: RegExp): string[] {
  return files
    .filter((file) => file !== thisFile)
    .flatMap((file) =>
      (file.endsWith('.ts') && pattern.source.startsWith('\\bconsole') ? withoutComments(textOf(file)) : textOf(file))
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
    )
}
