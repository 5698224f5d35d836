// The broker is what strangers reach: its unit takes every secret from it that it does not need.

import { test } from 'node:test'
import { DEFAULT_DIRECTORY, DEFAULT_STATE_DIRECTORY } from '../../src/setup/installed.ts'
import { expectNone, textOf } from './tree.ts'

test('troupe-broker.service: secrets of the collective that the broker has no use for are out of its reach', () => {
  const unit = textOf('packaging/troupe-broker.service')
  const hidden = new Set(/^InaccessiblePaths=(.*)$/m.exec(unit)?.[1]?.split(' '))
  const wanted = [
    'credentials',
    'credentials.previous',
    'aes',
    'distributed',
    'ssl/ca-key.pem',
    'client.cfg',
    'server.cfg',
  ]
  const paths = [...wanted.map((name) => `${DEFAULT_DIRECTORY}/${name}`), DEFAULT_STATE_DIRECTORY, '/etc/shadow']
  expectNone(
    paths.filter((path) => !hidden.has(`-${path}`)),
    'Name it in InaccessiblePaths.',
  )
})
