// How the browser's program is bundled: into dist/web, by scripts/build.mjs. While developing: `node_modules/.bin/vite web` serves it with
// hot reload and hands /api on to a console that runs (TROUPE_CONSOLE, e.g. https://127.0.0.1:4433).

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { firstFramePicture } from './first-frame-picture.ts'
import { pageFiles } from './page-files.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** first-frame/first-frame.ts and all it imports: tests/browser/first-frame.test.ts says when it asks for more. */
const FIRST_FRAME =
  /first-frame|\/web\/src\/(api\/early-answers|components\/format|frame\/sections|nodes\/live-keys|nodes\/row-height|palette\/command-keys)\.ts|(banners|top-bar|live-frame|node-list|node-rows|launcher)\.module\.css/

// A configuration file's default export is what vite loads.
export default defineConfig({
  root: at('.'),
  base: '/',
  plugins: [react(), firstFramePicture(at('.')), pageFiles(at('.'))],
  // The server puts a fresh nonce in its place for every answer.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: at('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // Data addresses are not allowed by the content-security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    reportCompressedSize: false,
    sourcemap: false,
    // One file of 25 kB for all pages is there sooner than five small ones.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Runs alone, before everything else: with what it needs, and nothing it does not.
            { name: 'first-frame', test: FIRST_FRAME, priority: 10, includeDependenciesRecursively: false },
            // What changes seldom stays in the browser's cache when the console is upgraded.
            { name: 'libraries', test: /node_modules\/(react|react-dom|scheduler|@tanstack)\// },
            // What every page needs, what several do, of libraries and of our own: few files, because a browser reads only six at a time.
            { name: 'shell', tags: ['$initial'] },
            { name: 'widgets', test: /node_modules\// },
            { name: 'shared', minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    port: Number(process.env.PORT ?? 5173),
    strictPort: true,
    proxy: {
      '/api': { target: process.env.TROUPE_CONSOLE ?? 'https://127.0.0.1:4433', secure: false, changeOrigin: true },
    },
  },
})
