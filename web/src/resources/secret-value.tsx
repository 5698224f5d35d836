// A property that is a secret: never in the page until an operator asks for it, of one node, knowing that it is recorded; gone again after a minute.

import { Button, Popover, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../api/client.ts'
import { useMay } from '../api/session.ts'
import { FormError } from '../components/form-error.tsx'
import { IconEye, IconEyeOff } from '../components/icons.ts'
import { ValueView } from '../components/value-view.tsx'
import styles from './property-table.module.css'
import { HiddenValue } from './property-value.tsx'

const SHOWN_MS = 60_000

export interface SecretValueProps {
  readonly type: string
  readonly title: string
  readonly property: string
  readonly value: unknown
  /** Whom to ask for it; undefined: nobody. */
  readonly node: string | undefined
}

export function SecretValue({ type, title, property, value, node }: SecretValueProps) {
  const may = useMay('operator')
  const [asking, setAsking] = useState(false)
  const reveal = useMutation({
    mutationFn: (from: string) =>
      call('POST /api/resources/:type/reveal', { params: { type }, body: { title, node: from, property } }),
    onSuccess: () => setAsking(false),
    gcTime: 0,
  })
  const { reset } = reveal
  const shown = reveal.data !== undefined
  useEffect(() => {
    if (!shown) return
    const timer = setTimeout(reset, SHOWN_MS)
    return () => clearTimeout(timer)
  }, [shown, reset])
  if (shown) {
    return (
      <div className={styles.secret}>
        <span className={styles.shownSecret}>
          <ValueView value={reveal.data.value} />
        </span>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconEyeOff size={14} aria-hidden="true" />}
          onClick={reset}
        >
          Hide
        </Button>
      </div>
    )
  }
  return (
    <div className={styles.secret}>
      <HiddenValue value={value} />
      {may && node !== undefined ? (
        <Popover
          opened={asking}
          onChange={setAsking}
          width={300}
          position="bottom-start"
          withArrow
          shadow="md"
          trapFocus
        >
          <Popover.Target>
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconEye size={14} aria-hidden="true" />}
              aria-label={`Reveal ${property} of ${node}`}
              onClick={() => setAsking(!asking)}
            >
              Reveal
            </Button>
          </Popover.Target>
          <Popover.Dropdown aria-label={`Reveal ${property}`}>
            <FormError error={reveal.error} />
            <Text size="sm" mb="sm">
              <b>{node}</b> is asked for it, and the audit records that you have seen it.
            </Text>
            <Button size="xs" loading={reveal.isPending} onClick={() => reveal.mutate(node)}>
              Reveal {property}
            </Button>
          </Popover.Dropdown>
        </Popover>
      ) : null}
    </div>
  )
}
