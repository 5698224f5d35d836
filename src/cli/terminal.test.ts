import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import test from 'node:test'
import { drawProgress } from './progress.ts'
import { createTerminal, type TerminalOptions } from './terminal.ts'

function terminalOf(
  tty: { out?: boolean; err?: boolean },
  env: Record<string, string> = {},
  color: TerminalOptions['color'] = 'auto',
) {
  const stdout = Object.assign(new PassThrough(), tty.out ? { isTTY: true, columns: 80 } : {})
  const stderr = Object.assign(new PassThrough(), tty.err ? { isTTY: true } : {})
  const stdin = new PassThrough()
  const terminal = createTerminal({ stdin, stdout, stderr, env }, { color })
  return { terminal, stdin, out: () => String(stdout.read() ?? ''), err: () => String(stderr.read() ?? '') }
}
const RED = '\u001b[31mx\u001b[0m'

test('style colours terminals only, each stream for itself [B-008, M-043]', () => {
  const { terminal } = terminalOf({ out: true })
  assert.equal(terminal.style('red', 'x'), RED)
  assert.equal(terminal.styleErr('red', 'x'), 'x')
  assert.equal(terminalOf({ err: true }).terminal.style('red', 'x'), 'x')
})

test('style obeys --color and NO_COLOR; what is typed wins', () => {
  assert.equal(terminalOf({ out: true }, { NO_COLOR: '1' }).terminal.style('red', 'x'), 'x')
  assert.equal(terminalOf({ out: true }, {}, 'never').terminal.style('red', 'x'), 'x')
  assert.equal(terminalOf({}, { NO_COLOR: '1' }, 'always').terminal.style('red', 'x'), RED)
})

test('json is one line in a pipe and indented on a terminal [M-026]', () => {
  const pipe = terminalOf({})
  pipe.terminal.json([{ a: 1 }])
  assert.equal(pipe.out(), '[{"a":1}]\n')
  const screen = terminalOf({ out: true })
  screen.terminal.json([{ a: 1 }])
  assert.equal(screen.out(), '[\n  {\n    "a": 1\n  }\n]\n')
})

test('json shows nothing a terminal obeys, and means the same', () => {
  const value = { 'k\u009b31m': 'a\u202egnp.exe\u2028\u007f\u{e0041}\u001b[2J', fine: 'äß漢👍\n' }
  for (const out of [true, false]) {
    const { terminal, ...streams } = terminalOf({ out })
    terminal.json(value)
    const text = streams.out()
    assert.doesNotMatch(text, /[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\n]/u)
    assert.ok(text.includes('äß漢👍'))
    assert.deepEqual(JSON.parse(text), value)
  }
})

test('progress draws nothing into a pipe', () => {
  const { terminal, out } = terminalOf({})
  const bar = terminal.progress()
  bar.update(1, 2)
  bar.finish()
  assert.equal(out(), '')
})

test('progress ends with its last state, and shorter counts leave nothing behind', () => {
  const { terminal, out } = terminalOf({ out: true }, {}, 'never')
  const bar = terminal.progress()
  bar.update(0, 100)
  bar.update(98, 99)
  bar.finish()
  const drawn = out().split('\r')
  assert.equal(drawn.length, 3)
  assert.match(drawn[2] as string, / 98 \/ 99 *\n\n$/)
  assert.equal(drawn[2]?.trimEnd().length, drawn[1]?.trimEnd().length)
})

test('close ends an open line and mutes what comes later', () => {
  const { terminal, err } = terminalOf({})
  terminal.errPart('Discovering .... ')
  terminal.close()
  terminal.err('late')
  assert.equal(err(), 'Discovering .... \n')
})

for (const [typed, answer] of [
  ['y\n', true],
  ['YES\n', true],
  ['yellow\n', false],
  ['\n', false],
  ['', false],
] as const) {
  test(`confirm takes ${JSON.stringify(typed)} as ${answer ? 'yes' : 'no'} [cli 7]`, async () => {
    const { terminal, stdin } = terminalOf({})
    stdin.end(typed)
    assert.equal(await terminal.confirm('Sure? '), answer)
  })
}

test('progress shows a note beside a shorter bar, and nothing of it when all is done', () => {
  const { terminal, out } = terminalOf({ out: true }, {}, 'never')
  const bar = terminal.progress()
  bar.update(0, 2)
  bar.note(`web1: Unpacking ${'long '.repeat(30)}`)
  bar.update(2, 2)
  bar.finish()
  const drawn = out().split('\r')
  assert.match(drawn.at(-1) ?? '', / \* \[ =+> \] 2 \/ 2 *\n\n$/)
  assert.doesNotMatch(drawn.at(-1) ?? '', /web1/)
  const noted = drawProgress(1, 2, 80, 0, { red: (s) => s, green: (s) => s }, 'web1: Unpacking hello')
  assert.equal(noted, `\r | [ ${'='.repeat(10)}>${' '.repeat(10)} ] 1 / 2  web1: Unpacking hello`)
  for (const note of ['x'.repeat(200), '漢'.repeat(200)]) {
    const line = drawProgress(1, 2, 80, 0, { red: (s) => s, green: (s) => s }, note).slice(1)
    const columns = [...line].reduce((sum, c) => sum + (c <= '~' ? 1 : 2), 0)
    assert.ok(columns < 80 && columns > 70, `${columns}`)
  }
})

test('progress keeps lines above the bar and draws nothing into a pipe', () => {
  const { terminal, out } = terminalOf({ out: true }, {}, 'never')
  const bar = terminal.progress()
  bar.update(0, 2)
  bar.line('web1: 40% Unpacking')
  bar.finish()
  assert.match(out(), /0 \/ 2\r +\rweb1: 40% Unpacking\n\r \S \[ .* 0 \/ 2 *\n\n$/)
  const pipe = terminalOf({})
  const none = pipe.terminal.progress()
  none.update(0, 2)
  none.note('x')
  none.line('y')
  none.finish()
  assert.equal(pipe.out(), '')
})
