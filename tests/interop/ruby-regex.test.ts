// Regular expressions against Ruby's own answers to 1,200 random ones. [cli 4.1]

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { compileRegex } from '#rpc/regex.ts'

test('compileRegex matches where Ruby matches and refuses where Ruby refuses', () => {
  const url = new URL('../fixtures/filters/ruby_regex.json', import.meta.url)
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: [string, string, boolean | 'error'][] }
  const different: string[] = []
  for (const [source, text, ruby] of cases) {
    let ours: boolean | 'error'
    try {
      ours = compileRegex(source).test(text)
    } catch (error) {
      assert.ok(isTroupeError(error, 'FILTER_BAD_REGEX'), String(error))
      ours = 'error'
    }
    if (ours !== ruby) different.push(`${JSON.stringify(source)} on ${JSON.stringify(text)}: ${ruby}, here ${ours}`)
  }
  assert.ok(cases.length > 1000)
  assert.deepEqual(different, [])
})
