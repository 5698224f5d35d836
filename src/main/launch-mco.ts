// What bin/mco starts; built as dist/main/mco.mjs. Answers `--version` before anything else is loaded; the program is mco.ts.
// Node's compile cache was tried here: 4 % less processor time, not worth a folder of code that root must be able to trust.

import { VERSION } from './version.ts'

if (process.argv.length === 3 && process.argv[2] === '--version') process.stdout.write(`mco ${VERSION}\n`)
else await import('./mco.ts')
