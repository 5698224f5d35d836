// `npm run lab`: isolated hosts on this machine for end-to-end tests and demonstrations. What it does is lab/.

import { join } from 'node:path'
import { bootstrap, root, runAndExit } from './bootstrap.mjs'

const node = await bootstrap()
await runAndExit(node, [join(root, 'lab', 'main.ts'), ...process.argv.slice(2)])
