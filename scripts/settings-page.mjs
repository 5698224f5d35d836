// Writes docs/reference/settings.md from src/config/definitions.ts. Needs Node >= 22.18 (type stripping):
// node_modules/.bin/node scripts/settings-page.mjs
import { writeFileSync } from 'node:fs'
import { renderSettingsPage } from '../src/config/reference-page.ts'

writeFileSync(new URL('../docs/reference/settings.md', import.meta.url), renderSettingsPage())
