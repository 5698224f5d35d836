// The configuration of a client: where it is looked for, and what stands in when none is needed.

import { readdirSync, readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { isTroupeError } from '#base/errors.ts'
import { loadConfig, parseConfig } from '#config/load.ts'
import type { ClientSettings } from '#config/settings.ts'

/** Default of `discovery_timeout` for the broadcast method, seconds. [cli 3] */
export const DISCOVERY_TIMEOUT_SECONDS = 2

/** Reads the configuration of a client. Throws CONFIG_*. */
export function clientSettingsFrom(file: string | undefined): ClientSettings {
  const options = {
    env: process.env,
    home: homedir(),
    hostname: hostname(),
    files: { read: (path: string) => readFileSync(path, 'utf8'), list: (path: string) => readdirSync(path) },
  }
  if (file !== undefined) return loadConfig('client', { ...options, file })
  try {
    return loadConfig('client', options)
  } catch (error) {
    // What `npm start` makes is used when nothing else is there.
    if (!isTroupeError(error, 'CONFIG_NOT_FOUND')) throw error
    try {
      return loadConfig('client', { ...options, file: join(homedir(), '.troupe', 'client.cfg') })
    } catch (fallback) {
      throw isTroupeError(fallback, 'CONFIG_UNREADABLE', 'CONFIG_NOT_FOUND') ? error : fallback
    }
  }
}

/** Help and documentation are wanted most when the configuration is broken: then defaults stand in for it. */
export function clientSettingsOrDefaults(): ClientSettings {
  try {
    return clientSettingsFrom(undefined)
  } catch {
    return parseConfig('', '(no configuration)', 'client')
  }
}
