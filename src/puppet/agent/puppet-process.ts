// Which processes are Puppet's: a process id in a lock file says nothing when another program has that id by now. [agents 10.1]

const RUBY = /^ruby[\d.]*$/

/**
 * true for `ruby /usr/bin/puppet agent`, `/opt/puppet/bin/ruby /opt/puppet/sbin/puppetd`, and what Puppet calls itself while it works:
 * `puppet agent: applying configuration`.
 */
export function isPuppet(commandLine: readonly string[]): boolean {
  const [program = '', ...rest] = commandLine
  if (RUBY.test(baseName(program))) return rest.some((word) => baseName(word).startsWith('puppet'))
  return /^puppet(d|-agent)?$/.test(baseName(program.split(' ')[0] ?? ''))
}

/** true for a run of the agent that somebody started by hand or through us: it may still be on its way to the lock. */
export function isSingleRun(commandLine: readonly string[]): boolean {
  return isPuppet(commandLine) && commandLine.some((word) => /^(--onetime|--test|-o|-t)$/.test(word))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
