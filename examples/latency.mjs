// Every node with its latency, the slowest last. Run: node examples/latency.mjs
import { connect } from 'troupe'

const mco = await connect()
try {
  const replies = []
  const call = mco.agent('rpcutil').call('ping')
  for await (const reply of call) replies.push(reply)
  replies.sort((a, b) => a.elapsedMs - b.elapsedMs)
  for (const { sender, elapsedMs } of replies) console.log(`${sender} ${elapsedMs.toFixed(1)} ms`)
  const { targeted, ok, noResponse } = await call.summary
  console.log(`${ok} of ${targeted} answered`, noResponse)
} finally {
  await mco.close()
}
