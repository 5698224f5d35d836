// Writes docs/reference/api.md from the console's table of routes. Needs Node >= 22.18 (type stripping):
// node_modules/.bin/node scripts/api-page.mjs
import { writeFileSync } from 'node:fs'
import { renderApiPage } from '../src/console/api-page.ts'
import { routeTable } from '../src/console/route-table.ts'

writeFileSync(new URL('../docs/reference/api.md', import.meta.url), renderApiPage(routeTable('3.0.0')))
