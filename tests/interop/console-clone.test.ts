// A user cloned to a node with the real Puppet, and taken back: in /etc/passwd, /etc/shadow and /etc/group, of a copy that nobody else sees.
// Takes root. [live 12.5]

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensurePackage } from '../debian-package.ts'

const child = fileURLToPath(new URL('console-clone-child.ts', import.meta.url))
/** /etc and /home with every change kept in memory, for this process and its children alone. */
const APART = `set -e
mount -t tmpfs tmpfs /mnt
for folder in etc home; do
  mkdir /mnt/$folder /mnt/$folder.work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder,workdir=/mnt/$folder.work /$folder
done
exec "$@"`

before(() => ensurePackage('puppet-agent', '/usr/bin/puppet'))

test('a user is cloned with its groups, changed by a second clone, and undone step by step, by the real Puppet', async () => {
  const argv = ['--mount', 'sh', '-c', APART, 'sh', process.execPath, child]
  const { stdout } = await promisify(execFile)('unshare', argv, { timeout: 120_000 })
  const nobody = ['', '', '', '']
  const gopher = ['gopher:x:ID:ID:Gopher:/home/gopher:/bin/bash', '$6$salt$gopher', 'gophers:x:ID:', '']
  const another = [
    ...['gopher:x:ID:ID:Another:/home/gopher:/bin/sh', '$6$salt$other', 'gophers:x:ID:', 'climbers:x:ID:gopher'],
  ]
  assert.deepEqual(JSON.parse(stdout), [
    nobody,
    ['create', ['comment', 'ensure', 'group', 'home', 'password', 'shell'], ['group gophers would be created']],
    ['ok', ''],
    gopher,
    ['nothing', [], []],
    ['change', ['comment', 'groups', 'password', 'shell'], ['group climbers would be created']],
    ['ok', ''],
    another,
    ['ok', 'user gopher restored; group climbers removed'],
    gopher,
    ['ok', 'user gopher removed, but its home directory left as it is; group gophers removed'],
    nobody,
  ])
})
