// Facts from YAML files, such as the one Puppet writes. Later files override top level facts of earlier ones; a file that is
// missing is fine as long as another is there, a broken one makes the whole reading fail, so that facts never vanish by
// halves. js-yaml is loaded with the first file. [wire 6.1]

import { open, stat } from 'node:fs/promises'
import { FACT_SOURCE_BYTES_MAX } from '#base/limits.ts'
import type { Fact, FactCollector, Facts } from './fact-source.ts'

export interface YamlCollector extends FactCollector {
  /** Whether any of the files exists. */
  present(): Promise<boolean>
  changed(): Promise<boolean>
}

export function createYamlCollector(files: readonly string[]): YamlCollector {
  let seen = ''
  return {
    name: 'yaml',
    async collect() {
      seen = await stamps(files)
      const facts: Record<string, Fact> = Object.create(null)
      const missing: string[] = []
      for (const file of files) {
        const text = await readBounded(file)
        if (text === undefined) missing.push(file)
        else Object.assign(facts, await parseFile(file, text))
      }
      if (missing.length === files.length)
        throw new Error(`no file with facts: ${files.join(', ') || 'plugin.yaml is empty'}`)
      return { source: 'yaml', facts, notes: missing.map((file) => `${file} does not exist`) }
    },
    changed: async () => (await stamps(files)) !== seen,
    present: async () => /\d/.test(await stamps(files)),
  }
}

async function parseFile(file: string, text: string): Promise<Facts> {
  const { parseFactsYaml } = await import('./facts-yaml.ts')
  try {
    return parseFactsYaml(text)
  } catch (error) {
    const reason =
      error instanceof Error ? ((error as { reason?: string }).reason ?? error.message.split('\n')[0]) : String(error)
    const line = (error as { mark?: { line?: number } }).mark?.line
    throw new Error(`${file}${line === undefined ? '' : ` line ${line + 1}`}: ${reason}`, { cause: error })
  }
}

/** Undefined when there is no such file. */
async function readBounded(file: string): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file, 'r')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
  try {
    const info = await handle.stat()
    if (!info.isFile()) throw new Error(`${file} is not a plain file`)
    if (info.size > FACT_SOURCE_BYTES_MAX)
      throw new Error(`${file} has ${info.size} bytes; at most ${FACT_SOURCE_BYTES_MAX} are read`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** One text that changes when a file appears, vanishes or is written. */
async function stamps(files: readonly string[]): Promise<string> {
  const each = files.map(async (file) => {
    try {
      const { mtimeMs, size, ino } = await stat(file)
      return `${mtimeMs}/${size}/${ino}`
    } catch {
      return '-'
    }
  })
  return (await Promise.all(each)).join(' ')
}

function isAbsent(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'ENOENT' || code === 'ENOTDIR'
}
