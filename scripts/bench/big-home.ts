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
  blob: () => Promise.reject(new Error('there is no network')),
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
const makeBigHome = async (home: string, count: number): Promise<void> =>
  await inRooms(home, async (rooms) => await fill(rooms, count))

/** What decides how the rows of a home look. */
function formatDigest(): string {
  const hash = createHash('sha256')
  const files = ['protocol/{entry,epoch,content,codec}.ts', 'daemon/store/*.ts', 'daemon/conversations/rows.ts']
  for (const file of files.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted()) {
    hash.update(readFileSync(`${root}${file}`))
  }
  return hash.digest('hex').slice(0, 12)
}

/** What `make` puts into a folder, kept for later runs until a format may have changed. */
export async function keptFolder(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const home = `${kept}/${name}-${formatDigest()}`
  if (existsSync(home)) return home
  mkdirSync(kept, { recursive: true })
  for (const old of globSync(`${name}-*`, { cwd: kept })) rmSync(`${kept}/${old}`, { recursive: true, force: true })
  const making = `${kept}/making-${process.pid}`
  try {
    await make(making)
    renameSync(making, home)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return home
}

/** A home with `count` messages. */
export const bigHome = async (count: number): Promise<string> =>
  await keptFolder(`home-${count}`, async (folder) => await makeBigHome(folder, count))

/** The rooms of a home, without a network, for as long as `use` takes. */
export async function inRooms(home: string, use: (rooms: Rooms) => Promise<void>): Promise<void> {
  const store = await openStore(home, {}, { randomBytes: random })
  try {
    const deps = { store, bus: new Bus(), log: () => {}, timers: systemTimers, random, reach: () => nobody }
    const rooms = await openRooms(deps, 'bench')
    await use(rooms)
    await rooms.close()
  } finally {
    await store.close()
  }
}
