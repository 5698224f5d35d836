// `mco describe_filter`: what a filter means, in words, without asking any node. [cli 8.9, M-013]

import { isEmptyFilter } from '#message/filter.ts'
import { describeFilter as linesOf } from '#rpc/match/describe.ts'
import { filterOf } from '../call-options.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { usageError } from '../usage-error.ts'

export const describeFilter: Command = {
  name: 'describe_filter',
  summary: 'Display human readable interpretation of filters',
  usage: ['describe_filter -S <filter> -F <filter> -C <filter>'],
  options: [{ name: 'json', short: 'j', description: 'Produce JSON output: the filter as it is sent' }],
  groups: ['filter'],
  examples: [{ says: 'how an expression is understood', type: `describe_filter -S "osfamily=Debian and !ntp"` }],
  async run({ terminal, options }) {
    const filter = await filterOf(options)
    if (isEmptyFilter(filter)) throw usageError('Please specify at least one filter to describe')
    if (options.flag('json')) terminal.json(filter)
    else terminal.out(linesOf(filter).join('\n'))
    return EXIT.ok
  },
}
