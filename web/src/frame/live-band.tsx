// A place across the page of Live Management, above node list and page: what is being prepared there stays in sight while nodes are chosen. [live 4]

import { createContext, type ReactNode, useContext, useState } from 'react'
import { createPortal } from 'react-dom'

const LiveBandContext = createContext<HTMLElement | null>(null)

/** `place` is where bands are put; it comes before the node list in the order of the keyboard. */
export function LiveBandProvider({ children }: { children: (place: ReactNode) => ReactNode }) {
  const [element, setElement] = useState<HTMLElement | null>(null)
  return <LiveBandContext value={element}>{children(<div ref={setElement} />)}</LiveBandContext>
}

/** Shown across the page as long as it is there. */
export function LiveBand({ children }: { children: ReactNode }) {
  const element = useContext(LiveBandContext)
  return element === null ? null : createPortal(children, element)
}
