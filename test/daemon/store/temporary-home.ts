/** Homes on the real disk, and on small ones that can be filled or made read-only. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openStore, type StoreOptions } from '../../../daemon/store/level-store.ts'
import type { Store } from '../../../daemon/store/store.ts'

/** Why mounts cannot be had here, or false. */
export const skipMounts = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux'

/** A path at which nothing is yet. */
export function newHome(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'warren-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return join(folder, 'home')
}

/** Opens stores that are closed with `t`. */
export const openHome = (t: Test, home: string, options: StoreOptions = {}): (() => Promise<Store>) => {
  return async () => {
    const store = await openStore(home, options, { randomBytes })
    t.teardown(() => store.close())
    return store
  }
}

/** Mounts an empty file system of its own at a new path. */
export function smallDisk(t: Test, mebibytes: number): string {
  const path = newHome(t)
  mkdirSync(path)
  mount(['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path])
  t.teardown(() => {
    spawnSync('umount', ['--lazy', path])
  })
  return path
}

export function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Takes all room that is left on the disk of `folder`; the returned function gives it back. */
export function fillDisk(folder: string): () => void {
  const ballast = join(folder, 'ballast')
  const file = openSync(ballast, 'w')
  const block = new Uint8Array(64 * 1024)
  try {
    for (let blocks = 0; blocks < 4096; blocks += 1) writeSync(file, block)
    throw new Error('not a small disk')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
  return () => {
    rmSync(ballast)
  }
}

/** All files below `folder`. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** The names and bytes of all files below `folder`. */
export const allBytes = (folder: string): Buffer =>
  Buffer.concat(filesBelow(folder).flatMap((path) => [Buffer.from(path.slice(folder.length)), readFileSync(path)]))
