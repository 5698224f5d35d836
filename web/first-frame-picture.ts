// The picture of the frame that first-frame/first-frame.ts shows until the program is there: drawn while the pages are built, by the program's own
// components, without whatever would make it more than a picture. A plugin of vite; while developing there is none.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import react from '@vitejs/plugin-react'
import { build, type Plugin, type Rolldown } from 'vite'

const MARKUP = 'src/first-frame/picture-markup.ts'
const ENTRY = 'src/first-frame/first-frame.ts'
/** Names and meanings: what is not there cannot be asked, clicked or read out. States stay, for the styles. */
const MEANINGS =
  / (?:aria-(?!selected|disabled|expanded|pressed|current)[\w-]+|role|id|for|href|tabindex|title|name|type|data-node-filter|data-scroll-restoration-id)="[^"]*"/g

export function firstFramePicture(root: string): Plugin {
  let building = false
  return {
    name: 'first-frame-picture',
    config(_config, { command }) {
      building = command === 'build'
    },
    async load(id) {
      return building && id === join(root, MARKUP) ? asModule(await draw(root)) : undefined
    },
    buildStart() {
      if (building) this.emitFile({ type: 'chunk', id: join(root, ENTRY), name: 'first-frame' })
    },
    generateBundle(_options, bundle) {
      // Stands for the entry and does nothing but import the file that is named in the page.
      for (const [name, one] of Object.entries(bundle)) {
        if (one.type === 'chunk' && one.isEntry && one.name === 'first-frame' && one !== chunkOf(bundle))
          delete bundle[name]
      }
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const chunk = chunkOf(bundle)
        if (chunk === undefined) return []
        // Behind the place of the program, and not in its order: runs as soon as it is there.
        const attrs = { type: 'module', async: true, crossorigin: true, src: `/${chunk.fileName}` }
        return [{ tag: 'script', attrs, injectTo: 'body' }]
      },
    },
  }
}

/** The one that has the code; that which stands for the entry only imports it. */
function chunkOf(bundle: Rolldown.OutputBundle): Rolldown.OutputChunk | undefined {
  const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
  return chunks.find((chunk) => chunk.moduleIds.some((id) => id.endsWith(ENTRY)))
}

async function draw(root: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-first-frame-'))
  try {
    const { output } = (await build({
      ...{ configFile: false, root, logLevel: 'error', plugins: [react()] },
      define: { 'process.env.NODE_ENV': '"production"' },
      ssr: { noExternal: true },
      build: {
        ...{ ssr: join(root, 'src/first-frame/picture.tsx'), write: false, minify: false },
        rolldownOptions: { output: { codeSplitting: false, entryFileNames: 'picture.mjs' } },
      },
    })) as Rolldown.RolldownOutput
    const file = join(folder, 'picture.mjs')
    writeFileSync(file, output[0].code)
    // The first rows; how high the window is turns out in the browser. Older versions of Node have no navigator.
    Object.assign(globalThis, { innerHeight: 900 })
    if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { platform: '', userAgent: '' } })
    const { picture } = (await import(pathToFileURL(file).href)) as { picture(): Promise<string> }
    return await picture()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Styles in markup are not allowed by the content-security policy: those of elements wait in `data-style`. */
function asModule(markup: string): string {
  const styles = [...markup.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, text]) => text)
  const picture = markup.replace(/<style.*?<\/style>|<!--.*?-->/gs, '').replace(MEANINGS, '')
  return `export const PICTURE = ${JSON.stringify(picture.replaceAll(' style="', ' data-style="'))}
export const PICTURE_STYLES = ${JSON.stringify(styles.join(''))}
`
}
