/** Compares what was acknowledged with what all ends of a conversation show. */

import type { Said } from './load.ts'

export interface Counts {
  /** Acknowledged to their authors. */
  sent: number
  /** Of these, shown at every end. */
  delivered: number
  /** Of these, written by somebody who had been removed and did not know it yet: shown as such where they are held, and nowhere else. */
  outside: number
  /** Missing at some end. */
  lost: number
  /** Shown more than once at some end, or never sent. */
  doubled: number
  /** Behind one that their author said later, or elsewhere than at another end. */
  reordered: number
}

/** A message as one end shows it. */
export interface Shown {
  readonly text: string
  readonly isOutside: boolean
  /** Ids of its files. */
  readonly files?: readonly string[]
}

export const noCounts = (): Counts => ({ sent: 0, delivered: 0, outside: 0, lost: 0, doubled: 0, reordered: 0 })

const nothing: ReadonlySet<string> = new Set()

/** `ends`: what each shows, oldest first. `unsure`: what may be there and need not. */
export function judge(said: readonly Said[], ends: readonly (readonly Shown[])[], unsure = nothing): Counts {
  const inside = ends.map((each) => textsOf(each, false))
  const outside = ends.map((each) => textsOf(each, true))
  const counts = noCounts()
  counts.sent = said.length
  countArrived(counts, said, inside, outside)
  const known = new Set([...unsure, ...said.map(({ text }) => text)])
  for (const texts of [...inside, ...outside]) {
    const shown = new Set(texts)
    counts.doubled += texts.length - shown.size
    counts.doubled += [...shown].filter((text) => !known.has(text)).length
  }
  counts.reordered = reordered(said, inside)
  return counts
}

const textsOf = (end: readonly Shown[], wanted: boolean): string[] =>
  end.filter(({ isOutside }) => isOutside === wanted).map(({ text }) => text)

function countArrived(counts: Counts, said: readonly Said[], inside: string[][], outside: string[][]): void {
  const ends = inside.map((texts) => new Set(texts))
  const insideSomewhere = new Set(inside.flat())
  const outsideSomewhere = new Set(outside.flat())
  for (const { text, comesAndGoes } of said) {
    if (ends.every((each) => each.has(text))) counts.delivered += 1
    else if (comesAndGoes === true && outsideSomewhere.has(text) && !insideSomewhere.has(text)) counts.outside += 1
    else counts.lost += 1
  }
}

function reordered(said: readonly Said[], [first = [], ...others]: string[][]): number {
  const places = new Map(said.map(({ text, lane }, number) => [text, { lane, number }]))
  const latest = new Map<string, number>()
  // What other ends show beyond the last of the first.
  let count = others.reduce((sum, texts) => sum + Math.max(0, texts.length - first.length), 0)
  for (const [at, text] of first.entries()) {
    const { lane = '', number = 0 } = places.get(text) ?? {}
    if (number < (latest.get(lane) ?? -1) || others.some((each) => each[at] !== text)) count += 1
    latest.set(lane, number)
  }
  return count
}

export function add(sum: Counts, more: Counts): void {
  for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += more[name]
}
