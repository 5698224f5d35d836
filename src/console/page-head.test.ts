import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withPageHead } from './page-head.ts'

const TEXT = '<html><head><title>Troupe</title></head><body></body></html>'
const PAGES = [
  { path: '/', files: ['/assets/overview-1.js'], asks: [] },
  { path: '/tasks/$agent', files: ['/assets/agent-1.js', '/assets/shared-1.js'], asks: ['/api/nodes'] },
]
const named = (path: string, signedIn = true): string[] =>
  [...withPageHead(TEXT, PAGES, path, signedIn).matchAll(/href="([^"]+)"/g)].map(([, address = '']) => address)

test('withPageHead: names the files of the page of this address, and what it asks', () => {
  assert.deepEqual(named('/'), ['/api/session', '/assets/overview-1.js'])
  const files = ['/assets/agent-1.js', '/assets/shared-1.js']
  assert.deepEqual(named('/tasks/puppet'), ['/api/session', '/api/nodes', ...files])
})

test('withPageHead: asks nothing that needs a session of who has none', () => {
  assert.deepEqual(named('/tasks/puppet', false), ['/api/session', '/assets/agent-1.js', '/assets/shared-1.js'])
})

test('withPageHead: an address that no page has still asks for the session', () => {
  for (const path of ['/tasks', '/tasks/puppet/runonce', '/tasks/"><script>', '/nothing']) {
    assert.deepEqual(named(path), path.startsWith('/tasks/"') ? named('/tasks/x') : ['/api/session'], path)
  }
})

test('withPageHead: nothing of the address gets into the page', () => {
  assert.doesNotMatch(withPageHead(TEXT, PAGES, '/tasks/"><script>', true), /<script|%|"">/)
})

test('withPageHead: questions come first, files last, and the rest stays as it is', () => {
  const text = withPageHead(TEXT, PAGES, '/', false)
  assert.match(text, /^<html><head>\s+<link rel="preload" as="fetch" crossorigin href="\/api\/session"><title>/)
  assert.match(text, /<\/title><link rel="modulepreload" crossorigin href="\/assets\/overview-1.js">\s+<\/head><body>/)
})
