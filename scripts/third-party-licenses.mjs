// Licences of what is inside a package besides our own code: Node, the packages we depend on with everything these depend on, and, when
// the console's pages are built, what those are made of. Read from node_modules as package-lock.json describes it.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One text with a section per package. `root`: the checkout. Throws when a package has neither a licence file nor a licence. */
export function thirdPartyLicenses(root) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const pages = existsSync(join(root, 'dist/web')) ? pagePackages(root, Object.keys(own.devDependencies)) : []
  const found = closure(lock, [...Object.keys(own.dependencies), ...pages, `node-linux-${process.arch}`])
  return found.map((path) => sectionOf(root, path)).join(`\n${'-'.repeat(80)}\n\n`)
}

/** Development dependencies that the browser's code imports. */
function pagePackages(root, names) {
  const sources = readdirSync(join(root, 'web'), { recursive: true }).filter((file) => /\.(tsx?|css)$/.test(file))
  const text = sources.map((file) => readFileSync(join(root, 'web', file), 'utf8')).join('\n')
  return names.filter((name) =>
    ["'", '"', '/'].some((end) => text.includes(`'${name}${end}`) || text.includes(`"${name}${end}`)),
  )
}

/** Keys of the lock file (`node_modules/x`, `node_modules/x/node_modules/y`), sorted. */
function closure(lock, names) {
  const seen = new Set()
  const visit = (name, from) => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
      if (lock[path] !== undefined) {
        if (seen.has(path)) return
        seen.add(path)
        for (const next of Object.keys(lock[path].dependencies ?? {})) visit(next, path)
        return
      }
      if (at === '') return
    }
  }
  for (const name of names) visit(name, '')
  return [...seen].sort()
}

function sectionOf(root, path) {
  const folder = join(root, path)
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
  if (files.length === 0 && !license) throw new Error(`${path} has no licence: it must not be distributed`)
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return `${name} ${version}\nLicense: ${license}\n\n${texts.join('\n\n')}\n`
}
