// `npm run build`: one bundle per program with shared chunks, so that each loads only what it needs. dist/ keeps the
// layout of src/ (dist/main/mco.mjs, dist/agents/rpcutil/rpcutil.ddl), so `new URL('../agents/', import.meta.url)` in
// src/main means the same in both. The browser's program is bundled by vite into dist/web. A stamp of the sources tells when there is
// nothing to do; web/ has its own, because it takes longer and changes apart.

import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip as gzipCompress } from 'node:zlib'
import { bootstrap, fail, root } from './bootstrap.mjs'

/** Program in dist/main -> file in src/main. */
const PROGRAMS = { mco: 'launch-mco', mcollectived: 'mcollectived', broker: 'broker', up: 'up', index: 'index' }
const DATA_FILES = /\.(ddl|json|txt|erb|tmpl|rb)$/
/** Files of dist/web that the console sends compressed. */
const COMPRESSED = /\.(js|css|svg)$/
const COMPRESSED_FROM_BYTES = 1024
const [brotli, gzip] = [promisify(brotliCompress), promisify(gzipCompress)]
const dist = join(root, 'dist')
const src = join(root, 'src')

export async function buildIfOutOfDate() {
  const wanted = stampOf(sources())
  if (!hasStamp(dist, wanted)) await build(wanted)
  else if (!hasStamp(join(dist, 'web'), webStamp())) await buildWebInPlace()
}

async function build(stamp) {
  const startedAt = performance.now()
  const fresh = `${dist}.new.${process.pid}`
  try {
    mkdirSync(fresh)
  } catch (error) {
    fail(
      `Cannot build: ${root} cannot be written (${error.code}), and dist/ there is missing or older than the sources: run \`npm run build\` as its owner.`,
    )
  }
  try {
    await bundle(join(fresh, 'main'))
    for (const file of sources().filter((name) => DATA_FILES.test(name))) {
      const target = join(fresh, file.slice('src/'.length))
      mkdirSync(join(target, '..'), { recursive: true })
      cpSync(join(root, file), target)
    }
    if (hasStamp(join(dist, 'web'), webStamp())) cpSync(join(dist, 'web'), join(fresh, 'web'), { recursive: true })
    else await bundleWeb(join(fresh, 'web'), fresh)
    writeFileSync(join(fresh, '.stamp'), stamp)
    replace(dist, fresh)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  process.stderr.write(
    `Built ${Object.keys(PROGRAMS).length} programs in ${Math.round(performance.now() - startedAt)} ms.\n`,
  )
}

/** Only the browser's program has changed. */
async function buildWebInPlace() {
  const fresh = join(dist, `web.new.${process.pid}`)
  try {
    await bundleWeb(fresh, fresh)
    replace(join(dist, 'web'), fresh)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** `temporary` goes when the sources have errors. */
async function bundleWeb(outDir, temporary) {
  const startedAt = performance.now()
  const stamp = webStamp()
  const { build: bundleWithVite } = await import('vite')
  try {
    await bundleWithVite({
      configFile: join(root, 'web', 'vite.config.ts'),
      root: join(root, 'web'),
      logLevel: 'error',
      build: { outDir },
    })
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    fail(`${error.message}\nCannot build the web console: mend its sources in web/ and try again.`)
  }
  await compressFiles(outDir)
  writeFileSync(join(outDir, '.stamp'), stamp)
  process.stderr.write(`Built the web console in ${Math.round(performance.now() - startedAt)} ms.\n`)
}

/** Once and as small as can be, so that the console does not compress them for everyone who comes. */
async function compressFiles(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => COMPRESSED.test(name))
  await Promise.all(
    names.map(async (name) => {
      const bytes = readFileSync(join(folder, name))
      if (bytes.length < COMPRESSED_FROM_BYTES) return
      const [br, gz] = await Promise.all([brotli(bytes), gzip(bytes, { level: 9 })])
      writeFileSync(join(folder, `${name}.br`), br)
      writeFileSync(join(folder, `${name}.gz`), gz)
    }),
  )
}

/** CommonJS packages that are loaded when first needed: each is a file of its own, so that nobody else reads it. */
const LAZY_PACKAGES = ['re2js']

async function bundle(outdir) {
  const esbuild = await import('esbuild')
  for (const name of LAZY_PACKAGES) {
    await esbuild.build({
      absWorkingDir: root,
      stdin: { contents: `module.exports = require('${name}')`, resolveDir: root },
      outfile: join(outdir, `${name}.cjs`),
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node24',
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: 'none',
    })
  }
  const { errors } = await esbuild
    .build({
      plugins: [{ name: 'lazy-packages', setup: leaveLazyPackages }],
      absWorkingDir: root,
      entryPoints: Object.entries(PROGRAMS).map(([out, file]) => ({ out, in: join(src, 'main', `${file}.ts`) })),
      outdir,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunk-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      mainFields: ['module', 'main'],
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: 'none',
      logLevel: 'silent',
      // Some dependencies are CommonJS and call require(), which ES modules lack.
      banner: {
        js: "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);",
      },
    })
    .catch((error) => (error.errors ? error : Promise.reject(error)))
  // Its service would stay for as long as what is started next.
  if (errors.length === 0) return esbuild.stop()
  const messages = await esbuild.formatMessages(errors.slice(0, 10), { kind: 'error' })
  rmSync(join(outdir, '..'), { recursive: true, force: true })
  fail(`${messages.join('')}Cannot build: the sources have ${errors.length} errors; mend them and try again.`)
}

function leaveLazyPackages(build) {
  build.onResolve({ filter: new RegExp(`^(${LAZY_PACKAGES.join('|')})$`) }, ({ path }) => ({
    path: `./${path}.cjs`,
    external: true,
  }))
}

/** Puts `fresh` in the place of `folder`; running programs keep what they have open, another build may do the same. */
function replace(folder, fresh) {
  const old = `${folder}.old.${process.pid}`
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(folder)) renameSync(folder, old)
      renameSync(fresh, folder)
      break
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
  rmSync(old, { recursive: true, force: true })
}

/** Everything that ends up in dist/ except dist/web, as paths relative to the checkout, sorted. */
function sources() {
  return filesUnder('src')
}

/** Of what dist/web is made: the browser's sources, and what of the console's API they may import. */
function webStamp() {
  return stampOf([...filesUnder('web'), ...filesUnder('src/console/api')])
}

function filesUnder(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => !name.endsWith('.test.ts') && statSync(join(root, name)).isFile())
    .sort()
}

function hasStamp(folder, wanted) {
  const stamp = join(folder, '.stamp')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
}

function stampOf(files) {
  const hash = createHash('sha256')
  for (const file of [...files, 'package-lock.json', 'scripts/build.mjs']) {
    const { size, mtimeMs } = statSync(join(root, file))
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await bootstrap({ build: false })
  await build(stampOf(sources()))
}
