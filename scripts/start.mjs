// `npm start`: a collective on this machine, in the foreground. What it does is src/main/up.ts.

import { join } from 'node:path'
import { bootstrap, root, runAndExit } from './bootstrap.mjs'

const node = await bootstrap()
await runAndExit(node, [join(root, 'dist', 'main', 'up.mjs'), ...process.argv.slice(2)], { ipc: true })
