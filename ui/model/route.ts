/** Where the owner is, in the address bar: the browser's back button works, on phones too. */

import { signal } from '@preact/signals-core'

export type Route =
  | { name: 'home' }
  | { name: 'chat'; conversation: string }
  | { name: 'details'; conversation: string }
  | { name: 'person'; contact: string }
  | { name: 'add'; tab: string }
  | { name: 'new-group' }
  | { name: 'settings' }

/** An address that somebody mangled is an unknown one, not a crash. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

export function readRoute(hash: string): Route {
  const [head = '', id = '', tail = ''] = hash
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decode(part))
  if (head === 'c' && id !== '') return { name: tail === 'details' ? 'details' : 'chat', conversation: id }
  if (head === 'p' && id !== '') return { name: 'person', contact: id }
  if (head === 'add') return { name: 'add', tab: id === '' ? 'nearby' : id }
  if (head === 'new-group') return { name: 'new-group' }
  if (head === 'settings') return { name: 'settings' }
  return { name: 'home' }
}

export function writeRoute(next: Route): string {
  if (next.name === 'home') return '#/'
  if (next.name === 'settings' || next.name === 'new-group') return `#/${next.name}`
  if (next.name === 'add') return `#/add/${encodeURIComponent(next.tab)}`
  if (next.name === 'person') return `#/p/${encodeURIComponent(next.contact)}`
  return `#/c/${encodeURIComponent(next.conversation)}${next.name === 'details' ? '/details' : ''}`
}

export const route = signal<Route>({ name: 'home' })

/** How many steps of ours lie behind in the browser's history. */
let depth = 0

export function go(next: Route, options: { replace?: boolean } = {}): void {
  const hash = writeRoute(next)
  if (hash === location.hash) return
  if (options.replace === true) history.replaceState({ depth }, '', hash)
  else history.pushState({ depth: ++depth }, '', hash)
  route.value = next
}

/** One step back; where there is none of ours, up to `parent`. */
export function back(parent: Route): void {
  if (depth > 0) history.back()
  else go(parent, { replace: true })
}

function readAddressBar(): void {
  depth = (history.state as { depth?: number } | null)?.depth ?? 0
  const next = readRoute(location.hash)
  // Two events tell of one step.
  if (writeRoute(next) !== writeRoute(route.value)) route.value = next
}

/** The page was loaded anew by its worker: the address is as it was. */
function tidyAddress(): void {
  if (location.search.startsWith('?renewed=')) history.replaceState(history.state, '', `/${location.hash}`)
}

export function startRouting(): void {
  tidyAddress()
  addEventListener('popstate', readAddressBar)
  addEventListener('hashchange', readAddressBar)
  readAddressBar()
}

/** The one-use code of a fresh link. */
export function readCode(): string | undefined {
  const code = /^#code=(.+)$/.exec(location.hash)?.[1]
  return code === undefined ? undefined : decode(code)
}

/** Takes the code out of the address bar and of the history. Not before it was answered: a reload must find it. */
export function forgetCode(): void {
  const hash = readCode() === undefined ? location.hash : '#/'
  history.replaceState(history.state, '', location.pathname + hash)
}
