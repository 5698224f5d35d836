// Words the pages of Manage Resources have in the search part of their address.

export interface TypeSearch {
  /** Of the table: part of a name, or a glob. */
  text?: string
  /** `name`, `-outlier`: the column, descending with `-`. */
  sort?: string
}

export interface FindSearch {
  title?: string
  /** Key of the variant that is being cloned. */
  clone?: string
  /** The clone, or its undo, whose result is shown. */
  job?: string
}

export interface CompareSearch {
  /** `selected`, `node:web1.example.com`, `group:ID`. */
  left?: string
  right?: string
  type?: string
}

type Words = Readonly<Record<string, unknown>>

export function readTypeSearch(words: Words): TypeSearch {
  return {
    ...textIn('text', words.text, 1_000, /./s),
    ...textIn('sort', words.sort, 20, /^-?(name|nodes|variants|outlier)$/),
  }
}

export function readFindSearch(words: Words): FindSearch {
  return {
    ...textIn('title', words.title, 65_536, /./s),
    ...textIn('clone', words.clone, 100, /^\w+$/),
    ...textIn('job', words.job, 64, /^[\w-]{8,64}$/),
  }
}

export function readCompareSearch(words: Words): CompareSearch {
  const side = /^(selected|node:[\w.-]+|group:[\w-]+)$/
  return {
    ...textIn('left', words.left, 300, side),
    ...textIn('right', words.right, 300, side),
    ...textIn('type', words.type, 90, /^[a-z][a-z0-9_:]*$/),
  }
}

function textIn<Name extends string>(
  name: Name,
  value: unknown,
  max: number,
  form: RegExp,
): { [key in Name]?: string } {
  return typeof value === 'string' && value.length <= max && form.test(value)
    ? ({ [name]: value } as { [key in Name]: string })
    : {}
}
