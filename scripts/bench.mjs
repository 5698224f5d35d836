// `npm run bench`: measurements of docs/performance.md. What it does is bench/.

import { join } from 'node:path'
import { bootstrap, root, runAndExit } from './bootstrap.mjs'

const node = await bootstrap()
await runAndExit(node, [join(root, 'bench', 'bench.ts'), ...process.argv.slice(2)])
