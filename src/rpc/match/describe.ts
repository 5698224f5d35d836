// A filter in words, as `mco describe_filter` shows it. [cli 8.9]

import type { CompoundToken, DataTest, FactTest, Filter } from '#message/filter.ts'

/** The lines for each kind of filter that is used, with a blank line after each heading and each part. */
export function describeFilter(filter: Filter): string[] {
  const lines: string[] = []
  const part = (heading: string, checks: readonly string[]): void => {
    if (checks.length > 0) lines.push(heading, '', ...checks.map((check) => `  ${check}`), '')
  }
  part(
    '-F filter expands to the following fact comparisons:',
    filter.facts.map((test) => factCheck(test, test.operator)),
  )
  part('-C filter expands to the following class checks:', filter.classes.map(classCheck))
  part(
    '-A filter expands to the following agent checks:',
    filter.agents.map((test) => nameCheck('agent', test)),
  )
  part(
    '-I filter expands to the following identity checks:',
    filter.identities.flatMap((test, i) => [
      ...(i > 0 ? ['OR'] : []),
      `Check if the identity ${test.startsWith('/') ? 'matches' : 'is'} '${test}'`,
    ]),
  )
  for (const tokens of filter.compounds)
    part('-S Query expands to the following instructions:', describeCompound(tokens))
  return lines
}

/** One line per token, indented by parentheses. */
export function describeCompound(tokens: readonly CompoundToken[]): string[] {
  let depth = 0
  return tokens.map((token) => {
    if (token.kind === ')') depth = Math.max(depth - 1, 0)
    const line = '  '.repeat(depth) + instruction(token)
    if (token.kind === '(') depth++
    return line
  })
}

function instruction(token: CompoundToken): string {
  switch (token.kind) {
    case 'class':
      return classCheck(token.class)
    case 'fact':
      return factCheck(token.test, token.test.operator === '==' ? '=' : token.test.operator)
    case 'data':
      return dataCheck(token.test)
    default:
      return token.kind.toUpperCase()
  }
}

function factCheck(test: FactTest, operator: string): string {
  return `Check if fact '${test.fact}' ${operator} '${test.value}'`
}

function classCheck(test: string): string {
  return nameCheck('class', test)
}

function nameCheck(kind: string, test: string): string {
  return `Check if ${kind} '${test}' is present on the host`
}

function dataCheck(test: DataTest): string {
  const query = test.query === null ? 'without parameters' : `with parameters (${test.query})`
  return `Execute the Data Query '${test.source}' ${query}. Check if the query's '${test.output}' value ${test.operator} '${test.value}'`
}
