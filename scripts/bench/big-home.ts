/** A home with a long history, written as an owner would write it, and kept for later runs. */

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Bus } from '../../daemon/bus.ts'
import { openRooms, type Rooms } from '../../daemon/rooms.ts'
import { openStore } from '../../daemon/store/level-store.ts'
import { systemTimers } from '../../daemon/timers.ts'
import { selfId } from '../../protocol/ids.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const kept = `${root}build/bench`
/** Posts under way: a group commit takes what waits. */
const window = 1000

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

const nobody = {
  keep: () => {},
  greet: () => Promise.resolve(),
  look: () => Promise.reject(new Error('there is no network')),
  disconnect: () => {},
  check: () => Promise.resolve(),
  learn: () => {},
}

/** Posts notes to oneself. */
async function fill({ conversations, identity }: Rooms, count: number): Promise<void> {
  const notes = selfId(identity.person)
  let posted = 0
  const writer = async (): Promise<void> => {
    while (posted < count) {
      posted += 1
      await conversations.owner.post(notes, `Note ${posted} of a long history`, `note ${posted}`)
    }
  }
  await Promise.all(Array.from({ length: window }, writer))
}

/** Makes `home` with `count` messages in Notes to self. */
async function makeBigHome(home: string, count: number): Promise<void> {
  const store = await openStore(home, {}, { randomBytes: random })
  try {
    const deps = { store, bus: new Bus(), log: () => {}, timers: systemTimers, random, reach: () => nobody }
    const rooms = await openRooms(deps, 'bench')
    await fill(rooms, count)
    await rooms.close()
  } finally {
    await store.close()
  }
}

/** What decides how the rows of a home look. */
function formatDigest(): string {
  const hash = createHash('sha256')
  const files = ['protocol/{entry,epoch,content,codec}.ts', 'daemon/store/*.ts', 'daemon/conversations/rows.ts']
  for (const file of files.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted()) {
    hash.update(readFileSync(`${root}${file}`))
  }
  return hash.digest('hex').slice(0, 12)
}

/** A home with `count` messages that is kept for later runs, until a format may have changed. */
export async function bigHome(count: number): Promise<string> {
  const home = `${kept}/home-${count}-${formatDigest()}`
  if (existsSync(home)) return home
  mkdirSync(kept, { recursive: true })
  for (const old of globSync(`home-${count}-*`, { cwd: kept }))
    rmSync(`${kept}/${old}`, { recursive: true, force: true })
  const making = `${kept}/making-${process.pid}`
  try {
    await makeBigHome(making, count)
    renameSync(making, home)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return home
}
