// Shows the node list before the program that works with it has been read: the picture of the frame (picture.tsx) with the names, states and counts that
// the console has answered. It is for the eyes alone, inert, and makes room in the same frame in which the program has drawn the same. Whatever it
// cannot show exactly (a filter, a selection, a narrow window) it leaves to the program. A file of its own; nothing here may import a library.

import type { NodeList, NodeRow } from '#console/api/nodes.ts'
import type { Session } from '#console/api/session.ts'
import { askEarly, isWaiting } from '../api/early-answers.ts'
import { numberText } from '../components/format.ts'
import banners from '../frame/banners.module.css'
import tabs from '../frame/live-frame.module.css'
import { LIVE_TABS, NARROW, sectionsFor } from '../frame/sections.ts'
import bar from '../frame/top-bar.module.css'
import { LIVE_KEYS } from '../nodes/live-keys.ts'
import list from '../nodes/node-list.module.css'
import rows from '../nodes/node-rows.module.css'
import { ROW_PX } from '../nodes/row-height.ts'
import { COMMAND_KEYS } from '../palette/command-keys.ts'
import launcher from '../palette/launcher.module.css'
import { PICTURE, PICTURE_STYLES } from './picture-markup.ts'
import { rowName } from './picture-rows.ts'

/** A program that has not come by then does not come: nothing may look as if it were there. */
const GIVE_UP_MS = 20_000
/** Windows that nobody sees paint nothing. */
const PAINTED_WITHIN_MS = 150

const asked = document.querySelector('link[rel=preload][href="/api/nodes"]') !== null
const words = new URLSearchParams(location.search)
if (asked && PICTURE !== '' && !matchMedia(NARROW).matches && !LIVE_KEYS.some((key) => words.has(key))) {
  // Else a program that waits for the list already would draw it first, and nothing could be seen meanwhile.
  const { promise, resolve } = Promise.withResolvers<void>()
  void show(promise).finally(resolve)
}

/** Resolves when the picture has been painted, or when there will be none. */
async function show(shown: Promise<void>): Promise<void> {
  const place = document.getElementById('root')
  const asked = [askEarly('/api/session'), askEarly('/api/nodes', shown)]
  const answers = await Promise.all(asked).catch(() => undefined)
  if (answers === undefined || place === null || !answers.every(({ answer }) => answer.ok)) return
  // At the next visit the program is there before the list, and draws it about as soon as a picture could be painted.
  if (isDrawn(place) || (isFromCache() && !isWaiting('/api/session'))) return
  const [session, nodes] = answers.map(({ value }) => value) as [Session, NodeList]
  const usual = session.account !== undefined && !session.mustChoosePassword && session.liveManagement
  if (!usual || nodes.nodes.length === 0 || nodes.storeProblem !== undefined) return
  const frame = pictureOf(session, nodes)
  const styles = new CSSStyleSheet()
  styles.replaceSync(PICTURE_STYLES)
  document.adoptedStyleSheets.push(styles)
  document.body.append(frame)
  const remove = (): void => {
    frame.remove()
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== styles)
    watch.disconnect()
    clearTimeout(timer)
  }
  // Told after the program has drawn and before that is painted: nobody sees both, or neither.
  const watch = new MutationObserver(() => isDrawn(place) && remove())
  watch.observe(place, { childList: true, subtree: true })
  const timer = setTimeout(remove, GIVE_UP_MS)
  await painted()
}

/** This file, and so the rest of the program. */
function isFromCache(): boolean {
  const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  return files.find(({ name }) => name === import.meta.url)?.transferSize === 0
}

function painted(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAINTED_WITHIN_MS)
    requestAnimationFrame(() => setTimeout(resolve))
  })
}

/** Every page has it, whatever it is. */
function isDrawn(place: HTMLElement): boolean {
  return place.querySelector('main') !== null
}

function pictureOf(session: Session, { nodes, problem }: NodeList): HTMLElement {
  const frame = document.createElement('div')
  frame.id = 'first-frame'
  frame.inert = true
  frame.ariaHidden = 'true'
  // Markup of the build, as constant as this line; what the console answers is put in as text.
  frame.append(...new DOMParser().parseFromString(PICTURE, 'text/html').body.children)
  // The policy allows styles that code sets, not those that stand in markup.
  for (const it of frame.querySelectorAll<HTMLElement>('[data-style]')) it.style.cssText = it.dataset.style ?? ''
  fillBar(frame, session)
  fillBanner(frame, problem)
  fillList(frame, nodes)
  return frame
}

function fillBar(frame: HTMLElement, { account, collective }: Session): void {
  const name = account?.displayName || account?.name || ''
  const sections = sectionsFor(account?.role === 'administrator')
  all(frame, bar.section).forEach((it, index) => {
    it.textContent = sections[index]?.label ?? ''
  })
  all(frame, tabs.tab).forEach((it, index) => {
    it.toggleAttribute('data-current', LIVE_TABS[index]?.owns(location.pathname) === true)
  })
  one(frame, bar.collective).textContent = collective
  one(frame, bar.accountName).textContent = name
  one(frame, bar.initial).textContent = [...name][0]?.toUpperCase() ?? ''
  // The picture has that of a light one.
  const dark = document.documentElement.dataset.mantineColorScheme === 'dark'
  if (dark) one(frame, bar.icon).style.visibility = 'hidden'
  one(frame, launcher.keys).textContent = COMMAND_KEYS
}

function fillBanner(frame: HTMLElement, problem: string | undefined): void {
  if (problem === undefined) one(frame, banners.banners).replaceChildren()
  else one(frame, banners.text).lastChild!.textContent = ` ${problem}`
}

function fillList(frame: HTMLElement, nodes: readonly NodeRow[]): void {
  for (const it of one(frame, list.count).querySelectorAll('b')) it.textContent = numberText(nodes.length)
  // How many answer, and as of when, is the program's to say.
  one(frame, list.stripWords).replaceChildren()
  const inner = one(frame, rows.inner)
  const samples = new Map([...inner.children].map((row) => [one(row, rows.name).textContent, row]))
  inner.style.height = `${nodes.length * ROW_PX}px`
  inner.replaceChildren(
    ...nodes.slice(0, Math.ceil(innerHeight / ROW_PX)).map((node, index) => {
      const row = samples.get(rowName(node.state, node.neverRan === true))!.cloneNode(true) as HTMLElement
      one(row, rows.name).textContent = node.name
      row.style.transform = `translateY(${index * ROW_PX}px)`
      return row
    }),
  )
}

/** By the name of a class of a style sheet. */
function one(within: Element, name: string | undefined): HTMLElement {
  return within.getElementsByClassName(name ?? '')[0] as HTMLElement
}

function all(within: Element, name: string | undefined): readonly HTMLElement[] {
  return [...within.getElementsByClassName(name ?? '')] as HTMLElement[]
}
