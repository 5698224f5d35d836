// What can be written into the field `Expression`: the language of `mco -S`.

import { Popover } from '@mantine/core'
import { TextButton } from '../components/text-button.tsx'
import styles from './filter-form.module.css'

const EXAMPLES = [
  ['apache and osfamily=Debian', 'class and fact'],
  ['(web or db) and !environment=dev', 'any of two, but not these'],
  ['processorcount>=8 and fqdn=/^db/', 'numbers and patterns'],
  ["service('ntp').status=running", 'asked from the nodes'],
] as const

export function CompoundHelp() {
  return (
    <Popover width={340} position="bottom-end" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <TextButton size="xs" className={styles.link}>
          As in mco -S
        </TextButton>
      </Popover.Target>
      <Popover.Dropdown fz="sm">
        <dl className={styles.examples}>
          {EXAMPLES.map(([text, meaning]) => (
            <div key={text}>
              <dt>
                <code>{text}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  )
}
