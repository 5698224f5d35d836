// Outputs that differ from node to node and from second to second by their nature: times, process ids, ages. They are left out of the
// question whether two answers are the same. By name, as a DDL does not say it. [live 7: a volatile hint per output]

const VOLATILE_NAME =
  /^(?:time|times|seconds|pids?|now|date|threads|starttime|pong|since_?lastrun|last_?run|last_run_time|initiated_at|total_time|config_retrieval_time|uptime\w*|system_uptime|load_?averages?|memory_?free\w*|swap_?free\w*)$|(?:^|_)(?:pid|timestamp|elapsed|uptime|since|age|seconds|duration|epoch)(?:$|_)/i

/** Outputs that are text with such a thing in it. */
const VOLATILE_OUTPUTS: ReadonlySet<string> = new Set([
  'puppet.status.message',
  'puppet.last_run_summary.summary',
  'puppet.last_run_summary.logs',
  'puppet.last_run_report.id',
  'puppet.last_run_report.time',
  'puppetd.status.output',
])

/**
 * `isVolatile('puppet', 'status', 'since_lastrun')` is true, `isVolatile('service', 'status', 'status')` false. `further`: outputs of the
 * site, as `OUTPUT`, `AGENT.OUTPUT` or `AGENT.ACTION.OUTPUT`.
 */
export function isVolatile(
  agent: string,
  action: string,
  output: string,
  further: ReadonlySet<string> = new Set(),
): boolean {
  return (
    VOLATILE_NAME.test(output) ||
    VOLATILE_OUTPUTS.has(`${agent}.${action}.${output}`) ||
    further.has(output) ||
    further.has(`${agent}.${output}`) ||
    further.has(`${agent}.${action}.${output}`)
  )
}

/** Names that are volatile inside an output as well, e.g. `since_lastrun` in a map. */
export function isVolatileName(name: string): boolean {
  return VOLATILE_NAME.test(name)
}
