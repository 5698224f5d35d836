// `mco describe_filter`: what a filter means, in words, without asking any node. [cli 8.9, M-013]

import { isEmptyFilter } from '#message/filter.ts'
import { printable } from '#rpc/inspect.ts'
import { describeFilter as linesOf } from '#rpc/match/describe.ts'
import { filterOf } from '../call-options.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { usageError } from '../usage-error.ts'

export const describeFilter: Command = {
  name: 'describe_filter',
  summary: 'Display human readable interpretation of filters',
  usage: ['describe_filter -S <filter> -F <filter> -C <filter> -A <agent> -I <identity> -W <filter>'],
  options: [],
  groups: ['filter'],
  notes: ['No node is asked and no configuration is needed.'],
  json: { shape: '{"facts", "classes", "agents", "identities", "compounds"}', note: 'the filter as it is sent' },
  examples: [{ says: 'how an expression is understood', type: `describe_filter -S "osfamily=Debian and !ntp"` }],
  async run({ terminal, options, json }) {
    const filter = await filterOf(options)
    if (isEmptyFilter(filter)) throw usageError('Please specify at least one filter to describe')
    if (json) terminal.json(filter)
    else terminal.out(linesOf(filter).map(printable).join('\n'))
    return EXIT.ok
  },
}
