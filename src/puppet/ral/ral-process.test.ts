import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findRuby } from './ral-process.ts'

/** A machine with these programs by path; the text is how they begin. */
function machineWith(programs: Readonly<Record<string, string>>) {
  return {
    findProgram: async (name: string) =>
      Object.keys(programs).find((path) => (name.includes('/') ? path === name : path.endsWith(`/${name}`))),
    readFile: async (path: string) => programs[path],
  }
}

describe('findRuby', () => {
  const own = '/opt/puppetlabs/puppet/bin/ruby'
  const debian = { '/usr/bin/puppet': '#!/usr/bin/ruby\n\nbegin', '/usr/bin/ruby': '' }

  test("takes the Ruby of Puppet's own package before that of the system", async () => {
    assert.deepEqual(await findRuby(machineWith({ ...debian, [own]: '' })), { ruby: own })
    assert.deepEqual(await findRuby(machineWith({ '/opt/puppet/bin/ruby': '' })), { ruby: '/opt/puppet/bin/ruby' })
  })

  test('takes the one that the program puppet names', async () => {
    assert.deepEqual(await findRuby(machineWith(debian)), { ruby: '/usr/bin/ruby' })
    const named = { '/usr/bin/puppet': '#! /usr/bin/ruby3.1 -W0\n', '/usr/bin/ruby3.1': '', '/usr/bin/ruby': '' }
    assert.deepEqual(await findRuby(machineWith(named)), { ruby: '/usr/bin/ruby3.1' })
    const env = { '/usr/local/bin/puppet': '#!/usr/bin/env ruby\n', '/usr/local/bin/ruby': '' }
    assert.deepEqual(await findRuby(machineWith(env)), { ruby: '/usr/local/bin/ruby' })
  })

  test('takes ruby where puppet is a wrapper in another language', async () => {
    const wrapper = { '/usr/bin/puppet': '#!/bin/sh\n', '/usr/bin/ruby': '' }
    assert.deepEqual(await findRuby(machineWith(wrapper)), { ruby: '/usr/bin/ruby' })
  })

  test('takes the one that the operator names and no other', async () => {
    const machine = machineWith({ ...debian, '/srv/ruby': '' })
    assert.deepEqual(await findRuby(machine, '/srv/ruby'), { ruby: '/srv/ruby' })
    assert.deepEqual(await findRuby(machine, '/srv/other'), { missing: 'there is no program /srv/other' })
  })

  test('says what is missing', async () => {
    assert.deepEqual(await findRuby(machineWith({})), { missing: 'Puppet is not installed' })
    assert.deepEqual(await findRuby(machineWith({ '/usr/bin/puppet': '#!/usr/bin/ruby\n' })), {
      missing: 'Puppet is installed, but /usr/bin/ruby is not',
    })
  })
})
