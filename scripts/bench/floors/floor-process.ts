/** Floors in processes of their own, as the daemons are. */

import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import { Child, type ChildOptions } from '../child.ts'
import type { FloorJobs } from './jobs.ts'

export type Floor = Child<FloorJobs>

export const spawnFloor = (bench: Bench, options: ChildOptions = {}): Floor =>
  bench.keep(new Child<FloorJobs>(fileURLToPath(new URL('floor.ts', import.meta.url)), options))

/** Two that can talk; the second one's address. */
export async function floorPair(bench: Bench): Promise<{ near: Floor; far: Floor; to: string }> {
  const near = spawnFloor(bench)
  const far = spawnFloor(bench)
  await near.ask('start', { folder: bench.path('near') })
  return { near, far, to: await far.ask('start', { folder: bench.path('far') }) }
}
