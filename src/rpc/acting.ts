// Does an action change anything on a node? A DDL does not say it. Who may only look may start what is known to look, by its agent and its name:
// the console's roles. Where no right hangs on it, as in the command line's question before acting, the words of a name say it; in doubt an
// action acts. [cli 7, B-026, live 6]

import type { ActionDdl } from './ddl/ddl.ts'

/** Words with which the names of actions begin or end that only look. */
const LOOKING = new Set(
  (
    'check checkupdate checkupdates compare count describe diff digest exist exists expected facts fetch find get hash info inspect inventory is last list ' +
    'look lookup md5 ping query read report search show stat stats status summary test validate version view verify values classes agents'
  ).split(' '),
)

/** Words that make an action act wherever they stand in its name: `get_and_delete`, `status_reset`. */
const ACTING = new Set(
  (
    'abort activate add allow append apply approve assign attach ban boot bump cancel change clean cleanup clear clone commit configure ' +
    'convert copy create deactivate decommission delete demote deny deploy destroy detach disable disconnect drain drop edit eject enable ' +
    'enroll erase evict exec execute exit expire failover fix flush force forget generate grant halt import init initialise initialize inject ' +
    'insert install invoke kick kill launch load lock make mask merge migrate modify mount move overwrite patch pause post promote provision ' +
    'prune puppet purge push put reboot rebuild recreate refresh register reissue reload remove rename renew repair replace reset restart ' +
    'restore resume revoke rollback rollout rotate run runall runcommand runonce save schedule send set shutdown signal start stop submit ' +
    'suspend swap switch sync terminate toggle touch transfer trigger trim truncate unban undeploy uninstall unlock unmask unmount unregister ' +
    'update upgrade upload vacuum wake wipe write'
  ).split(' '),
)

/** Actions of the agents that come with the product, here and in MCollective, that change nothing. */
const KNOWN_TO_LOOK = new Set([
  'controller.stats',
  ...['apt_checkupdates', 'checkupdate', 'checkupdates', 'count', 'md5', 'status', 'yum_checkupdates'].map(
    (action) => `package.${action}`,
  ),
  ...['last_run_report', 'last_run_summary', 'status'].map((action) => `puppet.${action}`),
  ...['last_run_summary', 'status'].map((action) => `puppetd.${action}`),
  ...['find', 'search'].map((action) => `puppetral.${action}`),
  ...['agents', 'classes', 'expected', 'facts', 'list', 'values'].map((action) => `roster.${action}`),
  ...['agent_inventory', 'collective_info', 'daemon_stats', 'find', 'get_config_item', 'get_data', 'get_fact'].map(
    (action) => `rpcutil.${action}`,
  ),
  ...['get_facts', 'inventory', 'ping'].map((action) => `rpcutil.${action}`),
  'service.status',
])

/**
 * Whether it is certain that an action changes nothing, whatever it is called: `service status` does not, `acme status` may. One that can be tried
 * with `noop` acts. `looking`: further actions that only look, as `AGENT.ACTION` (a setting of the site).
 */
export function isKnownToLook(
  agent: string,
  action: Pick<ActionDdl, 'name' | 'inputs'>,
  looking: ReadonlySet<string> = new Set(),
): boolean {
  const name = `${agent}.${action.name}`
  return looking.has(name) || (KNOWN_TO_LOOK.has(name) && !knowsNoop(action))
}

/**
 * By its name, for questions and not for rights: `service restart` acts, `service status` does not, `acme frobnicate` does. An action that can be
 * tried with `noop` acts whatever it is called.
 */
export function actionActs(agent: string, action: Pick<ActionDdl, 'name' | 'inputs'>): boolean {
  if (isKnownToLook(agent, action)) return false
  if (knowsNoop(action)) return true
  const words = action.name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  if (words.some((word) => ACTING.has(word))) return true
  return !(LOOKING.has(words[0] ?? '') || LOOKING.has(words.at(-1) ?? ''))
}

/** Whether the action can say what it would change without changing it. */
export function knowsNoop({ inputs }: Pick<ActionDdl, 'inputs'>): boolean {
  return inputs.some(({ name, type }) => name === 'noop' && type === 'boolean')
}
