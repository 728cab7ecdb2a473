/** Tries links of contacts and into groups again that nobody answered at. */

import type { Log } from './log.ts'
import type { Rooms } from './rooms.ts'

const everyMs = 60_000

/** Now and then, until the function that it answers is called. */
export function retryLinks({ linkRetries, joins }: Pick<Rooms, 'linkRetries' | 'joins'>, log: Log): () => void {
  const ending = new AbortController()
  const timer = setInterval(() => {
    linkRetries.round(ending.signal).catch(() => log('warn', 'contact links could not be tried again'))
    joins.round(ending.signal).catch(() => log('warn', 'links into groups could not be tried again'))
  }, everyMs).unref()
  return () => {
    clearInterval(timer)
    ending.abort()
  }
}
