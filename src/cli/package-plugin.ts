// `mco plugin info` and `mco plugin package`: what a plugin directory holds, and packages of it: Debian's, a Puppet module, a tar file. [cli 8.7,
// M-011]

import { gzipSync } from 'node:zlib'
import { messageOf } from '#base/errors.ts'
import type { Ddl, PluginKind } from '#rpc/ddl/ddl.ts'
import type { CommandContext, DirectoryFile } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { tarOf } from './tar-archive.ts'
import { oneLine } from './terminal.ts'
import { usageError } from './usage-error.ts'

const KINDS: readonly PluginKind[] = ['agent', 'data', 'discovery', 'aggregate', 'validator', 'connector']
/** Folders of a plugin directory that belong into a libdir. */
const FOLDERS = [...KINDS, 'application', 'audit', 'facts', 'registration', 'security', 'util']

interface PluginDirectory {
  readonly ddl: Ddl
  readonly files: readonly DirectoryFile[]
}

export async function describePlugin(context: CommandContext, directory: string | undefined): Promise<number> {
  const { ddl, files } = await readPlugin(context, directory)
  if (context.json) context.terminal.json(described(ddl, files))
  else context.terminal.out(screen(context, ddl, files).join('\n'))
  return EXIT.ok
}

type Part = 'common' | 'agent' | 'client' | 'plugin'

/** Writes the packages of a plugin directory into the current one. */
export async function packagePlugin(context: CommandContext, directory: string | undefined): Promise<number> {
  const { ddl, files } = await readPlugin(context, directory)
  const made = await madeIn(await formatOf(context), context, ddl, files)
  for (const { file, bytes } of made) await context.writeFile(file, bytes, { overwrite: true })
  if (context.json) context.terminal.json({ ...described(ddl, files), packages: made.map(({ file }) => file) })
  else for (const { file, hint } of made) context.terminal.out(`Created package ${file}${hint}`)
  return EXIT.ok
}

type Format = 'deb' | 'puppet' | 'tar'
interface Made {
  readonly file: string
  readonly bytes: Uint8Array
  /** What to do with it. */
  readonly hint: string
}

/** The names of the original stand for ours. */
const FORMATS: Readonly<Record<string, Format>> = {
  ...{ deb: 'deb', debpackage: 'deb', debian: 'deb' },
  ...{ puppet: 'puppet', module: 'puppet', modulepackage: 'puppet', tar: 'tar' },
}

async function formatOf(context: CommandContext): Promise<Format> {
  const asked = context.options.text('format') ?? 'ospackage'
  if (Object.hasOwn(FORMATS, asked)) return FORMATS[asked] as Format
  if (asked === 'rpm' || asked === 'rpmpackage')
    throw usageError('No .rpm is made here: use --format puppet, or build one of the files of --format tar')
  if (asked !== 'ospackage')
    throw usageError(`Cannot make a package of format ${asked}: known are ospackage, deb, puppet and tar`)
  return context.readFile('/etc/debian_version').then(
    () => 'deb',
    () => 'tar',
  )
}

async function madeIn(
  format: Format,
  context: CommandContext,
  ddl: Ddl,
  files: readonly DirectoryFile[],
): Promise<readonly Made[]> {
  if (format === 'deb') return debs(context, ddl, files)
  if (format === 'puppet') return [await puppetModule(context, ddl, files)]
  const { name, version, revision } = namesOf(context, ddl)
  const file = `mcollective-${name}-${ddl.kind}-${version}-${revision}.tar.gz`.replace(/[^\w.-]/g, '_')
  const entries = files.map(({ path, bytes, executable }) => ({ ...inLibdir(path), bytes, mode: modeOf(executable) }))
  const bytes = gzipSync(tarOf(entries, context.now()))
  return [{ file, bytes, hint: `; unpack it in a libdir: tar -xzf ${file} -C LIBDIR` }]
}

const inLibdir = (path: string): { path: string } => ({ path: `mcollective/${path}` })
const modeOf = (executable: boolean): number => (executable ? 0o755 : 0o644)

/** What the command line says, else the DDL, else the settings. */
function namesOf({ options, settings }: CommandContext, { name, metadata }: Ddl) {
  const of = (option: string, fromDdl: string, key = option): string =>
    options.text(option) || fromDdl || settings.setting(`plugin.metadata.${key}`) || ''
  return {
    name: options.text('name') ?? name,
    version: of('pluginversion', metadata.version, 'version'),
    revision: options.number('revision') ?? 1,
    author: of('author', metadata.author) || 'unknown',
    license: of('license', metadata.license) || 'unknown',
    url: of('url', metadata.url),
    description: of('description', metadata.description) || `Plugin ${name}`,
    vendor: of('vendor', ''),
    libdir: (options.text('pluginpath') ?? '/usr/share/mcollective').replace(/\/+$/, ''),
  }
}

/** As the original divides an agent: what everybody needs, what nodes need, what operators need; other plugins are one package. */
function partsOf({ kind }: Ddl, files: readonly DirectoryFile[]): Map<Part, readonly DirectoryFile[]> {
  const partOf = (path: string): Part => {
    if (kind !== 'agent') return 'plugin'
    if (/^(application|aggregate)\//.test(path)) return 'client'
    return path.startsWith('agent/') && !/\.ddl(\.json)?$/.test(path) ? 'agent' : 'common'
  }
  const parts = new Map<Part, DirectoryFile[]>()
  for (const part of ['common', 'agent', 'client', 'plugin'] as const) {
    const own = files.filter(({ path }) => partOf(path) === part)
    if (own.length > 0) parts.set(part, own)
  }
  return parts
}

const WHAT: Readonly<Record<Part, string>> = {
  common: 'what nodes and clients share',
  agent: 'for nodes',
  client: 'for operators',
  plugin: 'plugin',
}

async function debs(context: CommandContext, ddl: Ddl, files: readonly DirectoryFile[]): Promise<readonly Made[]> {
  const { debFileName, debOf } = await import('./deb-package.ts')
  const names = namesOf(context, ddl)
  const version = `${names.version}-${names.revision}`
  const base = `mcollective-${names.name}`.toLowerCase().replaceAll('_', '-')
  if (!/^(?:\/[\w.+@-]+)+$/.test(names.libdir)) throw usageError(`'${names.libdir}' cannot be a --pluginpath`)
  const scripts = await scriptsOf(context)
  const parts = partsOf(ddl, files)
  const depends = [...productOf(context), ...context.options.list('dependency')]
  const made: Made[] = []
  for (const [part, own] of parts) {
    const name = part === 'plugin' ? `${base}-${ddl.kind}` : `${base}-${part}`
    const common = part !== 'common' && parts.has('common') ? [`${base}-common (= ${version})`] : []
    const model = {
      ...{ name, version, scripts, depends: [...common, ...depends], vendor: names.vendor },
      ...{ maintainer: names.author, homepage: /^https?:\/\/\S+$/.test(names.url) ? names.url : '' },
      summary: `MCollective ${ddl.kind} ${names.name}: ${WHAT[part]}`,
      description: [names.description, `License: ${names.license}`],
      files: own.map((entry) => ({ ...entry, path: `${names.libdir}/mcollective/${entry.path}` })),
    }
    made.push({ file: debFileName(model), bytes: debOf(model, context.now()), hint: '' })
  }
  return made
}

/** The package of the daemon, when the operator names it or its version. */
function productOf({ options }: CommandContext): string[] {
  const [name, version] = [options.text('mcname'), options.text('mcversion')]
  if (name === undefined && version === undefined) return []
  return [`${name ?? 'troupe'}${version === undefined ? '' : ` (>= ${version})`}`]
}

async function scriptsOf(context: CommandContext): Promise<Map<'preinst' | 'postinst', Uint8Array>> {
  const scripts = new Map<'preinst' | 'postinst', Uint8Array>()
  for (const [option, name] of [
    ['preinstall', 'preinst'],
    ['postinstall', 'postinst'],
  ] as const) {
    const file = context.options.text(option)
    if (file === undefined) continue
    const text = await context.readFile(file).catch((cause) => {
      throw usageError(`Cannot read --${option} ${file}: ${messageOf(cause)}`)
    })
    if (!text.startsWith('#!')) throw usageError(`--${option} ${file} is no script: it has to begin with #!`)
    scripts.set(name, Buffer.from(text))
  }
  return scripts
}

async function puppetModule(context: CommandContext, ddl: Ddl, files: readonly DirectoryFile[]): Promise<Made> {
  const { puppetModuleOf } = await import('./puppet-module.ts')
  for (const option of ['preinstall', 'postinstall', 'mcname', 'mcversion'])
    if (context.options.text(option) !== undefined) throw usageError(`--${option} goes with --format deb`)
  if (context.options.list('dependency').length > 0) throw usageError('--dependency goes with --format deb')
  const { name, author, license, url, version, vendor, description, libdir } = namesOf(context, ddl)
  const parts = [...partsOf(ddl, files)].map(
    ([part, own]) => [part, own.map((entry) => ({ ...entry, ...inLibdir(entry.path) }))] as const,
  )
  const module = {
    name: `mcollective_${ddl.kind}_${name}`.toLowerCase().replaceAll('-', '_'),
    ...{ owner: vendor || 'site', version, author, license, url, summary: description, libdir, parts: new Map(parts) },
  }
  const { file, bytes } = puppetModuleOf(module, context.now())
  return { file, bytes, hint: `; install it on the Puppet master: puppet module install ${file}` }
}

async function readPlugin(context: CommandContext, directory: string | undefined): Promise<PluginDirectory> {
  if (directory === undefined) throw usageError('Please name the directory of the plugin')
  const all = await context.readDirectory(directory).catch((error) => {
    throw usageError(`target directory is not a valid mcollective plugin: ${messageOf(error)}`)
  })
  const files = all.filter(({ path }) => FOLDERS.includes(path.split('/')[0] as string))
  const { parseDdl } = await import('#rpc/ddl/parse.ts')
  for (const kind of KINDS) {
    const file = files.find(({ path }) => path.startsWith(`${kind}/`) && path.endsWith('.ddl'))
    if (!file) continue
    const name = (file.path.split('/').at(-1) as string).replace(/(_data|_validator)?\.ddl$/, '')
    const text = Buffer.from(file.bytes).toString('utf8')
    const ddl = parseDdl(text, { kind, name, file: `${directory}/${file.path}`, version: context.settings.version })
    return { ddl, files }
  }
  throw usageError('target directory is not a valid mcollective plugin')
}

function described({ kind, name, metadata }: Ddl, files: readonly DirectoryFile[]): object {
  return { kind, name, metadata, files: files.map(({ path }) => path) }
}

function screen({ terminal }: CommandContext, { kind, name, metadata }: Ddl, files: readonly DirectoryFile[]) {
  const rows: [string, string][] = [
    ['Type', kind],
    ['Version', metadata.version],
    ['Author', metadata.author],
    ['License', metadata.license],
    ['Home Page', metadata.url],
    ['Description', metadata.description],
  ]
  return [
    `Plugin information : ${terminal.style('bold', oneLine(name))}`,
    '',
    ...rows.map(([label, value]) => `${label.padStart(14)}: ${oneLine(value)}`),
    '',
    '   Files:',
    ...files.map(({ path }) => `      ${oneLine(path)}`),
    '',
  ]
}
