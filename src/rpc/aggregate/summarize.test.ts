import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SUMMARY_VALUES_MAX } from '#base/limits.ts'
import type { Value } from '#message/request.ts'
import type { ActionDdl, AggregateDdl } from '../ddl/ddl.ts'
import type { AggregateFunction, AggregateReply } from './aggregate.ts'
import { summarize } from './summarize.ts'

function action(...aggregates: (Partial<AggregateDdl> & { function: string })[]): ActionDdl {
  return {
    name: 'a',
    description: 'd',
    display: 'always',
    inputs: [],
    outputs: [
      { name: 'v', description: 'd', displayAs: 'Service Status' },
      { name: 'n', description: 'd', displayAs: 'Number' },
    ],
    aggregates: aggregates.map((aggregate) => ({ output: 'v', arguments: {}, ...aggregate })),
  }
}

function replies(...values: Value[]): AggregateReply[] {
  return values.map((v, i) => ({ sender: `n${i}`, statusCode: 0, data: { v, n: i } }))
}

function linesFor(fn: Partial<AggregateDdl> & { function: string }, ...values: Value[]): readonly string[] {
  return summarize(action(fn), replies(...values)).flatMap((block) => block.lines)
}

describe('summarize [agents 4, cli 6.6, M-038]', () => {
  it('summary counts values, members of lists one by one, nil not at all, the most frequent first', () => {
    assert.deepEqual(summarize(action({ function: 'summary' }), replies('running', 'running', 'stopped')), [
      {
        title: 'Summary of Service Status:',
        output: 'v',
        function: 'summary',
        lines: ['   running = 2', '   stopped = 1'],
        failed: false,
        result: {
          kind: 'counts',
          counts: new Map([
            ['running', 2],
            ['stopped', 1],
          ]),
          format: '%7s = %s',
        },
      },
    ])
    assert.deepEqual(linesFor({ function: 'summary' }, ['mcollective', 'uk'], ['uk', null], null, []), [
      '            uk = 2',
      '   mcollective = 1',
    ])
    assert.deepEqual(linesFor({ function: 'summary' }, false, false, true, 3.5, { a: 1 }), [
      '      false = 2',
      '        3.5 = 1',
      '       true = 1',
      '   {"a"=>1} = 1',
    ])
  })

  it('boolean_summary names true and false', () => {
    const fn = { function: 'boolean_summary', arguments: { true: 'enabled', false: 'disabled' } }
    assert.deepEqual(linesFor(fn, true, false, true, null), ['   enabled = 2', '   disabled = 1'])
    assert.deepEqual(linesFor({ ...fn, arguments: { true: 'on', false: 'off' } }, true), ['      on = 1'])
  })

  it('average and sum use numbers, skip nil and give nothing for nothing [A13]', () => {
    assert.deepEqual(linesFor({ function: 'average' }, 1, 2, 4), ['   Average of v: 2.333333'])
    assert.deepEqual(linesFor({ function: 'average' }, 1, null, 4), ['   Average of v: 2.500000'])
    assert.deepEqual(linesFor({ function: 'average', format: 'Average: %0.2f' }, 1, 2, 4), ['   Average: 2.33'])
    assert.deepEqual(linesFor({ function: 'sum' }, 1, 2.5, 4), ['   Sum of v: 7.500000'])
    assert.deepEqual(linesFor({ function: 'sum', format: 'S %d' }, 1, 2), ['   S 3'])
    assert.deepEqual(summarize(action({ function: 'average' }, { function: 'sum' }), replies(null)), [])
  })

  it('summarize keeps a block per aggregate, sorted by output, with the format of the DDL', () => {
    const blocks = summarize(
      action({ function: 'sum' }, { function: 'summary', output: 'n', format: '%s has %d' }, { function: 'average' }),
      replies(1, 2),
    )
    assert.deepEqual(
      blocks.map(({ title, lines }) => [title, ...lines]),
      [
        ['Summary of Number:', '   0 has 1', '   1 has 1'],
        ['Summary of Service Status:', '   Sum of v: 3.000000'],
        ['Summary of Service Status:', '   Average of v: 1.500000'],
      ],
    )
  })

  it('summarize says why there is no summary and never throws', () => {
    const broken = (part: 'start' | 'add' | 'summarize'): AggregateFunction => {
      const fail = (): never => {
        throw new Error('broken')
      }
      const running = { add: part === 'add' ? fail : (): void => {}, summarize: fail }
      return { start: part === 'start' ? fail : () => running }
    }
    const functions = new Map((['start', 'add', 'summarize'] as const).map((part) => [part, broken(part)]))
    const linesOf = (fn: string, output = 'v'): readonly string[] =>
      summarize(action({ function: fn, output }), replies('a'), functions).flatMap((block) => {
        assert.equal(block.failed, true)
        return block.lines
      })
    assert.deepEqual(linesOf('start'), ['     Could not compute summary - exception in start-up hook'])
    assert.deepEqual(linesOf('add'), ['     Could not compute summary - exception while processing result data'])
    assert.deepEqual(linesOf('summarize'), ['     Could not compute summary - exception while summarizing'])
    assert.deepEqual(linesOf('summary', 'x'), [
      "     Could not compute summary - unspecified output 'x' for the action",
    ])
    assert.deepEqual(linesOf('nope'), ["     Could not compute summary - unknown function 'nope'"])
    assert.deepEqual(linesFor({ function: 'sum' }, 'x'), [
      '     Could not compute summary - exception while processing result data',
    ])
    assert.deepEqual(linesFor({ function: 'summary' }, null), ['     No aggregate summary could be computed'])
    assert.match(
      linesFor({ function: 'summary', format: '%z' }, 'a').join(),
      /exception while summarizing: cannot format with "%z"/,
    )
  })

  it('summarize takes functions of the site', () => {
    const states: AggregateFunction = {
      start: () => {
        const counts = new Map([['OK', 0]])
        return {
          add: (value) => void counts.set(String(value), 1),
          summarize: () => ({ kind: 'counts', counts, format: '%s: %s' }),
        }
      },
    }
    const blocks = summarize(
      action({ function: 'nagios_states' }),
      replies('WARNING'),
      new Map([['nagios_states', states]]),
    )
    assert.deepEqual(blocks[0]?.lines, ['   WARNING: 1', '   OK: 0'])
  })

  it('summarize bounds and escapes what hostile nodes send', () => {
    const many = Array.from({ length: SUMMARY_VALUES_MAX + 5 }, (_, i) => `v${i}`)
    const lines = linesFor({ function: 'summary' }, many, '__proto__', '\x1b[2J', 'x'.repeat(1_000_000))
    assert.equal(lines.length, SUMMARY_VALUES_MAX + 1)
    assert.match(lines[0] ?? '', /\(other values\) = 8$/)
    assert.deepEqual(linesFor({ function: 'summary' }, '\x1b[2J'), ['   \\e[2J = 1'])
    assert.ok((linesFor({ function: 'summary' }, 'x'.repeat(1_000_000))[0] ?? '').length < 40_000)
  })
})
