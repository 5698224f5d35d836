// Names with wildcards as the console and `mco` read them: the whole name, `?` one character, `*` any number, without regard to case. Runs in linear
// time, so that filtering 10,000 names takes a few milliseconds whatever somebody types. `/regex/` is left to the console. [live 2]

/** True when the text is a regular expression between slashes. */
export function isRegex(pattern: string): boolean {
  return pattern.length > 1 && pattern.startsWith('/') && pattern.endsWith('/')
}

export function hasWildcard(pattern: string): boolean {
  return /[*?]/.test(pattern)
}

/** Makes the test for one pattern; `*` matches all. */
export function globTest(pattern: string): (name: string) => boolean {
  const wanted = pattern.toLowerCase()
  if (!hasWildcard(wanted)) return (name) => name.toLowerCase() === wanted
  return (name) => matches(wanted, name.toLowerCase())
}

/** The classic two-pointer walk: on a mismatch, the last `*` takes one character more. */
function matches(pattern: string, name: string): boolean {
  let p = 0
  let n = 0
  let star = -1
  let starAt = 0
  while (n < name.length) {
    const c = pattern[p]
    if (c === '*') {
      star = p++
      starAt = n
    } else if (c === '?' || (c !== undefined && c === name[n])) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++starAt
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
