// The grammar of compound filters over tokens: puts them into the order in which they are evaluated (operands first), or says
// what is wrong with their sequence. `not` binds tightest, then `and`, then `or`. Used on what was typed and on what came over the
// wire alike. No recursion, so nesting needs no bound of its own. [cli 4.4, wire 6.5]

import type { CompoundToken } from '#message/filter.ts'

export type Operand = Extract<CompoundToken, { kind: 'class' | 'fact' | 'data' }>
export type Step = Operand | { readonly kind: 'and' } | { readonly kind: 'or' } | { readonly kind: 'not' }

export interface SequenceError {
  readonly problem: 'parse' | 'parenthesis'
  /** Index of the token that does not fit; the number of tokens when the end came too early. */
  readonly index: number
  readonly why: string
}

const JOINS = { and: { kind: 'and' }, or: { kind: 'or' }, not: { kind: 'not' } } as const
const BINDS = { or: 1, and: 2, not: 3, '(': 0 } as const

/** The steps in evaluation order, or what is wrong. */
export function evaluationOrder(tokens: readonly CompoundToken[]): Step[] | SequenceError {
  const steps: Step[] = []
  const waiting: { kind: keyof typeof BINDS; index: number }[] = []
  const release = (least: number): void => {
    for (let top = waiting.at(-1); top && top.kind !== '(' && BINDS[top.kind] >= least; top = waiting.at(-1)) {
      steps.push(JOINS[top.kind])
      waiting.pop()
    }
  }
  let operandDue = true
  for (const [index, token] of tokens.entries()) {
    const parse = (why: string): SequenceError => ({ problem: 'parse', index, why })
    switch (token.kind) {
      case 'not':
      case '(':
        if (!operandDue) return parse("'and' or 'or' is missing")
        waiting.push({ kind: token.kind, index })
        break
      case 'and':
      case 'or':
        if (operandDue) return parse(`there is nothing before '${token.kind}' to join`)
        release(BINDS[token.kind])
        waiting.push({ kind: token.kind, index })
        operandDue = true
        break
      case ')':
        if (!waiting.some((entry) => entry.kind === '(')) return { ...parse("')' has no '('"), problem: 'parenthesis' }
        if (operandDue) return parse("a statement is missing before ')'")
        release(1)
        waiting.pop()
        break
      default:
        if (!operandDue) return parse("'and' or 'or' is missing")
        steps.push(token)
        operandDue = false
    }
  }
  if (operandDue) return { problem: 'parse', index: tokens.length, why: 'a statement is missing at the end' }
  const open = waiting.find((entry) => entry.kind === '(')
  if (open) return { problem: 'parenthesis', index: open.index, why: "'(' has no ')'" }
  release(1)
  return steps
}
