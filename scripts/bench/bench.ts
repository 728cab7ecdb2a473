/** What every row is given, and what a row is. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure } from './figure.ts'
import type { Scale } from './scale.ts'

export interface Row {
  readonly name: string
  /** One line: what is measured against what. */
  readonly about: string
  /** Throws Skipped where this machine lacks something. */
  run(bench: Bench): Promise<readonly Figure[]>
}

/** A row that cannot be measured here; the message says why. */
export class Skipped extends Error {
  override readonly name = 'Skipped'
}

/** One row's run: a folder of its own, and all that was opened is closed at its end, in reverse. */
export class Bench {
  readonly scale: Scale
  readonly notes: string[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'warren-bench-'))
  readonly #closers: (() => Promise<void> | void)[] = []
  #folders = 0

  constructor(scale: Scale) {
    this.scale = scale
  }

  /** A path that nothing is at yet. */
  path(name: string): string {
    return join(this.#folder, `${(this.#folders += 1)}-${name}`)
  }

  /** Keeps something open until the row ends. */
  keep<T extends { stop(): Promise<void> | void }>(opened: T): T {
    this.#closers.push(() => opened.stop())
    return opened
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text)
  }

  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
