// Between the build of the pages and the console that serves them: one line of dist/web/pages.json, which web/page-files.ts writes and page-head.ts reads.

/** What every page needs stands in index.html. */
export interface PageFiles {
  /** As the router of the pages writes it, e.g. `/tasks/$agent`. */
  readonly path: string
  /** e.g. `/assets/puppet-BxUc4.js`. */
  readonly files: readonly string[]
  /** What the page asks the console in any case, e.g. `/api/nodes`. */
  readonly asks: readonly string[]
}
