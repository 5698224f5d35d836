// The console's API, its schemas, its documents and docs/reference/api.md say the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderApiPage } from '../../src/console/api-page.ts'
import { openApiOf } from '../../src/console/open-api.ts'
import { routeTable } from '../../src/console/route-table.ts'
import { textOf } from './tree.ts'

const routes = routeTable('3.0.0')

test('api: docs/reference/api.md is made from the table of routes', () => {
  assert.equal(
    textOf('docs/reference/api.md'),
    renderApiPage(routes),
    'run node_modules/.bin/node scripts/api-page.mjs',
  )
})

test('api: every route is in the OpenAPI document, with its summary, security and what it answers', async () => {
  const document = (await openApiOf(routes, '3.0.0')) as {
    openapi: string
    paths: Record<string, Record<string, { summary: string; security: unknown[]; responses: Record<string, unknown> }>>
  }
  assert.equal(document.openapi, '3.1.0')
  for (const line of routes) {
    const described = document.paths[line.path.replace(/:(\w+)/g, '{$1}')]?.[line.method.toLowerCase()]
    assert.ok(described, `${line.method} ${line.path} is not in the document`)
    assert.equal(described.summary, line.summary)
    assert.equal(described.security.length, line.role === 'anonymous' ? 0 : 2)
    assert.deepEqual(Object.keys(described.responses), [String(line.status ?? 200), 'default'])
  }
  assert.doesNotMatch(JSON.stringify(document), /"~|\$ref/)
})

test('api: every text and list that comes in has a bound', () => {
  const offences: string[] = []
  const look = (where: string, shape: unknown): void => {
    if (typeof shape !== 'object' || shape === null) return
    const { type, maxLength, maxItems, const: fixed, enum: words, pattern } = shape as Record<string, unknown>
    if (
      type === 'string' &&
      fixed === undefined &&
      words === undefined &&
      maxLength === undefined &&
      !isShort(pattern)
    ) {
      offences.push(`${where}: a text without maxLength`)
    }
    if (type === 'array' && maxItems === undefined) offences.push(`${where}: a list without maxItems`)
    for (const [key, inner] of Object.entries(shape)) look(`${where}.${key}`, inner)
  }
  for (const line of routes) {
    for (const part of ['params', 'query', 'body'] as const) look(`${line.method} ${line.path} ${part}`, line[part])
  }
  assert.deepEqual(offences, [], 'give every text and list that comes from outside a bound')
})

/** Patterns that say themselves how long a text may be. */
const isShort = (pattern: unknown): boolean => typeof pattern === 'string' && !/[*+]|\{\d+,\}/.test(pattern)
