// Runs an action by the console's API with a token, as a pipeline does: which nodes match, a job, equal answers together. Needs nothing but Node.
// Run: CONSOLE_URL=https://console.example.com:4433 CONSOLE_TOKEN=troupe_... NODE_EXTRA_CA_CERTS=ca.pem \
//   node examples/console-job.mjs 'web*' service status service=sshd
import { setTimeout as sleep } from 'node:timers/promises'

const { CONSOLE_URL: url = 'https://127.0.0.1:4433', CONSOLE_TOKEN: token } = process.env
const [name, agent, action, ...pairs] = process.argv.slice(2)

async function ask(path, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
  const answer = await fetch(new URL(path, url), {
    method: body ? 'POST' : 'GET',
    headers,
    body: body && JSON.stringify(body),
  })
  const said = await answer.json()
  if (!answer.ok) throw new Error(`${path}: ${said.code}: ${said.message}`)
  return said
}

const { nodes, undecided } = await ask('/api/nodes/match', { name })
if (undecided.length > 0) console.error('cannot be decided without asking:', undecided.join(', '))
const inputs = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)))
const started = await ask('/api/jobs', { kind: 'call', agent, action, inputs, nodes, filter: { name } })
console.log(started.command)

let job = started
while (job.state === 'running') {
  await sleep(500)
  job = await ask(`/api/jobs/${job.id}`)
}
const { groups } = await ask(`/api/jobs/${job.id}/groups`)
for (const { outcome, nodes, message, data } of groups) {
  const shown = nodes.first.join(', ') + (nodes.count > nodes.first.length ? ', ...' : '')
  console.log(`${nodes.count} ${outcome} (${shown}): ${outcome === 'ok' ? JSON.stringify(data) : message}`)
}
process.exitCode = job.state === 'done' && job.counts.ok === job.counts.targeted ? 0 : 1
