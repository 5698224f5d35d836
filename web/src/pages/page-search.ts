// Words single pages have in the search part of their address: read from whatever stands there, so that nothing else reaches a page.

/** The results that are shown instead of the list of actions. */
export interface JobSearch {
  job?: string
  /** One line per node instead of groups of equal answers. */
  view?: 'nodes'
}

export interface PuppetSearch extends JobSearch {
  /** The row that is open. */
  action?: string
}

export interface JobsSearch {
  kind?: string
  account?: string
  node?: string
  state?: string
  text?: string
}

export interface NodeSearch {
  tab?: 'runs'
}

export interface ReportsSearch {
  outcome?: string
  name?: string
  sort?: string
}

type Words = Readonly<Record<string, unknown>>

export function readJobSearch({ job, view }: Words): JobSearch {
  if (typeof job !== 'string' || !/^[\w-]{8,64}$/.test(job)) return {}
  return { job, ...(view === 'nodes' ? { view } : {}) }
}

export function readActionSearch({ action }: Words): { action?: string } {
  return typeof action === 'string' && /^[\w.-]{1,100}$/.test(action) ? { action } : {}
}

export function readJobsSearch(words: Words): JobsSearch {
  return textsIn(words, ['kind', 'account', 'node', 'state', 'text'])
}

export function readNodeSearch({ tab }: Words): NodeSearch {
  return tab === 'runs' ? { tab } : {}
}

export function readReportsSearch(words: Words): ReportsSearch {
  return textsIn(words, ['outcome', 'name', 'sort'])
}

function textsIn<Name extends string>(words: Words, names: readonly Name[]): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {}
  for (const name of names) {
    const value = words[name]
    if (typeof value === 'string' && value !== '') found[name] = value.slice(0, 200)
  }
  return found
}
