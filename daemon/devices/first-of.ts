/** Tries many ways at once, and goes on with the first that leads somewhere. */

/** How one way is tried: what it comes to, once it did; `leave` undoes that where another way was quicker. */
export interface Ways<Way, Found> {
  readonly ways: readonly Way[]
  /** At the same time. */
  readonly atOnce: number
  readonly attempt: (way: Way, signal: AbortSignal) => Promise<Found>
  readonly leave: (found: Found) => void
  /** The one of two reasons to give up that says more. */
  readonly worse: (one: unknown, other: unknown) => unknown
}

/** The first that succeeds; the others are aborted, and have ended when it resolves. Rejects with what `worse` chose once none is left, and with the signal's reason. */
export async function firstOf<Way, Found>(
  { ways, atOnce, attempt, leave, worse }: Ways<Way, Found>,
  nothing: unknown,
  signal: AbortSignal,
): Promise<Found> {
  const enough = new AbortController()
  const either = AbortSignal.any([signal, enough.signal])
  const left = [...ways]
  let found: { readonly it: Found } | undefined
  let problem = nothing
  const run = async (): Promise<void> => {
    for (let way = left.shift(); way !== undefined && !either.aborted; way = left.shift()) {
      try {
        const it = await attempt(way, either)
        if (found !== undefined || signal.aborted) return leave(it)
        found = { it }
        enough.abort()
      } catch (error) {
        if (!either.aborted) problem = worse(problem, error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, ways.length) }, run))
  if (found !== undefined) return found.it
  signal.throwIfAborted()
  throw problem
}
