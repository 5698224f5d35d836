// Text of a YAML file to facts. Loaded with the first file, because js-yaml costs every start of a node otherwise. [wire 6.1]

import * as yaml from 'js-yaml'
import { FACT_ALIASES_MAX, FACT_DEPTH_MAX } from '#base/limits.ts'
import type { Facts } from './fact-source.ts'
import { normaliseFacts } from './normalise-facts.ts'

const ruby = (prefix: string) =>
  yaml.defineScalarTag(prefix, {
    implicit: true,
    implicitFirstChars: [':'],
    resolve: (source, isExplicit) =>
      isExplicit ? source : /^:[A-Za-z_][\w.]*$/.test(source) ? source.slice(1) : yaml.NOT_RESOLVED,
    identify: () => false,
  })
const asWritten = (tag: typeof yaml.intYaml11Tag, plain: RegExp) =>
  yaml.defineScalarTag<string | number>(tag.tagName, {
    implicit: true,
    implicitFirstChars: tag.implicitFirstChars,
    resolve: (source, isExplicit, name) => (plain.test(source) ? source : tag.resolve(source, isExplicit, name)),
    identify: () => false,
  })
const SCHEMA = new yaml.Schema([
  yaml.strTag,
  yaml.seqTag,
  yaml.realMapTag,
  yaml.nullYaml11Tag,
  yaml.boolYaml11Tag,
  asWritten(yaml.intYaml11Tag, /^-?(0|[1-9]\d*)$/),
  asWritten(yaml.floatYaml11Tag, /^-?(0|[1-9]\d*)\.\d+$/),
  yaml.mergeTag,
  ruby('!ruby/sym'),
])

/**
 * Facts in YAML 1.1 as Ruby reads it: `yes` is true, `:name` is `name`. Numbers keep the text they were written with, dates
 * are text. Throws an Error when it is no map, too large or too deep, or has tags of foreign types.
 */
export function parseFactsYaml(text: string): Facts {
  const content = text.replace(/^\uFEFF/, '')
  if (content.split('\n').every(holdsNothing)) return normaliseFacts({})
  return normaliseFacts(yaml.load(content, { schema: SCHEMA, maxDepth: FACT_DEPTH_MAX, maxAliases: FACT_ALIASES_MAX }))
}

/** A blank line, a comment, or the start of a document; js-yaml refuses texts of nothing else. */
function holdsNothing(line: string): boolean {
  const text = line.trim()
  return text === '' || text.startsWith('#') || text === '---'
}
