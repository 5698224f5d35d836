import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FACT_OPERATORS, formatFactWords, isComplete, readFactWords } from './fact-words.ts'
import { advancedCount, draftOf, filterOfDraft, filterText, NO_FACT, widened } from './filter-draft.ts'

test('readFactWords: takes a test apart as mco -F reads it, and puts it together again [cli 4.2]', () => {
  assert.deepEqual(readFactWords('osfamily=Debian'), { name: 'osfamily', operator: '=', value: 'Debian' })
  assert.deepEqual(readFactWords('osfamily==Debian'), { name: 'osfamily', operator: '=', value: 'Debian' })
  assert.deepEqual(readFactWords('processorcount >= 4'), { name: 'processorcount', operator: '>=', value: '4' })
  assert.deepEqual(readFactWords('fqdn=/^web/'), { name: 'fqdn', operator: '=~', value: '^web' })
  assert.deepEqual(readFactWords('fqdn=~/^web/'), { name: 'fqdn', operator: '=~', value: '^web' })
  assert.deepEqual(readFactWords('os.release.major!=7'), { name: 'os.release.major', operator: '!=', value: '7' })
  assert.deepEqual(readFactWords('nonsense'), { name: 'nonsense', operator: '=', value: '' })
  for (const operator of FACT_OPERATORS) {
    const words = { name: 'a.b', operator, value: 'x y' }
    assert.deepEqual(readFactWords(formatFactWords(words)), words)
  }
})

test('isComplete: name and value are both needed [live 2]', () => {
  assert.equal(isComplete({ name: 'a', operator: '=', value: ' ' }), false)
  assert.equal(isComplete({ name: 'a', operator: '=', value: '1' }), true)
})

test('filterOfDraft: what is empty says nothing, `*` neither', () => {
  assert.deepEqual(filterOfDraft(draftOf({})), {})
  assert.deepEqual(filterOfDraft({ ...draftOf({}), name: ' * ', classes: [' '], facts: [NO_FACT] }), {})
  const filter = {
    name: 'web*',
    classes: ['apache'],
    facts: ['a=1', 'b=~/x/'],
    agents: ['puppetd'],
    compound: 'a and b',
  }
  assert.deepEqual(filterOfDraft(draftOf(filter)), filter)
  assert.equal(advancedCount(filter), 5)
})

test('filterText: everything asked for, in a line', () => {
  assert.equal(filterText({}), '')
  const filter = { name: 'web*', classes: ['apache'], facts: ['a=1'], agents: ['puppetd'], compound: 'a or b' }
  assert.equal(filterText(filter), 'web*, apache, a=1, agent puppetd, a or b')
})

test('widened: offers what was probably meant, once', () => {
  assert.equal(widened('web'), '*web*')
  assert.equal(widened('web*'), undefined)
  assert.equal(widened('/web/'), undefined)
  assert.equal(widened(' '), undefined)
})
