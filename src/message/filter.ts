// A filter: which nodes a request is for. Plain data, so that it can be sent; parsing its text forms and evaluating it
// are rpc/match. All kinds are ANDed, several identities are ORed, an empty filter matches every node. [cli 4, wire 2.4]

export type FactOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '=~'

/** e.g. `{ fact: 'osfamily', operator: '==', value: 'RedHat' }`; with `=~` the value is a regular expression, bare. */
export interface FactTest {
  readonly fact: string
  readonly operator: FactOperator
  readonly value: string
}

/** Text that must be equal, or `/regex/`: a class, an agent or an identity. */
export type NameTest = string

/** One `-S` expression as the list of its tokens, in the order they were written. [cli 4.4] */
export type CompoundToken =
  | { readonly kind: 'and' }
  | { readonly kind: 'or' }
  | { readonly kind: 'not' }
  | { readonly kind: '(' }
  | { readonly kind: ')' }
  | { readonly kind: 'class'; readonly class: NameTest }
  | { readonly kind: 'fact'; readonly test: FactTest }
  | { readonly kind: 'data'; readonly test: DataTest }

/** `fstat('/etc/hosts').md5=/^ab/` is `{ source: 'fstat', query: '/etc/hosts', output: 'md5', operator: '=~', value: '^ab' }`. */
export interface DataTest {
  readonly source: string
  readonly query: string | null
  readonly output: string
  readonly operator: FactOperator | '!~'
  readonly value: string
}

export interface Filter {
  readonly facts: readonly FactTest[]
  readonly classes: readonly NameTest[]
  readonly agents: readonly NameTest[]
  readonly identities: readonly NameTest[]
  readonly compounds: readonly (readonly CompoundToken[])[]
}

export const EMPTY_FILTER: Filter = Object.freeze({ facts: [], classes: [], agents: [], identities: [], compounds: [] })

/** True when the filter selects by nothing at all. */
export function isEmptyFilter(filter: Filter): boolean {
  return (
    filter.facts.length === 0 &&
    filter.classes.length === 0 &&
    filter.agents.length === 0 &&
    filter.identities.length === 0 &&
    filter.compounds.length === 0
  )
}
