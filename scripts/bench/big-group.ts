/** Homes of members of a large group with a long history, each member's messages a feed of its own; kept for later runs. */

import { readFileSync, writeFileSync } from 'node:fs'
import type { Rooms } from '../../daemon/rooms.ts'
import { encodeContent, textContent } from '../../protocol/content.ts'
import { sha256 } from '../../protocol/crypto.ts'
import {
  associatedData,
  entryVersion,
  kinds,
  lanes,
  sealHeader,
  signEntry,
  type SealedHeader,
} from '../../protocol/entry.ts'
import { epochCommitment, epochIdFor, sealPayload } from '../../protocol/epoch.ts'
import { generationOf, type ConversationId, type Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import { inRooms, keptFolder } from './big-home.ts'
import { Crowd, type CrowdMember, type SignedEntry } from './crowd.ts'

export interface BigGroupSize {
  /** Persons with a device each, beside those whose homes these are. */
  readonly persons: number
  readonly entries: number
  readonly homes: number
}

export interface BigGroup {
  readonly group: ConversationId
  readonly homes: readonly string[]
}

const monthMs = 30 * 24 * 3600 * 1000
const bytesOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text))
const key = bytesOf('the key of the group')

/** An operation as it travels. */
export const runOf = ({ sealed, payload, signature }: SignedEntry): Run => ({
  signature,
  entries: [{ sealed, slot: { is: 'held', payload, seconds: 0 } }],
})

/** The owner of a home, as a member of the crowd. */
function memberOf({ identity: { signingKey, device, person, log } }: Rooms): CrowdMember {
  const [run] = log
  const entry = run?.entries[0]
  if (run?.signature === undefined || entry?.slot.is !== 'held') throw new Error('a home without a log')
  return {
    key: signingKey,
    device,
    person,
    log: { sealed: entry.sealed, payload: entry.slot.payload, signature: run.signature },
  }
}

/** The messages of one member, a thousand to a signature, spread over the time of all. */
function* said({ scope, members }: Crowd, at: number, count: number, fromMs: number): Generator<Run> {
  const { key: signingKey, device } = members[at] as CrowdMember
  const generation = generationOf(bytesOf(`messages ${at}`).slice(0, 8))
  const feed = { scope, device, lane: lanes.messages, generation }
  const epoch = epochIdFor(scope, [], epochCommitment(key))
  let below: SealedHeader | undefined
  for (let seq = 1; seq <= count;) {
    const entries: Run['entries'][number][] = []
    for (; seq <= count && entries.length < limits.runEntries; seq += 1) {
      const wallMs = fromMs + Math.floor((((seq - 1) * members.length + at) / (count * members.length)) * monthMs)
      const hlc = { wallMs, count: 0 }
      const front = {
        version: entryVersion,
        ...feed,
        seq,
        prev: below?.id,
        hlc,
        kind: kinds.content,
        epoch,
        lifetime: 0,
      }
      const bytes = associatedData(front)
      const text = `Message ${seq} of member ${at}, about as long as most that people write to each other`
      const payload = sealPayload(key, feed, bytes, encodeContent(textContent(text, '')), bytesOf(`${at}/${seq}`))
      const header = { ...front, payloadHash: sha256(payload), payloadLength: payload.length, extension: [] }
      below = sealHeader(header, bytes)
      entries.unshift({ sealed: below, slot: { is: 'held', payload, seconds: 0 } })
    }
    yield { signature: below && signEntry(signingKey, below.id), entries }
  }
}

async function withRooms(homes: readonly string[], use: (all: readonly Rooms[]) => Promise<void>): Promise<void> {
  const [home, ...others] = homes
  if (home === undefined) return await use([])
  await inRooms(home, async (rooms) => await withRooms(others, async (all) => await use([rooms, ...all])))
}

async function fill(all: readonly Rooms[], { persons, entries }: BigGroupSize): Promise<ConversationId> {
  const fromMs = Date.now() - monthMs - 3_600_000
  const crowd = new Crowd(persons, {
    fromMs: fromMs - 100_000,
    policy: [
      ['name', 'Crowd'],
      ['history', 'everything'],
    ],
  })
  for (const rooms of all) crowd.join(memberOf(rooms), 'admin')
  crowd.mint(crowd.founder, key)
  const { founder, scope, members } = crowd
  const gathered = new Map<Scope, readonly Run[]>([[scope, crowd.entries.map(runOf)]])
  for (const { person, log } of [...members, ...all.map(memberOf)]) gathered.set(person, [runOf(log)])
  const epoch = epochIdFor(scope, [], epochCommitment(key))
  for (const { conversations } of all) {
    const { peers } = conversations
    peers.groups.isAwaited = (group) => group === scope
    const found = await peers.consider(scope, gathered, founder.device)
    if (found.is !== 'kept') throw new Error('the group was not taken')
    await peers.takeKeys(scope, [{ epoch, key }])
  }
  for (let at = 0; at < persons; at += 1) {
    const count = Math.floor(entries / persons) + (at < entries % persons ? 1 : 0)
    for (const run of said(crowd, at, count, fromMs))
      await Promise.all(
        all.map(async ({ conversations }) => await conversations.peers.accept(scope, [run], founder.device)),
      )
  }
  return scope
}

const groupFile = (folder: string): string => `${folder}/group`

/** Written through the one door for received entries, as if a peer had brought all of it. */
export async function bigGroup(size: BigGroupSize): Promise<BigGroup> {
  const names = Array.from({ length: size.homes }, (_, at) => `member-${at}`)
  const name = `group-${size.persons}-${size.entries}-${size.homes}`
  const folder = await keptFolder(name, async (making) => {
    const homes = names.map((each) => `${making}/${each}`)
    let group = ''
    await withRooms(homes, async (all) => void (group = await fill(all, size)))
    writeFileSync(groupFile(making), group)
  })
  return {
    group: readFileSync(groupFile(folder), 'utf8') as ConversationId,
    homes: names.map((each) => `${folder}/${each}`),
  }
}
