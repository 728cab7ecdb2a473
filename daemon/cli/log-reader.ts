/** The lines of the log in a home, old and new, whether or not its daemon runs. */

import { watch } from 'node:fs'
import { open, readFile, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { logPath, logPaths } from '../log-file.ts'

const chunkBytes = 64 * 1024

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** Undefined where there is no such file. */
async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function readLines(paths: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  for (const path of paths) lines.push(...((await ifThere(readFile(path, 'utf8'))) ?? '').split('\n'))
  return lines.filter((line) => line !== '')
}

const newest = (lines: readonly string[], limit: number): readonly string[] =>
  lines.slice(Math.max(0, lines.length - limit))

/** The newest `limit` lines, oldest first. */
export const newestLines = async (home: string, limit: number): Promise<readonly string[]> =>
  newest(await readLines(logPaths(home)), limit)

/** One file, read to its end again and again. */
class Tail {
  readonly #file: FileHandle
  readonly #path: string
  readonly #decoder = new TextDecoder()
  #rest = ''

  constructor(file: FileHandle, path: string) {
    this.#file = file
    this.#path = path
  }

  async read(): Promise<string[]> {
    const buffer = Buffer.alloc(chunkBytes)
    const found: string[] = []
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, chunkBytes)
      if (bytesRead === 0) return found.filter((line) => line !== '')
      const text = this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true })
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      found.push(...lines)
    }
  }

  /** True once another file has its name: nothing more is written to this one. */
  async isPutAside(): Promise<boolean> {
    const present = await ifThere(stat(this.#path))
    return present?.ino !== (await this.#file.stat()).ino
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** The newest `limit` lines, then others as they are written. Throws ENOENT where there never was a log. */
export async function* followLines(home: string, limit: number): AsyncGenerator<string, never> {
  const path = logPath(home)
  let isChanged = false
  let wake: (() => void) | undefined
  const watcher = watch(dirname(path), () => {
    isChanged = true
    wake?.()
  })
  let tail: Tail | undefined
  let before: string[] | undefined = await readLines(logPaths(home).slice(0, -1))
  try {
    for (;;) {
      isChanged = false
      const file = tail === undefined ? await ifThere(open(path, 'r')) : undefined
      if (file !== undefined) tail = new Tail(file, path)
      const isOver = (await tail?.isPutAside()) ?? false
      const lines = (await tail?.read()) ?? []
      yield* before === undefined ? lines : newest([...before, ...lines], limit)
      before = undefined
      if (isOver) {
        await tail?.close()
        tail = undefined
      } else if (!isChanged) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    watcher.close()
    await tail?.close()
  }
}
