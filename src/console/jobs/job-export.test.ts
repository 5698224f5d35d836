import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvCell, csvLine } from './job-export.ts'

test('csvCell: what a spreadsheet would take for a formula is text', () => {
  for (const evil of ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', ' =1', '|calc', '\uff1d1'])
    assert.match(csvCell(evil), /^"?'/, evil)
  assert.equal(csvCell('-12.5'), '-12.5')
  assert.equal(csvCell(-12.5), '-12.5')
  assert.equal(csvCell('web-1'), 'web-1')
})

test('csvLine quotes as RFC 4180 has it', () => {
  assert.equal(
    csvLine(['a', 'say "x"', 'two\nlines', undefined, null, false, 0, "'x"]),
    'a,"say ""x""","two\nlines",,,false,0,"\'x"\r\n',
  )
})
