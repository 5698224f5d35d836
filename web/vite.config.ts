// How the browser's program is bundled: into dist/web, by scripts/build.mjs. While developing: `node_modules/.bin/vite web` serves it with
// hot reload and hands /api on to a console that runs (TROUPE_CONSOLE, e.g. https://127.0.0.1:4433).

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { pageFiles } from './page-files.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// A configuration file's default export is what vite loads.
export default defineConfig({
  root: at('.'),
  base: '/',
  plugins: [react(), pageFiles(at('.'))],
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
