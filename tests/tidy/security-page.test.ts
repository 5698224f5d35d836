// docs/security.md promises a test for every row: those it names are there.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { expectNone, filesUnder, root, textOf } from './tree.ts'

const rows = textOf('docs/security.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (threat|file|somebody who poses as the broker) \|/.test(line))
const proofs = rows.map((row) => ({ threat: row.split(' | ')[0]!, proof: row.split(' | ').at(-1)! }))

test('security page: files it names as proof exist', () => {
  const offences = proofs.flatMap(({ threat, proof }) =>
    [...proof.matchAll(/\b(?:src|tests|docs)\/[\w./-]*\w/g)].flatMap(([path]) =>
      existsSync(join(root, path)) ? [] : [`${threat}: ${path}`],
    ),
  )
  expectNone(offences, 'Name the test that proves the row, or correct the row.')
})

test('security page: tests it names exist', () => {
  const tests = [...filesUnder('src', '.test.ts'), ...filesUnder('tests', '.ts')]
    .filter((file) => file !== 'tests/tidy/security-page.test.ts')
    .map(textOf)
  const offences = proofs.flatMap(({ threat, proof }) =>
    [...proof.matchAll(/`([^`]+ [^`]+)`/g)].flatMap(([, name]) =>
      name!.split(/ ?\.\.\. ?/).every((part) => tests.some((text) => text.includes(part)))
        ? []
        : [`${threat}: ${name}`],
    ),
  )
  expectNone(offences, 'Name the test that proves the row, or correct the row.')
})
