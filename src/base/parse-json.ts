// JSON.parse that reads the names of members right. V8 since 12.8 (Node 24 and 26, https://github.com/nodejs/node/issues/63785) gives a member whose name
// is written with escapes the name of another member it has met before: after `{"h":0,"\\":0}`, `{"h":0,"\n":0}` reads as if it were the same. What nodes
// say must not depend on what others have said, so texts with such names, which are rare, get their members by hand.

/** As JSON.parse, e.g. `parseJson('{"a\\nb":1}')`. Throws SyntaxError. Depth is not bounded here, see json-depth.ts. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return hasEscapedName(text) ? readValid(text) : value
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** `text` is valid JSON. */
function hasEscapedName(text: string): boolean {
  let at = text.indexOf('\\')
  while (at !== -1) {
    const end = endOfString(text, at)
    if (isName(text, end)) return true
    at = text.indexOf('\\', end)
  }
  return false
}

/** Index behind the quote that ends the string in which `at` is. */
function endOfString(text: string, at: number): number {
  for (let i = at; ; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) return i + 1
    if (unit === BACKSLASH) i++
  }
}

const COLON = /[ \t\r\n]*:/y

function isName(text: string, end: number): boolean {
  COLON.lastIndex = end
  return COLON.test(text)
}

type Container = unknown[] | Record<string, unknown>

/** Numbers, strings and words are JSON.parse's; only which member they are is found out here. `text` is valid JSON. */
function readValid(text: string): unknown {
  const holder: unknown[] = []
  const open: Container[] = [holder]
  const names: (string | undefined)[] = [undefined]
  const put = (value: unknown): void => {
    const into = open.at(-1) as Container
    const name = names.at(-1)
    if (Array.isArray(into)) into.push(value)
    // As JSON.parse: a member of this name, not another prototype.
    else if (name === '__proto__')
      Object.defineProperty(into, name, { value, writable: true, enumerable: true, configurable: true })
    else into[name as string] = value
  }
  const begin = (value: Container): void => {
    put(value)
    open.push(value)
    names.push(undefined)
  }
  for (let at = 0; at < text.length; ) {
    const character = text[at] as string
    if (character === '{') begin({})
    else if (character === '[') begin([])
    else if (character === '}' || character === ']') {
      open.pop()
      names.pop()
    } else if (!' \t\r\n,:'.includes(character)) {
      const end = character === '"' ? endOfString(text, at + 1) : endOfWord(text, at)
      const value: unknown = JSON.parse(text.slice(at, end))
      if (character === '"' && !Array.isArray(open.at(-1)) && isName(text, end)) names[names.length - 1] = String(value)
      else put(value)
      at = end
      continue
    }
    at++
  }
  return holder[0]
}

const WORD = /[^ \t\r\n,\]}]+/y

function endOfWord(text: string, at: number): number {
  WORD.lastIndex = at
  WORD.test(text)
  return WORD.lastIndex
}
