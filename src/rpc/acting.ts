// Does an action change anything on a node? One rule for everybody who asks before acting or lets some people only look: the command
// line's confirmation and the console's roles and buttons. A DDL does not say it, so names do; in doubt an action acts. [live 6]

/** Words with which the names of actions begin or end that only look. */
const LOOKING = new Set(
  (
    'check checkupdate checkupdates compare count describe diff digest exist exists expected facts find get hash info inspect inventory is last list ' +
    'look lookup md5 ping query read report search show stat stats status summary validate version view verify values classes agents'
  ).split(' '),
)

/** Words that make an action act wherever they stand in its name: `get_and_delete`, `status_reset`. */
const ACTING = new Set(
  (
    'abort activate add apply boot cancel change clean clear create deactivate delete deploy destroy disable drain drop edit enable erase ' +
    'exec execute exit flush forget halt install kill load lock make mount move patch pause post provision puppet purge push put reboot ' +
    'refresh reload remove rename replace reset restart restore resume rollback rotate run runcommand runonce save schedule send set ' +
    'shutdown signal start stop suspend sync terminate trigger uninstall unlock unmount update upgrade upload wake wipe write'
  ).split(' '),
)

/** Actions with names that say nothing, or the wrong thing. */
const KNOWN: ReadonlyMap<string, boolean> = new Map([
  ['package apt_checkupdates', false],
  ['package yum_checkupdates', false],
  ['rpcutil collective_info', false],
  ['rpcutil daemon_stats', false],
  ['rpcutil agent_inventory', false],
  ['puppet last_run_summary', false],
  ['puppet last_run_report', false],
  ['puppetd last_run_summary', false],
  ['puppet resource', true],
])

/**
 * `actionActs('service', 'restart')` is true, `actionActs('service', 'status')` false, `actionActs('acme', 'frobnicate')` true. `looking`:
 * further actions that only look, as `AGENT.ACTION` (a setting of the site).
 */
export function actionActs(agent: string, action: string, looking: ReadonlySet<string> = new Set()): boolean {
  if (looking.has(`${agent}.${action}`)) return false
  const known = KNOWN.get(`${agent} ${action}`)
  if (known !== undefined) return known
  const words = action
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  if (words.some((word) => ACTING.has(word))) return true
  return !(LOOKING.has(words[0] ?? '') || LOOKING.has(words.at(-1) ?? ''))
}
