// What is shown instead of a page: it does not exist, or it broke.

import { Button, Group } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { TextLink } from '../components/link.tsx'
import { Empty, ErrorState } from '../components/state.tsx'
import { Page } from './page.tsx'

export function NotFoundPage() {
  return (
    <main id="main">
      <Page title="Not found">
        <Empty title="There is no such page" action={<TextLink to="/">To the overview</TextLink>}>
          The address may be mistyped, or what it leads to has been removed.
        </Empty>
      </Page>
    </main>
  )
}

export function CrashPage({ error, reset }: ErrorComponentProps) {
  return (
    <main>
      <Page title="This page broke">
        <ErrorState error={error} title="This page broke" />
        <Group mt="md">
          <Button onClick={reset}>Show it again</Button>
          <Button variant="default" onClick={() => window.location.reload()}>
            Load everything anew
          </Button>
        </Group>
      </Page>
    </main>
  )
}
