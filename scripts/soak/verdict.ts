/** Compares what was acknowledged with what both ends of a conversation show. */

import type { Said } from './load.ts'

export interface Counts {
  /** Acknowledged to their authors. */
  sent: number
  /** Of these, shown at the other end. */
  delivered: number
  /** Missing at either end. */
  lost: number
  /** Shown more than once at either end, or never sent. */
  doubled: number
  /** Behind one that their author said later, or elsewhere at the other end. */
  reordered: number
}

export const noCounts = (): Counts => ({ sent: 0, delivered: 0, lost: 0, doubled: 0, reordered: 0 })

/** `shown`: the texts at both ends, oldest first. */
export function judge(said: readonly Said[], shown: readonly [readonly string[], readonly string[]]): Counts {
  const counts = noCounts()
  const lanes = new Map(said.map(({ text, lane }) => [text, lane]))
  const numbers = new Map(said.map(({ text }, at) => [text, at]))
  const ends = shown.map((texts) => new Set(texts))
  counts.sent = said.length
  counts.lost = said.filter(({ text }) => ends.some((each) => !each.has(text))).length
  counts.delivered = counts.sent - counts.lost
  for (const [at, texts] of shown.entries()) {
    counts.doubled += texts.length - (ends[at]?.size ?? 0)
    counts.doubled += [...(ends[at] ?? [])].filter((text) => !lanes.has(text)).length
  }
  const [here, there] = shown
  const latest = new Map<string, number>()
  for (const [at, text] of here.entries()) {
    const lane = lanes.get(text) ?? ''
    const number = numbers.get(text) ?? 0
    if (number < (latest.get(lane) ?? -1) || there[at] !== text) counts.reordered += 1
    latest.set(lane, number)
  }
  return counts
}

export function add(sum: Counts, more: Counts): void {
  for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += more[name]
}
