/** Backups that members write while they are troubled: each is proven at once, the newest is opened at the end and compared. */

import { mkdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupLink } from '../../protocol/http-backup.ts'
import { CommandError } from '../../daemon/cli/command-error.ts'
import { restoreHome } from '../../daemon/restore-home.ts'
import { shownBy } from './ends.ts'
import type { Load, Said, Side } from './load.ts'
import { Member } from './member.ts'
import { isPassing, persist } from './passing.ts'

interface Backup {
  readonly of: string
  readonly file: string
  readonly recoveryKey: string
  /** What its author had been told is stored, before it was asked for; by conversation. */
  readonly said: ReadonlyMap<string, readonly Said[]>
}

export interface BackupCounts {
  /** Written to their end, and proven whole. */
  made: number
  /** Their daemon died, or was locked, meanwhile. */
  brokenOff: number
  /** Messages that the one that was opened should have, and those that it lacks. */
  held: number
  lacking: number
}

export class Backups {
  readonly counts: BackupCounts = { made: 0, brokenOff: 0, held: 0, lacking: 0 }
  readonly #folder: string
  readonly #load: Load
  #newest: Backup | undefined

  constructor(folder: string, load: Load) {
    this.#folder = folder
    this.#load = load
    mkdirSync(folder, { mode: 0o700 })
  }

  /** Rejects if a backup was written that is not whole. */
  async make({ client, name }: Member): Promise<void> {
    const file = join(this.#folder, `${this.counts.made + this.counts.brokenOff}-${name}`)
    const said = this.#saidBy(name)
    try {
      const { link, recoveryKey = '' } = await client.ask<BackupLink>('POST', '/backups', {})
      await save(file, (await client.download(link.replace('/api/v1', ''))).chunks)
      await restore(file, recoveryKey, undefined)
      this.#forget()
      this.#newest = { of: name, file, recoveryKey, said }
      this.counts.made += 1
    } catch (error) {
      rmSync(file, { force: true })
      if (!isPassing(error)) throw error
      this.counts.brokenOff += 1
    }
  }

  /** Puts the newest into a home of its own, looks at all that it shows, and counts what is not there. */
  async openNewest(flags: readonly string[]): Promise<void> {
    if (this.#newest === undefined) return
    const { recoveryKey, file, of, said } = this.#newest
    const home = join(this.#folder, 'opened')
    await restore(file, recoveryKey, home)
    const archive = new Member({ home, name: `backup of ${of}`, wrapper: [], flags })
    try {
      await archive.start()
      await persist(archive, async () => await archive.client.ask('POST', '/unlock', { recoveryKey }))
      for (const [conversation, texts] of said) {
        const shown = await textsIn({ member: archive, conversation })
        this.counts.held += texts.length
        this.counts.lacking += texts.filter(({ text }) => !shown.has(text)).length
      }
    } finally {
      await archive.end('SIGTERM')
      this.#forget()
    }
  }

  #saidBy(name: string): Map<string, Said[]> {
    const own = [...this.#load.said].map(
      ([conversation, said]) => [conversation, said.filter(({ lane }) => lane.startsWith(`${name} `))] as const,
    )
    return new Map(own)
  }

  #forget(): void {
    if (this.#newest !== undefined) rmSync(this.#newest.file, { force: true })
  }
}

/** Empty for a conversation that is not there. */
async function textsIn(side: Side): Promise<ReadonlySet<string>> {
  try {
    return new Set((await shownBy(side)).map(({ text }) => text))
  } catch (error) {
    if (error instanceof CommandError && error.code === 'NOT_FOUND') return new Set()
    throw error
  }
}

async function save(path: string, chunks: AsyncGenerator<Uint8Array>): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    for await (const chunk of chunks) await file.write(chunk)
  } finally {
    await file.close()
  }
}

/** Without a home it is only proven. */
async function restore(file: string, recoveryKey: string, home: string | undefined): Promise<void> {
  const { signal } = new AbortController()
  await restoreHome({ file, secret: { recoveryKey }, home, signal, progress: () => undefined })
}
