// The memory of what slow package providers list (src/puppet/ral/ral-package-lists.rb), with a real Ruby and Python and made-up providers:
// when they are asked again, and when not. What real ones list is in puppetral.test.ts. [agents 9.1]

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensurePackage } from '../debian-package.ts'

const library = fileURLToPath(new URL('../../src/puppet/ral/ral-package-lists.rb', import.meta.url))

/** Provider(name, command) and `ask`, which gives what each lists and the names of those that were really asked. */
const SETTING = `
require ARGV[0]
require 'fileutils'
module Puppet; module Util; def self.which(name) = "/usr/bin/#{name}"; end; end
Provider = Struct.new(:name, :provider_command)
LISTS = PackageLists.new
$title = 'one'
$broken = false
def ask(*providers)
  File.write('asked', '')
  lists = LISTS.ask(providers) do |provider|
    File.write('asked', "#{provider.name} ", mode: 'a')
    yield if block_given?
    raise 'broken' if $broken
    [{ 'title' => $title, 'parameters' => { 'provider' => provider.name.to_s } }]
  end.call
  puts JSON.generate([File.read('asked').split.sort, lists.map { |list| list.map { |one| "#{one['title']} #{one['parameters']['provider']}" } }])
end
def tool(path, first)
  FileUtils.mkdir_p(File.dirname(path))
  File.write(path, "#{first}\\nwhatever\\n")
  path
end
PIP = Provider.new(:pip, tool("#{Dir.pwd}/bin/pip", '#!/usr/bin/python3'))
PIP3 = Provider.new(:pip3, tool("#{Dir.pwd}/bin/pip3", '#!/usr/bin/env python3'))
GEM = Provider.new(:gem, tool("#{Dir.pwd}/bin/gem", "#!#{RbConfig.ruby}"))
`

before(() => ensurePackage('ruby', '/usr/bin/ruby'))

/** Lines of answers: who was asked, what each provider lists. */
function inRuby(script: string): [asked: string[], lists: string[][]][] {
  const folder = mkdtempSync(join(tmpdir(), 'package-lists-'))
  try {
    for (const name of ['python', 'gems/specifications']) mkdirSync(join(folder, name), { recursive: true })
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      PYTHONPATH: join(folder, 'python'),
      GEM_PATH: join(folder, 'gems'),
    }
    const text = execFileSync('/usr/bin/ruby', ['-e', SETTING + script, library], {
      cwd: folder,
      env,
      encoding: 'utf8',
    })
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('pip is asked again when a package, a folder, its configuration or itself changed, and only then', () => {
  const answers = inRuby(`
    ask(PIP); ask(PIP)
    $title = 'two'
    Dir.mkdir('python/x-1.0.dist-info'); ask(PIP); ask(PIP)
    $title = 'three'
    File.write('python/x-1.0.dist-info/METADATA', 'Version: 2'); ask(PIP); ask(PIP)
    $title = 'four'
    File.write('python/more.pth', Dir.pwd); ask(PIP); ask(PIP)
    $title = 'five'
    FileUtils.mkdir_p('.config/pip'); File.write('.config/pip/pip.conf', 'x'); ask(PIP); ask(PIP)
    $title = 'six'
    File.write('bin/pip', "#!/usr/bin/python3\\nnewer\\n"); ask(PIP); ask(PIP)
  `)
  const words = ['one', 'two', 'three', 'four', 'five', 'six']
  assert.deepEqual(
    answers,
    words.flatMap((word) => [
      [['pip'], [[`${word} pip`]]],
      [[], [[`${word} pip`]]],
    ]),
  )
})

test('gem is asked again when a gem came, changed or went', () => {
  const answers = inRuby(`
    ask(GEM); ask(GEM)
    $title = 'two'
    File.write('gems/specifications/x-1.0.gemspec', 'a'); ask(GEM); ask(GEM)
    $title = 'three'
    File.write('gems/specifications/x-1.0.gemspec', 'bb'); ask(GEM)
    $title = 'four'
    File.unlink('gems/specifications/x-1.0.gemspec'); ask(GEM)
  `)
  assert.deepEqual(
    answers.map(([asked, [list]]) => [asked.length, list]),
    [
      [1, ['one gem']],
      [0, ['one gem']],
      [1, ['two gem']],
      [0, ['two gem']],
      [1, ['three gem']],
      [1, ['four gem']],
    ],
  )
})

test('pip and pip3 that are one program are asked once; another program is another', () => {
  const answers = inRuby(`
    same = Provider.new(:pip3, tool("#{Dir.pwd}/bin/pip3.1", "#!/usr/bin/python3"))
    ask(PIP, same); ask(same, PIP)
    ask(PIP, PIP3)
  `)
  assert.deepEqual(answers, [
    [['pip'], [['one pip'], ['one pip3']]],
    [[], [['one pip3'], ['one pip']]],
    [['pip3'], [['one pip'], ['one pip3']]],
  ])
})

test('what failed, what changed meanwhile and what nobody can watch is asked each time', () => {
  const answers = inRuby(`
    $broken = true
    ask(PIP); ask(PIP)
    $broken = false
    ask(PIP) { Dir.mkdir('python/meanwhile.dist-info') }
    ask(PIP)
    other = Provider.new(:portage, nil)
    ask(other); ask(other)
    foreign = Provider.new(:gem, tool("#{Dir.pwd}/other/gem", '#!/bin/sh'))
    ask(foreign); ask(foreign)
    nowhere = Provider.new(:pip, nil)
    ask(nowhere); ask(nowhere)
  `)
  assert.deepEqual(
    answers.map(([asked]) => asked.length),
    Array.from(answers, () => 1),
  )
  assert.deepEqual(answers[0]?.[1], [[]])
})
