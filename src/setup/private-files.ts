// Folders and files that their owner alone may read; a file appears whole or not at all.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'

export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

export function save(file: string, text: string): void {
  const fresh = `${file}.new`
  writeFileSync(fresh, text, { mode: 0o600, flush: true })
  renameSync(fresh, file)
}
