// The table of error codes and its page in the reference tell the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERRORS } from '../../src/base/errors.ts'
import { expectNone, filesUnder, textOf } from './tree.ts'

const codes = Object.keys(ERRORS)
const page = textOf('docs/reference/errors.md')
const entries = page.split(/^### /m).slice(1)
const documented = entries.map((entry) => entry.split('\n')[0]!.trim())

test('errors: every code has an entry in docs/reference/errors.md', () => {
  expectNone(
    codes.filter((code) => !documented.includes(code)),
    'Add `### CODE` with meaning, likely cause and what to do.',
  )
})

test('errors: every entry of docs/reference/errors.md is a code', () => {
  expectNone(
    documented.filter((code) => !codes.includes(code)),
    'Codes that do not exist: remove the entry, or add the code to src/base/errors.ts.',
  )
})

test('errors: table and page are sorted and without doubles', () => {
  assert.deepEqual(codes, [...new Set(codes)].sort())
  assert.deepEqual(documented, [...new Set(documented)].sort())
})

test('errors: every entry says meaning, cause and remedy', () => {
  expectNone(
    entries
      .filter((entry) => !/^Meaning: /m.test(entry) || !/^Likely cause: /m.test(entry) || !/^What to do: /m.test(entry))
      .map((entry) => entry.split('\n')[0]!),
    'An entry has three paragraphs: `Meaning: `, `Likely cause: ` and `What to do: `.',
  )
})

test('errors: every code is raised somewhere', () => {
  const code = filesUnder('src', '.ts')
    .filter((file) => file !== 'src/base/errors.ts' && !file.endsWith('.test.ts'))
    .map(textOf)
    .join('\n')
  expectNone(
    codes.filter((name) => !code.includes(`'${name}'`)),
    'Codes nothing raises: remove them from src/base/errors.ts and docs/reference/errors.md.',
  )
})
