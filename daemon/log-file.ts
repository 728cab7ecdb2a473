/** The log in the home: a few files of bounded size, for the owner only; the oldest goes when a new one begins. */

import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface LogFileOptions {
  /** A file that would grow beyond this is put aside. */
  readonly bytes?: number
  /** Files in all, the one that is written included. */
  readonly files?: number
}

const usualBytes = 1024 * 1024
const usualFiles = 5
/** Lines that wait for the file to be opened. */
const mostWaiting = 100

/** The newest file; the one before it has `.1` behind its name, and so on. */
export const logPath = (home: string): string => join(home, 'log', 'warren.log')

/** All files that there may be, oldest first. */
export const logPaths = (home: string): string[] =>
  Array.from({ length: usualFiles }, (_, at) => usualFiles - 1 - at).map((age) => aged(logPath(home), age))

const aged = (path: string, age: number): string => (age === 0 ? path : `${path}.${age}`)

/** A log that cannot be written stops nobody: none of this throws. */
export class LogFile {
  readonly #path: string
  readonly #bytes: number
  readonly #files: number
  #waiting: string[] = []
  #state: 'waiting' | 'open' | 'closed' = 'waiting'
  #file: number | undefined
  #size = 0

  constructor(home: string, { bytes = usualBytes, files = usualFiles }: LogFileOptions = {}) {
    this.#path = logPath(home)
    this.#bytes = bytes
    this.#files = files
  }

  /** From now on lines go to the disk: to be called once this process alone holds the home. */
  open(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'open'
    for (const line of this.#waiting) this.write(line)
    this.#waiting = []
  }

  /** One line with its end. */
  write(line: string): void {
    if (this.#state === 'waiting' && this.#waiting.length < mostWaiting) this.#waiting.push(line)
    if (this.#state !== 'open') return
    const bytes = Buffer.from(line)
    try {
      this.#file ??= this.#openFile()
      if (this.#size > 0 && this.#size + bytes.length > this.#bytes) this.#rotate()
      this.#size += writeSync(this.#file, bytes)
    } catch {
      // A full disk, perhaps. The next line tries anew.
      this.#closeFile()
    }
  }

  close(): void {
    this.#state = 'closed'
    this.#closeFile()
  }

  #openFile(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    const file = openSync(this.#path, 'a+', 0o600)
    this.#size = fstatSync(file).size
    const last = Buffer.alloc(1)
    const isTorn = this.#size > 0 && readSync(file, last, 0, 1, this.#size - 1) === 1 && last.toString() !== '\n'
    if (isTorn) this.#size += writeSync(file, '\n')
    return file
  }

  #rotate(): void {
    this.#closeFile()
    for (let age = this.#files - 1; age > 0; age -= 1) {
      try {
        renameSync(aged(this.#path, age - 1), aged(this.#path, age))
      } catch {
        // There are not so many yet.
      }
    }
    // Only if it could not be put aside, or nothing is to be kept.
    rmSync(this.#path, { force: true })
    this.#file = this.#openFile()
  }

  #closeFile(): void {
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    try {
      closeSync(file)
    } catch {
      // It is gone either way.
    }
  }
}
