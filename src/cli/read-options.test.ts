import assert from 'node:assert/strict'
import test from 'node:test'
import { FILTER_OPTIONS, SHARED_OPTIONS } from './options.ts'
import { firstWordAt, readOptions, splitWords } from './read-options.ts'

const read = (line: string) => readOptions(SHARED_OPTIONS, splitWords(line, 'a test'))

test('readOptions takes long, short, attached and abbreviated forms in any order [cli 2.1]', () => {
  const { words, options } = read('one -t5 --dt=3 two --target main -vj --no-prog --batch-s 0.5 three')
  assert.deepEqual(words, ['one', 'two', 'three'])
  assert.equal(options.number('timeout'), 5)
  assert.equal(options.number('discovery-timeout'), 3)
  assert.equal(options.text('target'), 'main')
  assert.equal(options.number('batch-sleep'), 0.5)
  for (const flag of ['verbose', 'json', 'no-progress']) assert.ok(options.flag(flag), flag)
  assert.equal(options.flag('quiet'), false)
})

test('readOptions gathers repeatable options, takes the last of others, and values that begin with a dash', () => {
  const { options } = read('-F a=1 --wf b=2 --with-fact=c=3 -t 1 -t 2 -I -x')
  assert.deepEqual(options.list('with-fact'), ['a=1', 'b=2', 'c=3'])
  assert.equal(options.number('timeout'), 2)
  assert.deepEqual(options.list('with-identity'), ['-x'])
})

test('readOptions leaves what follows -- alone, and a dash by itself', () => {
  assert.deepEqual(read('- -- -v --bogus').words, ['-', '-v', '--bogus'])
})

for (const [line, message] of [
  ['--bogus', 'invalid option: --bogus'],
  ['-x', 'invalid option: -x'],
  ['-vx', 'invalid option: -x'],
  ['--ttl', 'missing argument: --ttl'],
  ['-t', 'missing argument: -t'],
  ['-t x', 'invalid argument: -t x'],
  ['--timeout=1.5', 'invalid argument: --timeout 1.5'],
  ['--sort=x', 'needless argument: --sort=x'],
  ['--disc', 'ambiguous option: --disc (--discovery-timeout, --disc-method, --disc-option)'],
  ['--color red', "--color has to be one of 'auto', 'always' or 'never'"],
  ['--display none', "--display has to be one of 'ok', 'all' or 'failed'"],
] as const) {
  test(`readOptions refuses ${line}`, () => {
    assert.throws(() => read(line), { code: 'USAGE_BAD_OPTION', message })
  })
}

test('readOptions prefers an exact name to longer ones', () => {
  assert.deepEqual(readOptions(FILTER_OPTIONS, ['--with', 'a']).options.list('with'), ['a'])
})

test('firstWordAt passes over options before the command, their values too', () => {
  assert.equal(firstWordAt(SHARED_OPTIONS, ['-c', 'file', '--target', 'x', '-vt', '5', 'ping', 'y']), 6)
  assert.equal(firstWordAt(SHARED_OPTIONS, ['--bogus', 'ping']), 1)
  assert.equal(firstWordAt(SHARED_OPTIONS, ['-v', '-c']), -1)
})

test('splitWords knows quotes, back-slashes and empty words', () => {
  assert.deepEqual(splitWords(`a  'b c' "d\\"e" f\\ g '' x"y"z "a\\b"`, 'X'), [
    'a',
    'b c',
    'd"e',
    'f g',
    '',
    'xyz',
    'a\\b',
  ])
  assert.throws(() => splitWords(`a "b`, 'X'), { message: 'cannot read X: a " is opened and not closed' })
})
