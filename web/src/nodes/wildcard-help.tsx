// The pop-over behind `Wildcards allowed`. [live 2]

import { Popover } from '@mantine/core'
import { TextButton } from '../components/text-button.tsx'
import styles from './filter-form.module.css'

export function WildcardHelp() {
  return (
    <Popover width={300} position="bottom-end" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <TextButton size="xs" className={styles.link}>
          Wildcards allowed
        </TextButton>
      </Popover.Target>
      <Popover.Dropdown fz="sm">
        <dl className={styles.help}>
          <dt>
            <code>?</code>
          </dt>
          <dd>one character</dd>
          <dt>
            <code>*</code>
          </dt>
          <dd>any number of characters, also none</dd>
          <dt>
            <code>/web[0-9]/</code>
          </dt>
          <dd>a regular expression, anywhere in the name</dd>
        </dl>
        <p className={styles.helpText}>
          The whole name must match: <code>web*</code> finds <code>web1.example.com</code>, <code>web</code> does not.
          Upper and lower case are the same. The facts hostname and fqdn are searched as well.
        </p>
      </Popover.Dropdown>
    </Popover>
  )
}
