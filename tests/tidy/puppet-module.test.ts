// The Puppet module is described as it is: versions, parameters, and nothing from modules it does not name.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectNone, filesUnder, textOf } from './tree.ts'

const manifests = filesUnder('puppet-module', '.pp')

test('puppet-module: its version is the package version, and it needs no other module', () => {
  const metadata = JSON.parse(textOf('puppet-module/metadata.json')) as { version: string; dependencies: unknown[] }
  assert.equal(metadata.version, (JSON.parse(textOf('package.json')) as { version: string }).version)
  assert.deepEqual(metadata.dependencies, [])
  const ofStdlib = /\bStdlib::|\b(pick|ensure_packages|ensure_resource|validate_\w+|merge|dirname|to_json|deep_merge)\(/
  expectNone(
    manifests.filter((file) => ofStdlib.test(textOf(file))),
    'Functions and types of stdlib cannot be used: sites may not have it.',
  )
})

test('puppet-module: names are those of the files', () => {
  const offences = manifests.filter((file) => {
    const [, kind, ...path] = file.replace(/\.pp$/, '').split('/')
    const name = kind === 'manifests' && path[0] === 'init' ? 'troupe' : ['troupe', ...path].join('::')
    const word = { manifests: '(class|define)', functions: 'function', types: 'type' }[kind as 'types']
    return !new RegExp(`^${word} ${name}\\b`, 'im').test(textOf(file))
  })
  expectNone(offences, 'Puppet finds classes, functions and types by the names of their files.')
})

test('puppet-module: every parameter is documented, in the class and in the README', () => {
  const readme = textOf('puppet-module/README.md')
  const offences = ['init', 'master'].flatMap((name) => {
    const text = textOf(`puppet-module/manifests/${name}.pp`)
    const parameters = [...text.slice(0, text.search(/^\) \{/m)).matchAll(/^ {2}\S.*?\$(\w+)(?: =|,)/gm)].map(
      (m) => m[1]!,
    )
    const described = [...text.matchAll(/^# @param (\w+) /gm)].map((m) => m[1]!)
    assert.ok(parameters.length > 5)
    assert.deepEqual(described, parameters)
    return parameters.filter((one) => !readme.includes(`\`${one}\``)).map((one) => `${name}.pp: ${one}`)
  })
  expectNone(offences, 'Add the parameter to a table in puppet-module/README.md.')
})

test('puppet-module: what is sensitive shows no difference and leaves no copy', () => {
  const offences = filesUnder('puppet-module/manifests', '.pp').flatMap((file) => {
    const text = textOf(file)
    if (!text.includes('Sensitive(')) return []
    const lacks = ['show_diff => false', 'backup    => false'].filter((words) => !text.includes(words))
    return lacks.map((words) => `${file}: ${words}`)
  })
  expectNone(offences, 'Files with secrets take show_diff => false and backup => false.')
})
