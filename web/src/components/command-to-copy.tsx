// The command line that does the same, ready to be copied. Every page has it: what one learns here can be put into a script.

import { Tooltip, UnstyledButton } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { NODES_FILE } from '#console/api/command-line.ts'
import styles from './command-to-copy.module.css'
import { IconCheck, IconCopy, IconDownload, IconTerminal2 } from './icons.ts'
import { saveText } from './save-text.ts'

/** `label` says what it is to readers of the screen. The command may hold words from nodes: it comes quoted from the console. */
export function CommandToCopy({
  command,
  label = 'The same on the command line',
  nodes,
}: {
  command: string
  label?: string
  /** Names of the nodes, or the address of a file with them: offered when the command reads them from one. */
  nodes?: readonly string[] | string | undefined
}) {
  const { copied, copy, error } = useClipboard({ timeout: 1_500 })
  return (
    <section className={styles.command} aria-label={label}>
      <IconTerminal2 size={15} className={styles.icon} aria-hidden="true" />
      <code className={styles.code} tabIndex={0} dir="ltr">
        {command}
      </code>
      {nodes !== undefined && nodes.length > 0 && command.includes(` --nodes ${NODES_FILE}`) ? (
        <Tooltip label={`The names of the nodes, which the command reads from ${NODES_FILE}`} openDelay={600}>
          {typeof nodes === 'string' ? (
            <a className={styles.copy} href={nodes} download={NODES_FILE}>
              <IconDownload size={14} aria-hidden="true" />
              {NODES_FILE}
            </a>
          ) : (
            <UnstyledButton className={styles.copy} onClick={() => saveText(NODES_FILE, `${nodes.join('\n')}\n`)}>
              <IconDownload size={14} aria-hidden="true" />
              {NODES_FILE}
            </UnstyledButton>
          )}
        </Tooltip>
      ) : null}
      <Tooltip label={error ? 'The browser does not allow it: select the text and copy it.' : label} openDelay={600}>
        <UnstyledButton className={styles.copy} onClick={() => copy(command)} aria-label="Copy the command">
          {copied ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />}
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </UnstyledButton>
      </Tooltip>
    </section>
  )
}
