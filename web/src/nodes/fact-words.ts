// One fact test as its three words and back: `processorcount>=4` is name `processorcount`, operator `>=`, value `4`. Only for the fields of the
// form; whether it is a good test decides the console. [cli 4.2]

export const FACT_OPERATORS = ['=', '!=', '>=', '<=', '>', '<', '=~'] as const
export type FactOperator = (typeof FACT_OPERATORS)[number]

export interface FactWords {
  readonly name: string
  readonly operator: FactOperator
  readonly value: string
}

/** As people say it. */
export const OPERATOR_LABELS: Record<FactOperator, string> = {
  '=': 'is',
  '!=': 'is not',
  '>=': 'at least',
  '<=': 'at most',
  '>': 'more than',
  '<': 'less than',
  '=~': 'matches',
}

export function readFactWords(text: string): FactWords {
  const found = /^(.+?)\s*(=~|==|!=|>=|<=|=|>|<)\s*(.*)$/s.exec(text)
  const [, name = text, operator = '=', value = ''] = found ?? []
  if (operator === '==') return { name, operator: '=', value }
  const regex = /^\/(.+)\/$/s.exec(value)?.[1]
  if (regex !== undefined && (operator === '=' || operator === '=~')) return { name, operator: '=~', value: regex }
  return { name, operator: operator as FactOperator, value }
}

export function formatFactWords({ name, operator, value }: FactWords): string {
  const trimmed = { name: name.trim(), value: value.trim() }
  if (operator === '=~') return `${trimmed.name}=~/${trimmed.value.replace(/^\/(.*)\/$/s, '$1')}/`
  return `${trimmed.name}${operator}${trimmed.value}`
}

/** Both are needed. [live 2] */
export function isComplete({ name, value }: FactWords): boolean {
  return name.trim() !== '' && value.trim() !== ''
}
