// The completion scripts in the shells they are made for: each is loaded by the real shell and asked what a press of Tab would offer.
// [M-012]

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { completionScript } from '../../src/cli/completion-scripts.ts'
import { ensurePackage } from '../debian-package.ts'

const program = fileURLToPath(new URL('../../src/main/launch-mco.ts', import.meta.url))
let directory: string

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'troupe-completion-'))
  writeFileSync(join(directory, 'mco'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
  chmodSync(join(directory, 'mco'), 0o755)
  for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(join(directory, `mco.${shell}`), completionScript(shell))
})
after(() => rmSync(directory, { recursive: true }))

/** Runs a shell with `mco` on its path and a home of its own. */
function run(shell: string, args: readonly string[]): string {
  const env = { PATH: `${directory}:${process.env.PATH}`, HOME: directory, TERM: 'xterm', LC_ALL: 'C.UTF-8' }
  return execFileSync(shell, args, {
    env,
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  })
}

/** Line up to the cursor -> offers that must be among those shown, and one that must not. */
const LINES: readonly (readonly [readonly string[], readonly string[], string])[] = [
  [['mco', 'f'], ['facts', 'find'], 'ping'],
  [['mco', 'rpc', 'rpcu'], ['rpcutil'], 'controller'],
  [['mco', 'rpc', '-F', 'osfamily=Debian', 'rpcutil', 'get_f'], ['get_fact', 'get_facts'], 'ping'],
  [['mco', 'rpc', 'rpcutil', 'get_fact', ''], ['fact='], 'get_fact'],
  [['mco', 'ping', '--look', ''], ['classic', 'modern'], 'ping'],
  [['mco', 'ping', '--con'], ['--config', '--connection-timeout'], '--color'],
  [['mco', 'controller', ''], ['stats', 'reload_agent', 'exit'], 'ping'],
]

function check(offers: readonly string[], line: readonly string[], wanted: readonly string[], unwanted: string): void {
  for (const word of wanted)
    assert.ok(offers.includes(word), `${line.join(' ')}: ${word} is not in ${offers.join(', ')}`)
  assert.ok(!offers.includes(unwanted), `${line.join(' ')}: ${unwanted} is in ${offers.join(', ')}`)
}

const quoted = (word: string): string => `'${word}'`

test('completion in bash offers commands, agents, actions, inputs and options', () => {
  ensurePackage('bash', '/bin/bash')
  for (const [line, wanted, unwanted] of LINES) {
    const script = `source ./mco.bash; COMP_WORDS=(${line.map(quoted).join(' ')}); COMP_CWORD=${line.length - 1}; _mco; printf '%s\\n' "\${COMPREPLY[@]}"`
    check(run('/bin/bash', ['-c', script]).split('\n'), line, wanted, unwanted)
  }
  const registered = run('/bin/bash', ['-c', 'source ./mco.bash; complete -p mco'])
  assert.match(registered, /-F _mco mco/)
})

test('completion in fish offers commands, agents, actions, inputs and options', () => {
  ensurePackage('fish', '/usr/bin/fish')
  for (const [line, wanted, unwanted] of LINES) {
    const script = `source ./mco.fish; complete -C ${quoted(line.join(' '))}`
    const offers = run('/usr/bin/fish', ['-c', script])
      .split('\n')
      .map((offer) => offer.split('\t')[0] as string)
    check(offers, line, wanted, unwanted)
  }
})

test('completion in zsh offers commands, agents, actions, inputs and options', () => {
  ensurePackage('zsh', '/usr/bin/zsh')
  writeFileSync(join(directory, '_mco'), completionScript('zsh'))
  // A terminal of zsh's own (zpty) in which Tab is pressed; what compadd is given is written to a file instead of the screen.
  const driver = (line: readonly string[]): string => `
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell 'cd ${directory}; fpath=(${directory} $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w shell 'compadd() { local -a found; builtin compadd -O found "$@"; print -l -- $found >> offers.txt; builtin compadd "$@" }'
zpty -w shell 'bindkey "^I" complete-word; print yes > loaded.txt'
for i in {1..100}; do [[ -s loaded.txt ]] && break; sleep 0.1; done
sleep 0.2
zpty -w -n shell ${quoted(line.join(' '))}$'\\t'
for i in {1..100}; do [[ -s offers.txt ]] && break; sleep 0.1; done
sleep 0.3
zpty -d shell
[[ -f offers.txt ]] && cat offers.txt
`
  for (const [line, wanted, unwanted] of LINES) {
    for (const file of ['offers.txt', 'loaded.txt']) rmSync(join(directory, file), { force: true })
    const offers = run('/usr/bin/zsh', ['-f', '-c', driver(line)]).split('\n')
    check(offers, line, wanted, unwanted)
  }
})
