import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type ErrorCode, isTroupeError } from '#base/errors.ts'
import type { Value } from '#message/request.ts'
import type { ActionDdl, AgentDdl, DataDdl, InputDdl, Validation } from '../ddl/ddl.ts'
import {
  applyDefaults,
  checkInputs,
  convertAndValidateQuery,
  findAction,
  validateInput,
  validateInputs,
} from './check-inputs.ts'
import { convertCliInput } from './cli-input.ts'

const FIXTURES = new URL('../../../tests/fixtures/validate/', import.meta.url)
const BASE = { name: 'x', prompt: 'p', description: 'd', type: 'string', optional: false } as const

function action(...inputs: InputDdl[]): ActionDdl {
  return { name: 'get_fact', description: 'd', display: 'always', inputs, outputs: [], aggregates: [] }
}

function throwsText(fn: () => unknown, code: ErrorCode, message: string): void {
  assert.throws(fn, (error) => {
    assert.ok(isTroupeError(error), String(error))
    assert.deepEqual([error.code, error.message], [code, message])
    return true
  })
}

interface Vector {
  validation: string | string[]
  value: Value
  ok: boolean
  error?: string
}

function inputOf(validation: string | string[]): InputDdl {
  if (Array.isArray(validation)) return { ...BASE, type: 'list', list: validation }
  const length = /^length (\d+)$/.exec(validation)?.[1]
  if (length !== undefined) return { ...BASE, maxlength: Number(length) }
  if (!validation.startsWith(':')) return { ...BASE, type: 'any', validation: { kind: 'regex', source: validation } }
  const name = validation.slice(1)
  const types = ['string', 'boolean', 'integer', 'float', 'number'] as const
  const type = types.find((known) => known === name)
  return type ? { ...BASE, type } : { ...BASE, type: 'any', validation: { kind: 'validator', name } }
}

describe('validateInput against the vectors [wire 5.4, M-053, M-054]', () => {
  const { cases } = JSON.parse(readFileSync(new URL('validators.json', FIXTURES), 'utf8')) as { cases: Vector[] }
  for (const { validation, value, ok, error } of cases) {
    it(`validateInput: ${JSON.stringify(validation)} on ${JSON.stringify(value)} is ${ok ? 'fine' : 'refused'}`, () => {
      const input = inputOf(validation)
      // JSON has one kind of number, so a whole number may be meant as a float.
      if (validation === ':float' && value === 1) validateInput(input, value)
      else if (ok) validateInput(input, value)
      else throwsText(() => validateInput(input, value), 'DDL_INVALID_INPUT', `Cannot validate input x: ${error}`)
    })
  }
})

describe('convertCliInput against the vectors [cli 8.5, B-010]', () => {
  type Cases = Record<'boolean' | 'number', { input: string; ok?: Value; error?: string }[]>
  const vectors = JSON.parse(readFileSync(new URL('cli-types.json', FIXTURES), 'utf8')) as Cases
  for (const type of ['boolean', 'number'] as const) {
    for (const { input: text, ok, error } of vectors[type]) {
      it(`convertCliInput: ${JSON.stringify(text)} as ${type}`, () => {
        const input: InputDdl = { ...BASE, type }
        // B-010: the original refuses signs.
        if (text === '-1') assert.equal(convertCliInput(input, text), -1)
        else if (error !== undefined) throwsText(() => convertCliInput(input, text), 'DDL_BAD_ARGUMENT', error)
        else assert.equal(convertCliInput(input, text), typeof ok === 'object' ? 1.5 : ok)
      })
    }
  }

  it('convertCliInput takes signs, keeps texts (also empty ones) and finds list members that are no text', () => {
    assert.equal(convertCliInput({ ...BASE, type: 'float' }, '-1.50'), -1.5)
    assert.equal(convertCliInput({ ...BASE, type: 'integer' }, '+3'), 3)
    assert.equal(convertCliInput(BASE, ''), '')
    assert.equal(convertCliInput(BASE, '1'), '1')
    const list: InputDdl = { ...BASE, type: 'list', list: ['a', 3, true] }
    assert.deepEqual(
      ['a', '3', 'true', 'b'].map((text) => convertCliInput(list, text)),
      ['a', 3, true, 'b'],
    )
    assert.throws(
      () => convertCliInput({ ...BASE, type: 'integer' }, '99999999999999999999'),
      /too large a number for x/,
    )
  })
})

describe('validateInputs [cli 7, agents 3]', () => {
  const fact: InputDdl = {
    ...BASE,
    name: 'fact',
    maxlength: 40,
    validation: { kind: 'regex', source: '^[\\w\\-\\.]+$' },
  }

  it('validateInputs gives the texts of the original', () => {
    const check = (input: InputDdl, value: Value): void => validateInputs(action(input), { [input.name]: value })
    throwsText(() => validateInputs(action(fact), {}), 'DDL_MISSING_INPUT', 'Action get_fact needs a fact argument')
    throwsText(
      () => check(fact, 'a b'),
      'DDL_INVALID_INPUT',
      'Cannot validate input fact: value should match ^[\\w\\-\\.]+$',
    )
    throwsText(
      () => check(fact, 'a'.repeat(41)),
      'DDL_INVALID_INPUT',
      'Cannot validate input fact: Input string is longer than 40 character(s)',
    )
    const mode: InputDdl = { ...BASE, name: 'mode', type: 'list', list: ['all', 'headers'] }
    throwsText(
      () => check(mode, 'x'),
      'DDL_INVALID_INPUT',
      'Cannot validate input mode: value should be one of all, headers',
    )
    const service: InputDdl = { ...BASE, name: 'service', validation: { kind: 'validator', name: 'service_name' } }
    throwsText(
      () => check(service, 'a b'),
      'DDL_INVALID_INPUT',
      'Cannot validate input service: a b is not a valid service name',
    )
    const agent = { name: 'rpcutil', actions: [action(fact)] } as unknown as AgentDdl
    throwsText(
      () => findAction(agent, 'foo'),
      'DDL_UNKNOWN_ACTION',
      "Attempted to call action foo for rpcutil but it's not declared in the DDL",
    )
    assert.equal(findAction(agent, 'get_fact').inputs[0], fact)
  })

  it('validateInputs lets undeclared inputs and absent optional ones pass, but checks null', () => {
    validateInputs(action({ ...fact, optional: true }), { other: [1], constructor: 'x' })
    throwsText(
      () => validateInputs(action({ ...fact, optional: true }), { fact: null }),
      'DDL_INVALID_INPUT',
      'Cannot validate input fact: value should be a string',
    )
    throwsText(
      () => validateInputs(action({ ...fact, name: 'toString' }), {}),
      'DDL_MISSING_INPUT',
      'Action get_fact needs a toString argument',
    )
  })

  it('validateInputs asks site validators, refuses unknown ones and never lets a site weaken ours', () => {
    const with_ = (name: string): InputDdl => ({ ...BASE, validation: { kind: 'validator', name } })
    const even = (value: Value): void => {
      if (String(value).length % 2) throw new Error('value should be even')
    }
    const site = new Map([
      ['even', even],
      ['shellsafe', () => {}],
    ])
    validateInputs(action(with_('even')), { x: 'ab' }, site)
    throwsText(
      () => validateInputs(action(with_('even')), { x: 'a' }, site),
      'DDL_INVALID_INPUT',
      'Cannot validate input x: value should be even',
    )
    throwsText(
      () => validateInputs(action(with_('odd')), { x: 'a' }, site),
      'DDL_INVALID_INPUT',
      "Cannot validate input x: Unknown validator: 'odd'.",
    )
    assert.throws(() => validateInputs(action(with_('shellsafe')), { x: ';' }, site), /should not have ; in it/)
    throwsText(
      () => validateInputs(action(with_('integer')), { x: '1' }),
      'DDL_INVALID_INPUT',
      'Cannot validate input x: value should be a integer',
    )
  })

  it('validateInputs fails closed on an expression that cannot be used', () => {
    const validation: Validation = { kind: 'regex', source: '(?<=a)b' }
    assert.throws(
      () => validateInputs(action({ ...BASE, validation }), { x: 'ab' }),
      (error) => {
        return (
          isTroupeError(error, 'DDL_INVALID_INPUT') &&
          /Cannot validate input x: the DDL's validation is of no use/.test(error.message)
        )
      },
    )
  })

  it('validateInput reads regular expression literals and value lists as Ruby does', () => {
    const literal: InputDdl = { ...BASE, validation: { kind: 'regex', source: '(?i-mx:a\\/b)' } }
    validateInput(literal, 'xA/Bx')
    throwsText(
      () => validateInput(literal, 'x'),
      'DDL_INVALID_INPUT',
      'Cannot validate input x: value should match (?i-mx:a\\/b)',
    )
    const list: InputDdl = { ...BASE, validation: { kind: 'list', values: ['a', 'b'] } }
    throwsText(
      () => validateInput(list, 'c'),
      'DDL_INVALID_INPUT',
      'Cannot validate input x: value should be one of a, b',
    )
  })

  it('applyDefaults fills required inputs only, and checkInputs checks what comes out', () => {
    const one: InputDdl = { ...BASE, name: 'one', default: 'd' }
    const two: InputDdl = { ...BASE, name: 'two', optional: true, default: 'd' }
    const nothing: InputDdl = { ...BASE, name: 'nothing', default: null }
    assert.deepEqual(applyDefaults(action(one, two, nothing), { extra: 1 }), { extra: 1, one: 'd' })
    assert.deepEqual(applyDefaults(action(one), { one: 'given' }), { one: 'given' })
    assert.deepEqual(checkInputs(action(one), 'agent', {}), { one: 'd' })
    assert.throws(() => checkInputs(action(one, nothing), 'agent', {}), /Action get_fact needs a nothing argument/)
  })
})

describe('convertAndValidateQuery [agents 5]', () => {
  const ddl = (query?: InputDdl): DataDdl => ({ name: 'fstat', ...(query ? { query } : {}) }) as unknown as DataDdl

  it('convertAndValidateQuery converts, checks and knows plugins without a query', () => {
    const number: InputDdl = { ...BASE, name: 'query', type: 'integer' }
    assert.equal(convertAndValidateQuery(ddl(number), '-5'), -5)
    assert.equal(convertAndValidateQuery(ddl({ ...number, optional: true }), null), null)
    assert.equal(convertAndValidateQuery(ddl(), null), null)
    throwsText(() => convertAndValidateQuery(ddl(number), 'x'), 'DDL_BAD_ARGUMENT', 'x does not look like a number')
    throwsText(
      () => convertAndValidateQuery(ddl(number), null),
      'DDL_MISSING_INPUT',
      "Data plugin 'fstat' needs a query argument",
    )
    throwsText(
      () => convertAndValidateQuery(ddl(), 'x'),
      'DDL_INVALID_INPUT',
      'No data plugin argument was declared in the fstat DDL but an input was supplied',
    )
    const short: InputDdl = { ...BASE, name: 'query', maxlength: 2 }
    throwsText(
      () => convertAndValidateQuery(ddl(short), 'abc'),
      'DDL_INVALID_INPUT',
      'Cannot validate input query: Input string is longer than 2 character(s)',
    )
  })
})
