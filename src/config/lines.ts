// MCollective's configuration text: lines to key and value, nothing more. Which keys exist is lookup.ts's business. [wire 9.1]

/** One `key = value` line; `line` counts from 1. */
export interface Entry {
  readonly key: string
  readonly text: string
  readonly file: string
  readonly line: number
}

export interface Lines {
  readonly entries: readonly Entry[]
  /** Lines that are neither comment nor setting; MCollective ignored them, and so do we, but not in silence. */
  readonly warnings: readonly string[]
}

/**
 * Splits text into entries. A byte order mark and CRLF are fine; a comment starts in the first column; the key is the
 * shortest possible, the value goes to the end of the line and is not empty. `plugin` may be followed by any character in
 * place of the dot: `pluginXfoo` is `plugin.foo`. With `pluginName` (a file of plugin.d) `key` means `plugin.<name>.key`.
 */
export function parseLines(text: string, file: string, pluginName?: string): Lines {
  const entries: Entry[] = []
  const warnings: string[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trimEnd()
    if (line === '' || line.startsWith('#')) continue
    const found = splitAssignment(line)
    if (!found) {
      warnings.push(`${file} line ${index + 1}: ignored, not of the form 'key = value'`)
      continue
    }
    const key = pluginName ? `plugin.${pluginName}.${found.key}` : found.key.replace(/^plugin.(?=.)/s, 'plugin.')
    entries.push({ key, text: found.text, file, line: index + 1 })
  }
  return { entries, warnings }
}

/** As `/^(.+?)\s*=\s*(.+)$/` would, but in linear time. */
function splitAssignment(line: string): { key: string; text: string } | undefined {
  for (let at = line.indexOf('=', 1); at > 0; at = line.indexOf('=', at + 1)) {
    const text = line.slice(at + 1).trimStart()
    if (text !== '') return { key: line.slice(0, at).trim(), text }
  }
  return undefined
}
