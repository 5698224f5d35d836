// One node after the other, stopping at the first failure; says who was never addressed. Run: node examples/rolling.mjs
import { connect } from 'troupe'

const mco = await connect()
try {
  const { nodes } = await mco.discover().result
  const call = mco.agent('rpcutil').call('daemon_stats', {}, { nodes: nodes.toSorted(), batch: 1, batchSleepSeconds: 0 })
  for await (const reply of call) {
    console.log(reply.sender, reply.outcome)
    if (reply.outcome !== 'ok') call.stop()
  }
  const { notAddressed } = await call.summary
  if (notAddressed.length > 0) console.log('not addressed:', notAddressed.join(', '))
} finally {
  await mco.close()
}
