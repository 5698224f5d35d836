// A filter held against the node itself, data plugins included. Facts and classes are only looked at when the filter asks for
// them. [wire 6]

import { isTroupeError, TroupeError } from '#base/errors.ts'
import type { Filter } from '#message/filter.ts'
import type { NodeView } from '#rpc/agent.ts'
import { type Evaluation, evaluateFilter, type MatchSubject, type QueryData } from '#rpc/match/evaluate.ts'

/** True when the filter fits. Throws or rejects with FILTER_* when it cannot be evaluated. */
export function matchNode(filter: Filter, node: NodeView): boolean | Promise<boolean> {
  const evaluation = evaluateFilter(filter, subjectOf(node), dataQueryOf(node))
  return evaluation instanceof Promise ? evaluation.then(verdict) : verdict(evaluation)
}

/** The node as rpc/match sees it; reads facts and classes when they are asked for. */
export function subjectOf(node: NodeView): MatchSubject {
  return {
    identity: node.identity,
    get agents() {
      return node.agents().map((ddl) => ddl.name)
    },
    get classes() {
      return node.classes()
    },
    get facts() {
      return node.facts()
    },
  }
}

/** The node's data plugins; undefined for a plugin that is not there or refuses the query. */
export function dataQueryOf(node: NodeView): QueryData {
  return async (source, query) => {
    try {
      return await node.queryData(source, query)
    } catch (error) {
      if (isTroupeError(error, 'RPC_DATA_REFUSED')) return undefined
      throw error
    }
  }
}

function verdict(evaluation: Evaluation): boolean {
  if (evaluation.result === 'error') throw new TroupeError('FILTER_DATA_FAILED', evaluation.reason)
  return evaluation.result === 'match'
}
