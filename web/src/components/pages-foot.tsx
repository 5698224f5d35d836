// Below a list that is read page by page: how much of it is shown, and the way to older ones.

import { Button } from '@mantine/core'
import styles from './pages-foot.module.css'

export interface PagesFootProps {
  /** e.g. `50 jobs`. */
  readonly shown: string
  /** What `usePages` gave. */
  readonly found: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    fetchNextPage(): Promise<unknown>
  }
}

export function PagesFoot({ shown, found }: PagesFootProps) {
  return (
    <div className={styles.foot}>
      <span role="status">{shown} shown</span>
      {found.hasNextPage ? (
        <Button
          size="xs"
          variant="default"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          Older ones
        </Button>
      ) : null}
    </div>
  )
}
