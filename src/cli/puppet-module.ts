// A Puppet module that brings the files of a plugin into the libdir of nodes and clients, as a tar file `puppet module install` takes. Classes as
// the original's packages: common, agent, client. [cli 8.7]

import { gzipSync } from 'node:zlib'
import type { DirectoryFile } from './command.ts'
import { parentsOf, tarOf } from './tar-archive.ts'
import { usageError } from './usage-error.ts'

export interface ModuleModel {
  /** e.g. `mcollective_agent_demo`. */
  readonly name: string
  /** Who publishes it, e.g. `site`. */
  readonly owner: string
  /** e.g. `1.0.0`. */
  readonly version: string
  readonly author: string
  readonly license: string
  readonly url: string
  readonly summary: string
  /** Default of the parameter, e.g. `/usr/share/mcollective`. */
  readonly libdir: string
  /** Files below `mcollective/` of the libdir, by class: `common`, `agent`, `client`. */
  readonly parts: ReadonlyMap<string, readonly DirectoryFile[]>
}

const NAME = /^[a-z][a-z0-9_]*$/
const OWNER = /^[A-Za-z0-9]+$/
const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/
/** What stands in a manifest and in a URL as it is. */
const PATH = /^[\w.+@-]+(?:\/[\w.+@-]+)*$/

/** The tar file and its name. Throws USAGE_INVALID for names and versions that Puppet would not take. */
export function puppetModuleOf(model: ModuleModel, nowMs: number): { readonly file: string; readonly bytes: Buffer } {
  const { name, owner, version } = model
  if (!NAME.test(name)) throw usageError(`'${name}' cannot be the name of a Puppet module`)
  if (!OWNER.test(owner))
    throw usageError(`'${owner}' cannot publish a Puppet module: --vendor takes letters and digits`)
  if (!VERSION.test(version))
    throw usageError(`'${version}' cannot be the version of a Puppet module, which has three numbers: --pluginversion`)
  const files = new Map<string, { readonly bytes: Uint8Array; readonly executable?: boolean }>()
  const text = (path: string, content: string): void => void files.set(path, { bytes: Buffer.from(content) })
  text('metadata.json', `${JSON.stringify(metadataOf(model), null, 2)}\n`)
  text('README.md', readme(model))
  text('manifests/init.pp', initManifest(model))
  for (const [part, entries] of model.parts) {
    text(`manifests/${part}.pp`, partManifest(model, part, entries))
    for (const entry of entries) files.set(`files/${part}/${entry.path}`, entry)
  }
  const root = `${owner}-${name}-${version}`
  const entries = [...files].map(([path, { bytes, executable }]) => ({
    ...{ path: `${root}/${path}`, bytes },
    mode: executable ? 0o755 : 0o644,
  }))
  const folders = parentsOf(entries.map(({ path }) => path)).map((path) => ({ path }))
  return { file: `${root}.tar.gz`, bytes: gzipSync(tarOf([...folders, ...entries], nowMs), { level: 9 }) }
}

function metadataOf({ owner, name, version, author, license, url, summary }: ModuleModel): object {
  return {
    ...{ name: `${owner}-${name}`, version, author, summary: summary.slice(0, 144), license, source: url },
    dependencies: [],
    requirements: [{ name: 'puppet', version_requirement: '>= 4.10.0 < 9.0.0' }],
  }
}

/** Only classes there are files for. */
function initManifest({ name, libdir, summary, parts }: ModuleModel): string {
  const chosen = [...parts.keys()].filter((part) => part !== 'common')
  const about: Readonly<Record<string, string>> = {
    agent: 'Whether this node has the agent itself; others need it not.',
    client: 'Whether operators work on this node.',
  }
  return `# ${comment(summary)}
#
# @param ensure Whether the plugin is there.
# @param libdir A libdir of server.cfg and client.cfg.
# @param service Title of the daemon's service, restarted when files change, if it is in the catalogue.
${chosen.map((part) => `# @param ${part} ${about[part] ?? 'Whether these files are there.'}\n`).join('')}class ${name} (
  Enum['present', 'absent'] $ensure = 'present',
  Pattern[/\\A\\/./] $libdir = ${quoted(libdir)},
  String[1] $service = 'mcollective',
${chosen.map((part) => `  Boolean $${part} = ${part !== 'client'},\n`).join('')}) {
${parts.has('common') ? `  contain ${name}::common\n` : ''}${chosen
  .map((part) => `  if $${part} {\n    contain ${name}::${part}\n  }\n`)
  .join('')}
  Class[${quoted(name)}] ~> Service <| title == $service |>
}
`
}

function partManifest({ name }: ModuleModel, part: string, entries: readonly DirectoryFile[]): string {
  for (const { path } of entries)
    if (!PATH.test(path))
      throw usageError(`cannot package ${path} in a Puppet module: rename it to letters, digits, _ . + @ -`)
  // Other plugins bring the same directories along.
  const folders = parentsOf(entries.map(({ path }) => path)).map((path) => path.slice(0, -1))
  const directories = folders.map((folder) => `    "\${libdir}/${folder}",\n`).join('')
  const files = entries.map(
    ({ path, executable }) => `  file { "\${libdir}/${path}":
    ensure => $${name}::ensure,
    source => ${quoted(`puppet:///modules/${name}/${part}/${path}`)},
    owner  => 0,
    group  => 0,
    mode   => '${executable ? '0755' : '0644'}',
  }
`,
  )
  return `# Files of ${name} for ${part === 'common' ? 'nodes and clients' : part === 'agent' ? 'nodes' : 'clients'}.
#
# @api private
class ${name}::${part} {
  $libdir = $${name}::libdir
  if $${name}::ensure == 'present' {
    [
    $libdir,
${directories}    ].each |$directory| {
      unless defined(File[$directory]) {
        file { $directory:
          ensure => directory,
        }
      }
    }
  }
${files.join('')}}
`
}

function readme({ name, summary, libdir, parts }: ModuleModel): string {
  const also = parts.has('client')
    ? `\nOn the machines of operators \`client => true\` brings what only they need.\n`
    : ''
  return `# ${name}

${comment(summary)}

    include ${name}

puts the plugin into \`${libdir}\`, which has to be a \`libdir\` of server.cfg and client.cfg, and restarts the service \`mcollective\` when
something changed. \`agent => false\` is for machines of operators that are no nodes. \`ensure => absent\` takes it away.
${also}`
}

function comment(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
}

/** A string of Puppet in which nothing is interpolated. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
