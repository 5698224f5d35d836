// The connector's rules, for the in-memory bus.

import { createMemoryBus } from '#transport/memory.ts'
import { connectorConformance } from './connector.ts'

connectorConformance('memory', {
  async start() {
    const bus = createMemoryBus()
    return {
      connector: (identity) => bus.connector({ identity }),
      interrupt: () => bus.break(),
      restore: () => bus.restore(),
      async stop() {},
    }
  },
})
