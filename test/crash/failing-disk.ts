/** A disk whose calls fail with EIO while a test says so, for one process: failing-disk.c, compiled here and put before libc. */

import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { newHome } from '../daemon/store/temporary-home.ts'

const source = fileURLToPath(new URL('failing-disk.c', import.meta.url))
const controlBytes = 4096
const patternAt = 4

export type Call = 'write' | 'sync' | 'read'
const calls: readonly Call[] = ['write', 'sync', 'read']

const hasCompiler = spawnSync('cc', ['--version']).status === 0
/** Why there is none here, or false. A machine that is there to check everything has to have a compiler. */
export const skipFailingDisk =
  process.platform !== 'linux'
    ? 'needs Linux'
    : hasCompiler || process.env['CI'] === 'true'
      ? false
      : 'needs the C compiler cc'

export class FailingDisk {
  /** What a process must be started with to have this disk. */
  readonly env: Readonly<Record<string, string>>
  readonly #control: string

  constructor(t: Test) {
    const library = newHome(t)
    this.#control = join(library, '..', 'control')
    writeFileSync(this.#control, new Uint8Array(controlBytes))
    const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
    if (status !== 0) throw new Error(String(stderr))
    this.env = { LD_PRELOAD: library, FAILING_DISK: this.#control }
  }

  /** From now on these calls fail on files whose path holds `pattern`; the returned function ends it. */
  fail(failing: readonly Call[], pattern: string): () => void {
    const flags = calls.map((each) => (failing.includes(each) ? '1' : '0')).join('')
    this.#write(Buffer.from(`${pattern}\0`), patternAt)
    this.#write(Buffer.from(flags), 0)
    return () => this.#write(Buffer.from('000'), 0)
  }

  #write(bytes: Uint8Array, at: number): void {
    const file = openSync(this.#control, 'r+')
    writeSync(file, bytes, 0, bytes.length, at)
    closeSync(file)
  }
}
