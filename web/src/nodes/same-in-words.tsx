// The same nodes for the command line: `mco find` with the filter, or with the names picked by hand.

import { ActionIcon, Button, Popover, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { NAMED_NODES_MAX, NODES_FILE, shellLine, targetWords } from '#console/api/command-line.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { IconDownload, IconTerminal2 } from '../components/icons.ts'
import { saveText } from '../components/save-text.ts'
import styles from './node-list.module.css'
import { type NodeListState, useNodeList } from './node-selection.tsx'

export function SameInWords() {
  const list = useNodeList()
  const [opened, setOpened] = useState(false)
  return (
    <Popover opened={opened} onChange={setOpened} position="top-end" width={420} withArrow shadow="md" trapFocus>
      <Popover.Target>
        <Tooltip label="The same nodes on the command line" disabled={opened}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="The same nodes on the command line"
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            <IconTerminal2 size={17} aria-hidden="true" />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="The same nodes on the command line">
        <p className={styles.sameTitle}>The same nodes on the command line</p>
        {list.selected.length === 0 ? <span>No node is selected.</span> : <CommandToCopy command={commandOf(list)} />}
        {list.selected.length > NAMED_NODES_MAX ? (
          <Button
            mt="xs"
            size="compact-sm"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden="true" />}
            onClick={() => saveText(NODES_FILE, `${list.selected.join('\n')}\n`)}
          >
            {NODES_FILE}
          </Button>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  )
}

function commandOf({ selected, matching, total, filtering, options }: NodeListState): string {
  if (selected.length === total) return 'mco find'
  if (filtering && options !== '' && selected.length === matching.length) return `mco find ${options}`
  return shellLine(['mco', 'find', ...targetWords({ kind: 'nodes', nodes: selected })])
}
