// Names with wildcards, as the console reads them (#console/api/glob.ts); `/regex/` is left to the console. [live 2]

export { globTest, hasWildcard } from '#console/api/glob.ts'

/** True when the text is a regular expression between slashes. */
export function isRegex(pattern: string): boolean {
  return pattern.length > 1 && pattern.startsWith('/') && pattern.endsWith('/')
}
