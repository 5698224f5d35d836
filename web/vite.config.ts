// How the browser's program is bundled: into dist/web, by scripts/build.mjs. While developing: `node_modules/.bin/vite web` serves it with
// hot reload and hands /api on to a console that runs (TROUPE_CONSOLE, e.g. https://127.0.0.1:4433).

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// A configuration file's default export is what vite loads.
export default defineConfig({
  root: at('.'),
  base: '/',
  plugins: [react()],
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
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What changes seldom stays in the browser's cache when the console is upgraded, and is read in parallel.
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'tanstack', test: /node_modules\/@tanstack\// },
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
