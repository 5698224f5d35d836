// `npm run package`: Debian and RPM packages of what `npm run build` made, with the Node 24 they run on, so that a node needs neither
// npm nor a Node of its own. Takes dpkg-deb and, for the .rpm, rpmbuild; nothing is fetched. The same sources give the same bytes.
//   npm run package -- [--out packages] [--revision 1] [--compression xz|zstd|gzip|none] [--only deb|rpm]
//
// Everything is in /usr/lib/troupe, laid out as in a checkout (bin, dist, node_modules/node-linux-ARCH); packaging/ has what is around it.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { bootstrap, fail, root } from './bootstrap.mjs'
import { thirdPartyLicenses } from './third-party-licenses.mjs'

const HOME = 'usr/lib/troupe'
/** Each has a unit for systemd and an init script. */
const SERVICES = ['mcollective', 'troupe-broker', 'troupe-console']
const SUMMARY = 'Live orchestration for fleets run by Puppet'
const MAINTAINER = 'The Troupe authors <troupe@example.com>'
const DESCRIPTION = `Runs actions on many nodes at once, over an authenticated and encrypted message
bus, and accounts for every node: mco and a web console for operators,
mcollectived for nodes, troupe-broker in between.`
/** What the official Node 24 binary is linked to. */
const NEEDS = { deb: 'libc6 (>= 2.28), libstdc++6 (>= 5.2), libgcc-s1 | libgcc1', glibc: '2.28' }
const DEBIAN_ARCHITECTURE = { x64: 'amd64', arm64: 'arm64' }
const RPM_ARCHITECTURE = { x64: 'x86_64', arm64: 'aarch64' }
/** --compression -> options of dpkg-deb, payload of rpm. xz is what every Debian can unpack, and slow to make. */
const COMPRESSION = {
  xz: { deb: ['-Zxz', '-z6'], rpm: 'w6T0.xzdio' },
  zstd: { deb: ['-Zzstd', '-z3'], rpm: 'w3.zstdio' },
  gzip: { deb: ['-Zgzip', '-z1'], rpm: 'w1.gzdio' },
  none: { deb: ['-Znone'], rpm: 'w0.gzdio' },
}

/** Makes the packages; returns their paths. */
export async function makePackages({ out, revision = '1', compression = 'xz', only }) {
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
  if (!existsSync(node))
    fail(`Cannot make packages: ${node} is missing, and packages carry their own Node: run \`npm ci\`.`)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const builtAt = sourceDate()
  const work = mkdtempSync(join(tmpdir(), 'troupe-package-'))
  const release = { version, revision, compression, builtAt, out, work }
  const made = []
  try {
    mkdirSync(out, { recursive: true })
    const tree = join(work, 'tree')
    layOut(tree, node)
    if (only !== 'rpm') made.push(makeDeb(tree, release))
    if (only !== 'deb') {
      if (spawnSync('rpmbuild', ['--version']).status === 0) made.push(makeRpm(tree, release))
      else if (only === 'rpm') fail('Cannot make an .rpm: rpmbuild is not there: install the package rpm or rpm-build.')
      else process.stderr.write('No .rpm is made: rpmbuild is not there (package rpm or rpm-build).\n')
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return made
}

/** Seconds since 1970 that every file in a package bears: given, or that of the last commit, or now. */
function sourceDate() {
  if (/^\d+$/.test(process.env.SOURCE_DATE_EPOCH ?? '')) return Number(process.env.SOURCE_DATE_EPOCH)
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' })
  return status === 0 && stdout.trim() ? Number(stdout) : Math.floor(Date.now() / 1000)
}

/** What both packages have in common, below `tree`. */
function layOut(tree, node) {
  const at = (...path) => join(tree, ...path)
  const packaging = (name) => readFileSync(join(root, 'packaging', name), 'utf8')
  for (const name of ['mco', 'mcollectived', 'troupe-broker', 'troupe-broker.cnf']) {
    put(at(HOME, 'bin', name), readFileSync(join(root, 'bin', name)), name.endsWith('.cnf') ? 0o644 : 0o755)
  }
  cpSync(join(root, 'dist'), at(HOME, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.stamp') })
  const { version, license, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const library = { name: 'troupe', version, license, type: 'module', exports: { '.': exports['.'].default } }
  put(at(HOME, 'package.json'), `${JSON.stringify(library, null, 2)}\n`)
  stripInto(at(HOME, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node'), node)

  link(at('usr/bin/mco'), '../lib/troupe/bin/mco')
  for (const name of ['mcollectived', 'troupe-broker']) link(at('usr/sbin', name), `../lib/troupe/bin/${name}`)
  for (const name of SERVICES) {
    put(at('lib/systemd/system', `${name}.service`), packaging(`${name}.service`))
  }
  put(at('etc/logrotate.d/mcollective'), packaging('logrotate'))
  for (const page of readdirSync(join(root, 'man'))) {
    put(at(`usr/share/man/man${page.at(-1)}`, `${page}.gz`), gzip(readFileSync(join(root, 'man', page))))
  }
  put(at('usr/share/bash-completion/completions/mco'), completion(node, 'bash'))
  put(at('usr/share/zsh/vendor-completions/_mco'), completion(node, 'zsh'))
  put(at('usr/share/fish/vendor_completions.d/mco.fish'), completion(node, 'fish'))
  put(at('usr/share/doc/troupe/changelog.gz'), gzip(readFileSync(join(root, 'CHANGELOG.md'))))
  put(at('usr/share/doc/troupe/third-party-licenses.gz'), gzip(thirdPartyLicenses(root)))
  for (const folder of ['etc/puppetlabs/mcollective', 'var/log/puppetlabs/mcollective'])
    mkdirSync(at(folder), { recursive: true })
  mkdirSync(at('var/lib/mcollective'), { recursive: true })
}

function completion(node, shell) {
  const { status, stdout, stderr } = spawnSync(node, [join(root, 'dist/main/mco.mjs'), 'completion', shell], {
    encoding: 'utf8',
  })
  if (status !== 0) fail(`Cannot make packages: \`mco completion ${shell}\` ended with ${status}: ${stderr}`)
  return stdout
}

function makeDeb(tree, { version, revision, compression, builtAt, out, work }) {
  const architecture = DEBIAN_ARCHITECTURE[process.arch]
  const folder = join(work, 'deb')
  cpSync(tree, folder, { recursive: true, verbatimSymlinks: true })
  for (const name of SERVICES) {
    put(join(folder, 'etc/init.d', name), readFileSync(join(root, 'packaging', `${name}.init`)), 0o755)
  }
  put(join(folder, HOME, 'init-functions'), readFileSync(join(root, 'packaging/init-functions')))
  put(join(folder, 'usr/share/doc/troupe/copyright'), copyright('/usr/share/common-licenses/Apache-2.0'))
  put(
    join(folder, 'usr/share/doc/troupe/changelog.Debian.gz'),
    gzip(
      `troupe (${version}-${revision}) unstable; urgency=medium\n\n  * What changed: changelog.gz beside this file.\n\n -- ${MAINTAINER}  ${new Date(builtAt * 1000).toUTCString().replace('GMT', '+0000')}\n`,
    ),
  )
  put(
    join(folder, 'DEBIAN/control'),
    [
      'Package: troupe',
      `Version: ${version}-${revision}`,
      `Architecture: ${architecture}`,
      `Maintainer: ${MAINTAINER}`,
      `Installed-Size: ${kilobytes(folder)}`,
      `Depends: ${NEEDS.deb}`,
      'Suggests: puppet-agent | puppet',
      'Conflicts: mcollective, mcollective-client, mcollective-common',
      // puppet-agent 5 brings a mcollective.service and an init script of that name.
      'Replaces: mcollective, mcollective-client, mcollective-common, puppet-agent (<< 6)',
      'Section: admin',
      'Priority: optional',
      `Description: ${SUMMARY}`,
      ...DESCRIPTION.split('\n').map((line) => ` ${line}`),
      '',
    ].join('\n'),
  )
  const configuration = [...SERVICES.map((name) => `/etc/init.d/${name}`), '/etc/logrotate.d/mcollective']
  put(join(folder, 'DEBIAN/conffiles'), `${configuration.join('\n')}\n`)
  for (const script of ['postinst', 'prerm', 'postrm']) {
    put(join(folder, 'DEBIAN', script), readFileSync(join(root, 'packaging/debian', script)), 0o755)
  }
  normalise(folder, builtAt)
  const file = join(out, `troupe_${version}-${revision}_${architecture}.deb`)
  const words = ['--root-owner-group', ...COMPRESSION[compression].deb, '--build', folder, file]
  command('dpkg-deb', words, { SOURCE_DATE_EPOCH: String(builtAt) })
  return file
}

function makeRpm(tree, { version, revision, compression, builtAt, out, work }) {
  const folder = join(work, 'rpm')
  cpSync(tree, folder, { recursive: true, verbatimSymlinks: true })
  // There /lib is a link to /usr/lib, zsh looks elsewhere, and systems without systemd are too old for Node 24.
  mkdirSync(join(folder, 'usr/lib/systemd'), { recursive: true })
  cpSync(join(folder, 'lib/systemd'), join(folder, 'usr/lib/systemd'), { recursive: true })
  rmSync(join(folder, 'lib'), { recursive: true })
  cpSync(join(folder, 'usr/share/zsh/vendor-completions'), join(folder, 'usr/share/zsh/site-functions'), {
    recursive: true,
  })
  rmSync(join(folder, 'usr/share/zsh/vendor-completions'), { recursive: true })
  put(
    join(folder, 'usr/share/doc/troupe/copyright'),
    `${copyright('LICENSE')}\n${readFileSync(join(root, 'LICENSE'), 'utf8')}`,
  )
  normalise(folder, builtAt)
  const own = ['/etc/puppetlabs/mcollective', '/var/log/puppetlabs/mcollective', '/var/lib/mcollective', `/${HOME}`]
  const files = allBelow(folder).map((path) => `/${path}`)
  const listed = files.flatMap((path) => {
    const directory = lstatSync(join(folder, path)).isDirectory()
    if (directory) return own.includes(path) || path.startsWith(`/${HOME}/`) ? [`%dir ${path}`] : []
    return [path.startsWith('/etc/') ? `%config(noreplace) ${path}` : path]
  })
  put(join(work, 'files'), `%defattr(-,root,root,-)\n${listed.join('\n')}\n`)
  const spec = readFileSync(join(root, 'packaging/troupe.spec'), 'utf8')
    .replaceAll('@VERSION@', version)
    .replaceAll('@RELEASE@', revision)
    .replaceAll('@SUMMARY@', SUMMARY)
    .replaceAll('@DESCRIPTION@', DESCRIPTION)
    .replaceAll('@GLIBC@', NEEDS.glibc)
    .replaceAll('@PAYLOAD@', COMPRESSION[compression].rpm)
  put(join(work, 'troupe.spec'), spec)
  const architecture = RPM_ARCHITECTURE[process.arch]
  const defines = { _topdir: join(work, 'top'), _rpmdir: out, tree: folder, list: join(work, 'files') }
  command(
    'rpmbuild',
    [
      ...['-bb', '--quiet', '--target', architecture],
      ...Object.entries({ ...defines, _build_name_fmt: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' }).flatMap(
        ([name, value]) => ['--define', `${name} ${value}`],
      ),
      join(work, 'troupe.spec'),
    ],
    { SOURCE_DATE_EPOCH: String(builtAt) },
  )
  return join(out, `troupe-${version}-${revision}.${architecture}.rpm`)
}

function copyright(license) {
  return `Troupe: ${SUMMARY}

Copyright: 2026 The Troupe authors
License: Apache-2.0; its text is in ${license}.

Node.js and the JavaScript packages that are part of the programs: their copyright notices and licenses are in
/usr/share/doc/troupe/third-party-licenses.gz.
`
}

function put(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  chmodSync(path, mode)
}

function link(path, target) {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

function stripInto(path, node) {
  mkdirSync(dirname(path), { recursive: true })
  if (spawnSync('strip', ['-o', path, node]).status !== 0) copyFileSync(node, path)
  chmodSync(path, 0o755)
}

/** The name of no file and no time in it: gzip adds neither here. */
function gzip(content) {
  return gzipSync(content, { level: 9 })
}

/** One time and one of two modes for everything, whatever umask and clock this machine has. */
function normalise(folder, builtAt) {
  for (const path of [...allBelow(folder).toReversed(), '.']) {
    const file = join(folder, path)
    const info = lstatSync(file)
    if (info.isSymbolicLink()) continue
    chmodSync(file, info.isDirectory() || (info.mode & 0o100) !== 0 ? 0o755 : 0o644)
    utimesSync(file, builtAt, builtAt)
  }
}

/** Relative paths, parents first. */
function allBelow(folder) {
  return readdirSync(folder, { recursive: true }).sort()
}

function kilobytes(folder) {
  return allBelow(folder).reduce((sum, path) => sum + Math.ceil(statSizeOf(join(folder, path)) / 1024), 0)
}

function statSizeOf(path) {
  return lstatSync(path).isFile() ? statSync(path).size : 1
}

function command(program, words, env) {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (error) fail(`Cannot make packages: ${program} cannot be run (${error.message}).`)
  if (status !== 0) fail(`Cannot make packages: ${program} ended with ${status}:\n${stdout}${stderr}`)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = { type: 'string' }
  const { values } = parseArgs({ options: { out: text, revision: text, compression: text, only: text } })
  const { out = join(root, 'packages'), ...rest } = values
  if (!(values.compression === undefined || Object.hasOwn(COMPRESSION, values.compression))) {
    fail(`Unknown compression ${values.compression}: it is one of ${Object.keys(COMPRESSION).join(', ')}.`)
  }
  if (!(values.revision === undefined || /^[\w.~+]+$/.test(values.revision))) {
    fail(`A revision has letters, digits, '.', '_', '~' and '+', not ${JSON.stringify(values.revision)}.`)
  }
  await bootstrap()
  const startedAt = performance.now()
  for (const file of await makePackages({ out, ...rest })) {
    process.stdout.write(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`)
  }
  process.stderr.write(`Packaged in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`)
}
