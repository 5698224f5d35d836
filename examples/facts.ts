// A table of a fact, Debian nodes only, given up after five seconds. Inputs and outputs of built-in agents are typed.
// Run: node examples/facts.ts osfamily
import { connect, parseFactTest } from 'troupe'

const fact = process.argv[2] ?? 'osfamily'
const mco = await connect()
try {
  const signal = AbortSignal.timeout(5000)
  const filter = { facts: [parseFactTest('osfamily=Debian')] }
  for await (const reply of mco.agent('rpcutil').call('get_fact', { fact }, { filter, signal })) {
    console.log(reply.sender, reply.data.value)
  }
} finally {
  await mco.close()
}
