// `mco plugin info` and `mco plugin package`: what a plugin directory holds, and a tar file of it to unpack in a libdir. [cli 8.7, M-011]

import { gzipSync } from 'node:zlib'
import { messageOf } from '#base/errors.ts'
import type { Ddl, PluginKind } from '#rpc/ddl/ddl.ts'
import type { CommandContext, DirectoryFile } from './command.ts'
import { EXIT } from './exit-codes.ts'
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

export async function packagePlugin(context: CommandContext, directory: string | undefined): Promise<number> {
  const { ddl, files } = await readPlugin(context, directory)
  const name = context.options.text('name') ?? ddl.name
  const { version } = ddl.metadata
  const revision = context.options.number('revision') ?? 1
  const file = `mcollective-${name}-${ddl.kind}-${version}-${revision}.tar.gz`.replace(/[^\w.-]/g, '_')
  const entries = files.map((entry) => ({ ...entry, path: `mcollective/${entry.path}` }))
  await context.writeFile(file, gzipSync(tarOf(entries, context.now())), { overwrite: true })
  if (context.json) context.terminal.json({ ...described(ddl, files), package: file })
  else context.terminal.out(`Created package ${file}; unpack it in a libdir: tar -xzf ${file} -C LIBDIR`)
  return EXIT.ok
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

const BLOCK = 512

/** A ustar archive. Names longer than it can hold are refused. */
function tarOf(files: readonly DirectoryFile[], nowMs: number): Buffer {
  const parts: Buffer[] = []
  for (const file of files) {
    parts.push(tarHeader(file, nowMs), Buffer.from(file.bytes))
    parts.push(Buffer.alloc((BLOCK - (file.bytes.length % BLOCK)) % BLOCK))
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function tarHeader({ path, bytes, executable }: DirectoryFile, nowMs: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(path) > 100) throw usageError(`cannot package ${path}: its name is longer than 100 bytes`)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(path, 0)
  header.write(octal(executable ? 0o755 : 0o644, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(bytes.length, 11), 124)
  header.write(octal(Math.floor(nowMs / 1000), 11), 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  header.write('root', 265)
  header.write('root', 297)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
