// The search part of addresses as people can read and write it: `?name=web*&fact=osfamily=Debian&fact=...`. Values are texts or lists of texts;
// nothing else is ever in an address.

export type SearchWords = Record<string, string | string[]>

/** `?a=1&b=2&b=3` is `{ a: '1', b: ['2', '3'] }`. */
export function parseSearch(text: string): SearchWords {
  const words: SearchWords = Object.create(null) as SearchWords
  for (const [name, value] of new URLSearchParams(text)) {
    const known = words[name]
    if (known === undefined) words[name] = value
    else if (Array.isArray(known)) known.push(value)
    else words[name] = [known, value]
  }
  // A plain object, as the router spreads and compares it; foreign names cannot reach its prototype this way.
  return { ...words }
}

/** The inverse, with `?` in front; empty values are left out. */
export function formatSearch(words: Readonly<Record<string, unknown>>): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(words)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === undefined || one === null || one === '') continue
      parts.push(`${encode(name)}=${encode(String(one))}`)
    }
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

/** What need not be escaped stays readable. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(2C|2F|3A|3D|3E|3C|7E|40)/g, (escaped) => decodeURIComponent(escaped))
}
