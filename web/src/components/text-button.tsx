// A button that looks like a link: it does something here instead of leading somewhere.

import type { ComponentProps } from 'react'
import styles from './text-button.module.css'

export interface TextButtonProps extends ComponentProps<'button'> {
  /** Default `hover`. In running text, where nothing else tells that it is one: `always`. */
  readonly underline?: 'always' | 'hover'
  /** Default `link`; `text` and `dim`: of what is around it, or weaker. */
  readonly tone?: 'link' | 'text' | 'dim'
  /** Default: as what is around it. */
  readonly size?: 'sm' | 'xs'
}

/** `disabled` leaves it the focus: `Select all`, once pressed, can do nothing more, and who pressed it goes on from there. */
export function TextButton({ underline, tone, size, className, disabled, onClick, ...rest }: TextButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={disabled === true ? true : undefined}
      onClick={disabled === true ? undefined : onClick}
      className={className === undefined ? styles.button : `${styles.button} ${className}`}
      data-underline={underline}
      data-tone={tone}
      data-size={size}
    />
  )
}
