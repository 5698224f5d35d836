// The command line that does the same, ready to be copied. Every page has it: what one learns here can be put into a script.

import { Tooltip, UnstyledButton } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import styles from './command-to-copy.module.css'
import { IconCheck, IconCopy, IconTerminal2 } from './icons.ts'

/** `label` says what it is to readers of the screen. The command may hold words from nodes: it comes quoted from the console. */
export function CommandToCopy({
  command,
  label = 'The same on the command line',
}: {
  command: string
  label?: string
}) {
  const { copied, copy, error } = useClipboard({ timeout: 1_500 })
  return (
    <section className={styles.command} aria-label={label}>
      <IconTerminal2 size={15} className={styles.icon} aria-hidden="true" />
      <code className={styles.code} tabIndex={0} dir="ltr">
        {command}
      </code>
      <Tooltip label={error ? 'The browser does not allow it: select the text and copy it.' : label} openDelay={600}>
        <UnstyledButton className={styles.copy} onClick={() => copy(command)} aria-label="Copy the command">
          {copied ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />}
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </UnstyledButton>
      </Tooltip>
    </section>
  )
}
