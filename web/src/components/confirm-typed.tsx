// Asks before something that is hard to take back. With `word`, it must be typed: 26 nodes are not changed by one click too many. [live 4: safety]

import { Button, Group, Text, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { FormError } from './form-error.tsx'

export interface ConfirmTypedProps {
  readonly opened: boolean
  readonly title: string
  /** What will happen. */
  readonly children: ReactNode
  /** Must be typed exactly, e.g. `446`; undefined: a click will do. */
  readonly word?: string | undefined
  /** On the button, e.g. `Clone to 446 nodes`. */
  readonly action: string
  /** Default true: red. */
  readonly danger?: boolean
  readonly busy?: boolean
  readonly error?: unknown
  onConfirm(): void
  onCancel(): void
}

export function ConfirmTyped({ opened, title, onCancel, ...rest }: ConfirmTypedProps) {
  return (
    <Dialog opened={opened} onClose={onCancel} title={title}>
      {opened ? <Body {...rest} onCancel={onCancel} /> : null}
    </Dialog>
  )
}

/** Which number is to be typed may be known only when the dialog is open already. */
const takeFocus = (input: HTMLInputElement | null): void => input?.focus()

function Body({
  children,
  word,
  action,
  danger = true,
  busy = false,
  error,
  onConfirm,
  onCancel,
}: Omit<ConfirmTypedProps, 'opened' | 'title'>) {
  const [typed, setTyped] = useState('')
  const ready = word === undefined || typed.trim() === word
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (ready && !busy) onConfirm()
  }
  return (
    <form onSubmit={submit}>
      <FormError error={error} />
      <div>{children}</div>
      {word === undefined ? null : (
        <TextInput
          mt="md"
          label={
            <Text span size="sm">
              Type <b>{word}</b> to go on
            </Text>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          ref={takeFocus}
        />
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onCancel} data-autofocus={word === undefined && danger ? true : undefined}>
          Cancel
        </Button>
        <Button
          type="submit"
          {...(danger ? { color: 'red' } : {})}
          disabled={!ready}
          loading={busy}
          data-autofocus={word === undefined && !danger ? true : undefined}
        >
          {action}
        </Button>
      </Group>
    </form>
  )
}
