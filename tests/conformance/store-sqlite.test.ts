// The store over node:sqlite, in a file and in memory.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeConformance } from './store.ts'

storeConformance('sqlite', {
  lasting: true,
  start: () => {
    const folder = mkdtempSync(join(tmpdir(), 'troupe-store-'))
    let files = 0
    return Promise.resolve({
      freshUrl: () => Promise.resolve(`sqlite:${folder}/store-${++files}.db`),
      stop: () => Promise.resolve(rmSync(folder, { recursive: true })),
    })
  },
})

storeConformance('sqlite in memory', {
  lasting: false,
  start: () => Promise.resolve({ freshUrl: () => Promise.resolve('sqlite::memory:'), stop: () => Promise.resolve() }),
})
