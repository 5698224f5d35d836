import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { compileRegex } from '#rpc/regex.ts'
import { readNodeFilter } from './node-filter.ts'

const fits = (name: string, node: { name: string; hostname?: string; fqdn?: string }) =>
  readNodeFilter({ name }).nameFits(node)

describe('readNodeFilter [live 2]', () => {
  test('a name is a whole-name glob in any case; hostname and fqdn count as well (O4)', () => {
    assert.equal(fits('web*', { name: 'WEB1.example.com' }), 'identity')
    assert.equal(fits('web?.example.com', { name: 'web12.example.com' }), undefined)
    assert.equal(fits('web1', { name: 'ip-10-1.ec2', hostname: 'web1' }), 'fact')
    assert.equal(fits('*.example.com', { name: 'ip-10-1.ec2', fqdn: 'web1.example.com' }), 'fact')
    assert.equal(fits('web1', { name: 'web1' }), 'identity')
    assert.equal(fits('web1', { name: 'WEB1' }), 'fact', 'no option says another case of a plain name')
    assert.equal(fits('/^web\\d$/', { name: 'web1' }), 'identity')
    assert.equal(fits('  ', { name: 'anything' }), 'identity')
  })

  test('the option of a glob selects what the glob selects', () => {
    for (const glob of ['web*', 'a.b*', 'x?y', '*', 'a+(b)*', '**x', '[a]?'])
      for (const name of ['web1', 'a.bc', 'aXbc', 'xzy', 'x', 'a+(b)c', 'WEB', '[a]b', 'ab']) {
        const [, option = ''] = readNodeFilter({ name: glob }).words([])
        const regex = compileRegex(option.slice(1, -1))
        assert.equal(regex.test(name), fits(glob, { name }) !== undefined, `${glob} ${name} ${option}`)
      }
  })

  test('nodes that fit only by what they call themselves are named', () => {
    assert.deepEqual(readNodeFilter({ name: 'web*', facts: ['a=b'] }).words(['ip-1']), [
      ...['-F', 'a=b', '-I', '/^(?i:web.*)$/', '-I', 'ip-1'],
    ])
  })

  test('every mistake is told by its field', () => {
    const bad = { name: '/(/', facts: ['a=b', 'nonsense'], classes: ['/[/'], compound: 'a and' }
    assert.throws(
      () => readNodeFilter(bad),
      (error) =>
        isTroupeError(error, 'CONSOLE_INVALID') &&
        Object.keys(error.details.fields as object).join() === 'name,facts.1,classes.0,compound',
    )
  })
})
