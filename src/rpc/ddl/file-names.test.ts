import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ddlFileNames, pluginNameOf } from './file-names.ts'

describe('DDL file names [agents 2.2]', () => {
  it('ddlFileNames gives the candidates of each kind in order', () => {
    assert.deepEqual(ddlFileNames('agent', 'rpcutil'), ['agent/rpcutil.ddl', 'agent/rpcutil.ddl.json'])
    assert.deepEqual(ddlFileNames('data', 'fstat'), ['data/fstat_data.ddl', 'data/fstat_data.ddl.json'])
    assert.deepEqual(ddlFileNames('validator', 'package_name'), [
      'validator/package_name_validator.ddl',
      'validator/package_name_validator.ddl.json',
      'validator/package_name.ddl',
      'validator/package_name.ddl.json',
    ])
    for (const kind of ['discovery', 'aggregate', 'connector'] as const)
      assert.deepEqual(ddlFileNames(kind, 'x'), [`${kind}/x.ddl`, `${kind}/x.ddl.json`])
  })

  it('pluginNameOf is the way back', () => {
    for (const kind of ['agent', 'data', 'validator', 'discovery', 'aggregate', 'connector'] as const)
      for (const file of ddlFileNames(kind, 'some_name'))
        assert.equal(pluginNameOf(kind, file.split('/')[1] ?? ''), 'some_name')
    assert.equal(pluginNameOf('data', 'fstat.ddl'), null)
    assert.equal(pluginNameOf('agent', 'rpcutil.rb'), null)
  })
})
