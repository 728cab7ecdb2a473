/** Looks at what every end of a conversation shows, until nothing is wrong or too much time went by. */

import type { MessagePage } from '../../protocol/http-conversations.ts'
import type { Load, Said, Side } from './load.ts'
import { add, judge, noCounts, type Counts, type Shown } from './verdict.ts'

/** One conversation, with all devices that belong to it. */
export interface Talk {
  readonly conversation: string
  readonly sides: readonly Side[]
}

const mostHealMs = 180_000
const nothing = (): void => undefined

/** All that people said there, oldest first; what its reader has no key for is not shown. */
export async function shownBy({ member, conversation }: Side): Promise<Shown[]> {
  const shown: Shown[] = []
  for (let before = ''; ;) {
    const path = `/conversations/${conversation}/messages?limit=200${before === '' ? '' : `&before=${before}`}`
    const { items, older } = await member.client.ask<MessagePage>('GET', path)
    for (const { text, notice, unreadable, outside, attachments = [] } of items)
      if (notice === undefined && unreadable !== true)
        shown.push({ text, isOutside: outside === true, files: attachments.map(({ id }) => id) })
    before = items.at(-1)?.order ?? ''
    if (!older || before === '') return shown.toReversed()
  }
}

/** Looks at all ends, again at each event. Where they stay different, it tells how. */
export async function settle(talks: readonly Talk[], load: Load, tell: (line: string) => void): Promise<Counts> {
  const sum = noCounts()
  const end = AbortSignal.timeout(mostHealMs)
  for (const talk of talks) add(sum, await settleTalk(talk, load, end, tell))
  return sum
}

async function settleTalk(
  { conversation, sides }: Talk,
  load: Load,
  end: AbortSignal,
  tell: (line: string) => void,
): Promise<Counts> {
  const said = load.said.get(conversation) ?? []
  let wake = nothing
  const stops = sides.map(({ member }) => member.onEvent(() => wake()))
  const onEnd = (): void => wake()
  end.addEventListener('abort', onEnd)
  try {
    for (;;) {
      const event = new Promise<void>((resolve) => {
        wake = resolve
      })
      const ends: Shown[][] = []
      for (const side of sides) ends.push(await shownBy(side))
      const counts = judge(said, ends, load.unsure)
      const isGood = counts.lost + counts.doubled + counts.reordered === 0
      if (!isGood && end.aborted) for (const line of differences(said, sides, ends)) tell(line)
      if (isGood || end.aborted) return counts
      await event
    }
  } finally {
    end.removeEventListener('abort', onEnd)
    for (const stop of stops) stop()
  }
}

const mostTold = 5

/** What each end lacks, and what it shows otherwise than the first. */
function differences(said: readonly Said[], sides: readonly Side[], ends: readonly (readonly Shown[])[]): string[] {
  return sides.flatMap(({ member, conversation }, at) => {
    const shown = new Map(ends[at]?.map((each) => [each.text, each.isOutside]))
    const lacking = said.filter(({ text }) => shown.get(text) !== false).map(({ text }) => text)
    const first = ends[0]?.findIndex(({ text }, place) => ends[at]?.[place]?.text !== text) ?? -1
    const words = lacking.slice(0, mostTold).map((text) => `${text.slice(0, 20)}${shown.has(text) ? ' (outside)' : ''}`)
    const where = first < 0 ? '' : `; other than the first from ${first} of ${shown.size}`
    return [`${conversation.slice(-6)}: ${member.name} lacks ${lacking.length}: ${words.join(', ')}${where}`]
  })
}
