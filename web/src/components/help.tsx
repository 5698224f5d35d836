// A question mark that opens a short explanation.

import { ActionIcon, Popover } from '@mantine/core'
import type { ReactNode } from 'react'
import { IconHelpCircle } from './icons.ts'

/** `label` says what is explained, e.g. `Similarity`. */
export function Help({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Popover width={320} position="bottom" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="xs" aria-label={`${label}: what it means`}>
          <IconHelpCircle size={15} aria-hidden="true" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown fz="sm">{children}</Popover.Dropdown>
    </Popover>
  )
}
