// `npm test`: formatting, lint, types, then every test of the project. Two runs of node's test runner: one process for
// all tests without sockets and machines (start-up per file would cost more than the tests), and one process per file, two at a
// time, for those that install packages, open ports or make hosts, which need root.
//   npm test                 everything
//   npm test -- --unit       without tests/interop, tests/e2e and tests/browser
//   npm test -- PATTERN      only test files whose path holds PATTERN, without the checks

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap, fail, root, run } from './bootstrap.mjs'
import { check } from './check.mjs'
import { installTestPackages } from './test-packages.mjs'

const TOGETHER = ['src', 'web/src', 'tests/property', 'tests/conformance', 'tests/tidy']
const APART = ['tests/interop', 'tests/e2e']
/** Real Chromium over the built pages. */
const BROWSER = ['tests/browser']

/** Takes as long as many others together: begun first, beside them. */
const LONGEST = join('tests', 'e2e', 'puppet.test.ts')

const words = process.argv.slice(2)
const unitOnly = words.includes('--unit')
const unknown = words.find((word) => word.startsWith('-') && word !== '--unit')
if (unknown) fail(`Unknown option ${unknown}: npm test takes --unit and patterns of test file names.`)
const patterns = words.filter((word) => !word.startsWith('-'))

const together = testFiles(TOGETHER)
const apart = unitOnly ? [] : testFiles(APART)
const browser = unitOnly ? [] : testFiles(BROWSER)
if (together.length + apart.length + browser.length === 0)
  fail(`No test file has ${patterns.join(' or ')} in its path.`)
if (apart.length + browser.length > 0 && process.getuid?.() !== 0) {
  fail(
    'The end-to-end tests make isolated hosts and install packages, which takes root: run as root, or `npm test -- --unit` for the others.',
  )
}

const node = await bootstrap()
const results = []
const installed = apart.length > 1 ? installTestPackages(root) : undefined
// One process runs the tests without machines: the other core checks meanwhile.
const checked = patterns.length === 0 ? check(node) : undefined
const unit = together.length > 0 ? (await runTests(together, 'none')) === 0 : undefined
if (checked !== undefined) results.push(['checks', await checked])
if (unit !== undefined) results.push(['unit', unit])
await installed
if (apart.length > 0) results.push(['end to end', (await runTests(apart, 'process')) === 0])
if (browser.length > 0) results.push(['browser', (await runTests(browser, 'process')) === 0])

process.stdout.write(`\n${results.map(([name, passed]) => `${name}: ${passed ? 'passed' : 'FAILED'}`).join(', ')}\n`)
process.exit(results.every(([, passed]) => passed) ? 0 : 1)

function testFiles(folders) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
    .sort((a, b) => Number(b === LONGEST) - Number(a === LONGEST) || (a < b ? -1 : 1))
}

/** One run of node's test runner; its closing lines (tests, pass, fail) end the output. */
function runTests(files, isolation) {
  const concurrency = isolation === 'process' ? ['--test-concurrency=2'] : []
  return run(node, ['--test', `--test-isolation=${isolation}`, ...concurrency, '--test-reporter=spec', ...files])
}
