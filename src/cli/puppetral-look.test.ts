import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value, Values } from '#message/request.ts'
import { prettyInspect } from '#rpc/inspect.ts'
import { puppetralFields } from './puppetral-look.ts'

const shown = (action: string, data: Values) =>
  puppetralFields(action, data).map(({ name, label, value, inspect }) => [
    label ?? `DDL label of ${name}`,
    prettyInspect(value, inspect),
  ])

const FILE = {
  ctime: '2011-11-15 11:32:10 -0800',
  ensure: 'file',
  group: 0,
  content: '{md5}09f7e02f1290be211da707a266f153b3',
}

test('puppetralFields: find has bare names and a parameters map as in the document [R-084, R-085]', () => {
  const data = { type: 'File', title: '/tmp/hello', tags: ['file'], exported: false, managed: false, parameters: FILE }
  assert.deepEqual(shown('find', data), [
    ['exported', 'false'],
    ['managed', 'false'],
    [
      'parameters',
      '{:ctime=>Tue Nov 15 11:32:10 -0800 2011,\n :ensure=>:file,\n :group=>0,\n :content=>"{md5}09f7e02f1290be211da707a266f153b3"}',
    ],
    ['tags', '["file"]'],
    ['title', '"/tmp/hello"'],
    ['type', '"File"'],
  ])
})

test('puppetralFields: create keeps the labels of the DDL, and its resource is that of the document [R-081]', () => {
  const title = "/bin/bash -c 'echo Hello > /tmp/hello'"
  const resource = { exported: false, title, parameters: { returns: 'notrun' }, tags: ['exec'], type: 'Exec' }
  assert.deepEqual(shown('create', { status: 'Resource was created', resource }), [
    [
      'DDL label of resource',
      `{"exported"=>false,\n "title"=>"${title}",\n "parameters"=>{:returns=>:notrun},\n "tags"=>["exec"],\n "type"=>"Exec"}`,
    ],
    ['DDL label of status', '"Resource was created"'],
  ])
})

test('puppetralFields: search has one field a title', () => {
  const result = [
    { title: 'bash', type: 'Package', parameters: { ensure: '5.2.15-2+b8' } },
    { title: 'zsh', type: 'Package', parameters: { ensure: 'purged' } },
  ]
  assert.deepEqual(shown('search', { result }), [
    ['bash', '{"title"=>"bash", "type"=>"Package", "parameters"=>{:ensure=>"5.2.15-2+b8"}}'],
    ['zsh', '{"title"=>"zsh", "type"=>"Package", "parameters"=>{:ensure=>:purged}}'],
  ])
})

test('puppetralFields: shows whatever a node sends instead', () => {
  const odd: Value[] = [null, 'x', 7, [], [[1]], { parameters: 'x' }, { parameters: null }]
  for (const value of odd) {
    for (const [action, data] of [
      ['find', { parameters: value }],
      ['create', { resource: value }],
      ['search', { result: value }],
      ['search', { result: [value] }],
    ] as const) {
      assert.doesNotThrow(() => shown(action, data))
    }
  }
  assert.deepEqual(
    shown('find', { parameters: { ctime: '2011-99-99 00:00:00 +0000\n' } })[0]?.[1],
    '{:ctime=>"2011-99-99 00:00:00 +0000\\n"}',
  )
})
