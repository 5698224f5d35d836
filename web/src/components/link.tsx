// Links between pages: the router's, with the look of the design. `LinkButton` looks like a button and is a link.

import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { forwardRef } from 'react'

const AnchorBase = forwardRef<HTMLAnchorElement, AnchorProps>(function AnchorBase(props, ref) {
  return <Anchor ref={ref} inherit {...props} />
})
export const TextLink = createLink(AnchorBase)

const ButtonBase = forwardRef<HTMLAnchorElement, ButtonProps>(function ButtonBase(props, ref) {
  return <Button ref={ref} component="a" {...props} />
})
export const LinkButton = createLink(ButtonBase)
