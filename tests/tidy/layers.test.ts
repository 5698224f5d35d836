// Who may import whom, and what each layer must never touch. The table is the project's architecture: ARCHITECTURE.md
// explains it, this test holds it.

import { test } from 'node:test'
import { expectNone, filesUnder, importsOf, targetOf, textOf, withoutComments } from './tree.ts'

/** Layer -> layers it may import, types included. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  message: ['base'],
  wire: ['base'],
  security: ['base', 'message', 'wire'],
  transport: ['base', 'wire'],
  broker: ['base', 'wire'],
  rpc: ['base', 'message'],
  puppet: ['base'],
  agents: ['base', 'message', 'rpc', 'puppet'],
  data: ['base', 'message', 'rpc', 'puppet'],
  daemon: ['base', 'message', 'security', 'transport', 'rpc', 'puppet'],
  client: ['base', 'message', 'security', 'transport', 'rpc'],
  config: ['base'],
  cli: ['base', 'message', 'rpc', 'client'],
  setup: ['base', 'security'],
  store: ['base', 'message'],
  console: ['base', 'message', 'rpc', 'client', 'store'],
  main: [
    ...['base', 'message', 'wire', 'security', 'transport', 'broker', 'rpc', 'puppet', 'agents', 'data', 'daemon'],
    ...['client', 'config', 'cli', 'setup', 'store', 'console'],
  ],
}

const SOCKETS = ['net', 'tls', 'dgram', 'http', 'https', 'http2']
const FILES = ['fs', 'fs/promises']
const PROGRAMS = ['child_process', 'worker_threads', 'cluster']

/** Layer -> built-in modules it must not use, so that what it does stays testable without them. */
const MUST_NOT_USE: Record<string, readonly string[]> = {
  base: [...SOCKETS, ...PROGRAMS],
  message: [...SOCKETS, ...FILES, ...PROGRAMS],
  wire: [...SOCKETS, ...FILES, ...PROGRAMS, 'crypto', 'timers', 'os'],
  security: [...SOCKETS, ...FILES, ...PROGRAMS],
  transport: [...FILES, ...PROGRAMS],
  broker: PROGRAMS,
  rpc: [...SOCKETS, ...FILES, ...PROGRAMS],
  puppet: SOCKETS,
  agents: SOCKETS,
  data: SOCKETS,
  daemon: SOCKETS,
  client: [...SOCKETS, ...PROGRAMS],
  config: [...SOCKETS, ...PROGRAMS],
  cli: [...SOCKETS, 'crypto'],
}

const sources = filesUnder('src', '.ts')
const production = sources.filter((file) => !file.endsWith('.test.ts'))
const layerOf = (file: string): string => file.split('/')[1] ?? ''

test('layers: every folder of src is a layer of the table', () => {
  expectNone(
    sources.filter((file) => !(layerOf(file) in MAY_IMPORT)),
    'These files lie in no layer: move them into one, or add the layer to this table and to ARCHITECTURE.md.',
  )
})

test('layers: a layer imports only the layers below it', () => {
  const offences: string[] = []
  for (const file of production) {
    const layer = layerOf(file)
    for (const { specifier } of importsOf(file)) {
      const target = targetOf(file, specifier)
      if (target === undefined || layerOf(target) === layer) continue
      if (!(MAY_IMPORT[layer] ?? []).includes(layerOf(target))) {
        offences.push(`${file} imports ${specifier}: ${layer} may import ${MAY_IMPORT[layer]?.join(', ') || 'nothing'}`)
      }
    }
  }
  expectNone(
    offences,
    'Imports against the direction of the layers. Hand the value in from src/main, move the shared part down into a layer ' +
      'both may import, or declare a contract in the lower layer that the upper one fulfils.',
  )
})

test('layers: imports are #layer/file.ts across layers and relative inside one', () => {
  const offences: string[] = []
  for (const file of sources) {
    for (const { specifier } of importsOf(file)) {
      const target = targetOf(file, specifier)
      if (target === undefined) continue
      const inside = target.startsWith(`src/${layerOf(file)}/`)
      if (specifier.startsWith('.') && !inside) offences.push(`${file} imports ${specifier}: write #${target.slice(4)}`)
      if (specifier.startsWith('#') && inside) offences.push(`${file} imports ${specifier}: write a relative path`)
      if (!target.endsWith('.ts')) offences.push(`${file} imports ${specifier}: name the file with its .ts`)
    }
  }
  expectNone(offences, 'The import line shows the layer: # across layers, ./ or ../ inside one.')
})

test('layers: no layer uses what would make it untestable in memory', () => {
  const offences: string[] = []
  for (const file of production) {
    for (const { specifier, typeOnly } of importsOf(file)) {
      const builtIn = /^node:(.+)$/.exec(specifier)?.[1]
      if (builtIn === undefined || typeOnly) continue
      if (MUST_NOT_USE[layerOf(file)]?.includes(builtIn)) offences.push(`${file} imports ${specifier}`)
    }
  }
  expectNone(offences, 'Sockets, files and programs are handed in by src/main as values or small functions.')
})

test('layers: text is never evaluated', () => {
  const forbidden = /\beval\s*\(|\bnew Function\b|['"]node:vm['"]/
  expectNone(
    production.filter((file) => forbidden.test(withoutComments(textOf(file)))),
    'Evaluation of text is never needed here: parse it into data.',
  )
})

test('layers: settings are read by src/main alone and handed in as values', () => {
  const offences = production.filter(
    (file) =>
      !['config', 'main'].includes(layerOf(file)) && importsOf(file).some((i) => i.specifier.startsWith('#config/')),
  )
  expectNone(offences, 'Take the value as a parameter; src/main reads the configuration.')
})

const browser = [...filesUnder('web/src', '.ts'), ...filesUnder('web/src', '.tsx')]
const browserProduction = browser.filter((file) => !file.endsWith('.test.ts'))

test('layers: the browser knows of the server only the types of its API, and files there that import nothing', () => {
  const offences: string[] = []
  for (const file of browserProduction) {
    for (const { specifier, typeOnly } of importsOf(file)) {
      const target = targetOf(file, specifier)
      if (target === undefined || target.startsWith('web/src/')) continue
      const api = target.startsWith('src/console/api/') && specifier.startsWith('#')
      if (!api) offences.push(`${file} imports ${specifier}`)
      else if (!typeOnly && importsOf(target).length > 0) offences.push(`${file} imports values of ${specifier}`)
    }
  }
  expectNone(
    offences,
    'Write `import type ... from "#console/api/..."`. What the browser shares with the server as code is a file of src/console/api without imports.',
  )
})

test('layers: the browser uses no module of node, shows no foreign text as HTML, and keeps no secret in storage', () => {
  const offences: string[] = []
  for (const file of browserProduction) {
    const code = withoutComments(textOf(file))
    if (importsOf(file).some(({ specifier }) => specifier.startsWith('node:'))) offences.push(`${file} imports node:`)
    if (/dangerouslySetInnerHTML|\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write\b/.test(code)) {
      offences.push(`${file} writes HTML`)
    }
    if (/\beval\s*\(|\bnew Function\b|javascript:/.test(code)) offences.push(`${file} evaluates text`)
    if (/localStorage/.test(code) && /password|token|secret/i.test(code)) offences.push(`${file} may store a secret`)
  }
  expectNone(
    offences,
    'React escapes what is put into elements as text; values from nodes go through ValueView or ForeignText.',
  )
})
