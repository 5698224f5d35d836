// GET /api/agents: what can be run, as forms. [live 6]

import { TaskAgents } from '../api/tasks.ts'
import { type Route, route } from '../route.ts'
import type { TaskShelf } from '../tasks/task-shelf.ts'

export function agentRoutes({ tasks }: { readonly tasks: TaskShelf }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/agents',
      role: 'viewer',
      summary: 'Every agent that is installed, with its actions, inputs and outputs',
      tag: 'tasks',
      answer: TaskAgents,
      handle: async () => tasks.list(),
    }),
  ]
}
