// Every command once, alphabetical: its one line for `mco help`, and how to load it when it is used. Start-up loads none of them.

import type { CommandEntry } from './command.ts'

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  completion: {
    summary: 'Helper for shell completion systems, and the completion scripts themselves',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  console: {
    summary: 'Live Management in a browser: serve the web console, make a link to sign in',
    load: async () => (await import('./commands/console.ts')).webConsole,
  },
  controller: {
    summary: 'Control the daemons of the collective: statistics, reload of agents, exit',
    load: async () => (await import('./commands/controller.ts')).controller,
  },
  credentials: {
    summary: 'Change the password of the collective, and see which nodes have it',
    load: async () => (await import('./commands/credentials.ts')).credentials,
  },
  describe_filter: {
    summary: 'Display human readable interpretation of filters',
    load: async () => (await import('./commands/describe-filter.ts')).describeFilter,
  },
  facts: {
    summary: 'Reports on usage for a specific fact',
    load: async () => (await import('./commands/facts.ts')).facts,
  },
  find: {
    summary: 'Find hosts using the discovery system matching filter criteria',
    load: async () => (await import('./commands/find.ts')).find,
  },
  help: {
    summary: 'Application list and help',
    load: async () => (await import('./commands/help.ts')).help,
  },
  inventory: {
    summary: 'General reporting tool for nodes, collectives and subcollectives',
    load: async () => (await import('./commands/inventory.ts')).inventory,
  },
  package: {
    summary: 'Install, update, uninstall and query packages',
    load: async () => (await import('./commands/package.ts')).packageCommand,
  },
  ping: {
    summary: 'Ping all nodes',
    load: async () => (await import('./commands/ping.ts')).ping,
  },
  plugin: {
    summary: 'MCollective plugin application: documentation, generators, packages, types',
    load: async () => (await import('./commands/plugin.ts')).plugin,
  },
  puppet: {
    summary: 'Schedule runs, enable, disable and interrogate the Puppet agent',
    load: async () => (await import('./commands/puppet.ts')).puppet,
  },
  puppetd: {
    summary: 'Run Puppet agents, get their status, and enable or disable them',
    load: async () => (await import('./commands/puppetd.ts')).puppetd,
  },
  rpc: {
    summary: 'Generic RPC agent client application',
    load: async () => (await import('./commands/rpc.ts')).rpc,
  },
  service: {
    summary: 'Manages system services',
    load: async () => (await import('./commands/service.ts')).service,
  },
  setup: {
    summary: 'Make this machine the master of a collective, or a node of one',
    load: async () => (await import('./commands/setup.ts')).setup,
  },
}
