// Whether an action changes its node, as far as a DDL tells: what asks before it is done everywhere. MCollective's DDLs do not say it, so it is
// read from what they do say; in doubt an action acts. [cli 7, B-026]

import type { ActionDdl } from './ddl.ts'

const CHANGING = new Set(
  (
    'add apply change clean clear create deactivate delete deploy destroy disable drop enable exec execute exit flush forget halt install ' +
    'kill lock modify move purge push put reboot remove rename replace reset restart revoke rollback rotate run runall runcommand runonce ' +
    'set shutdown start stop sync touch truncate uninstall unlock update upgrade upload wipe write'
  ).split(' '),
)
const LOOKING = new Set(
  (
    'count describe diff exists expected facts fetch find get info inventory list lookup md5 ping query read search show stat stats status ' +
    'summary test verify version view'
  ).split(' '),
)

/**
 * `restart`, `yum_clean`, `create`, and whatever shows only failures, act; `status`, `get_fact`, `last_run_summary`, `checkupdates` do not. An
 * action that can be tried with `noop` acts whatever it is called.
 */
export function actionActs(action: ActionDdl): boolean {
  if (knowsNoop(action)) return true
  const words = action.name.toLowerCase().split(/[_.-]/)
  const [first = '', last = ''] = [words[0], words.at(-1)]
  if (CHANGING.has(first)) return true
  if ([first, last].some((word) => LOOKING.has(word) || word.startsWith('check'))) return false
  // Who looks wants to see every answer, who acts the failures: what the published agents do, and the default of the language.
  return action.display === 'failed'
}

/** Whether the action can say what it would change without changing it. */
export function knowsNoop(action: ActionDdl): boolean {
  return action.inputs.some(({ name, type }) => name === 'noop' && type === 'boolean')
}
