/** Compares the files that were posted with what every end has of them. */

/** A file that came with a message which was acknowledged. */
export interface GivenFile {
  /** Of its message. */
  readonly text: string
  readonly id: string
  /** SHA-256 of its bytes, hex. */
  readonly hash: string
  /** Its author is removed at times: then its message may be outside. */
  readonly comesAndGoes?: true
}

export interface FileCounts {
  /** Files with messages that were acknowledged. */
  given: number
  /** Ends that should have one, and have it as it was. */
  whole: number
  /** Ends that should have one, and do not. */
  lost: number
  /** Ends that have other bytes. */
  damaged: number
}

/** What one end has of the file of each message, by the message's text: its hash, or `nothing`; no row where the message is not shown inside. */
export type FileEnd = ReadonlyMap<string, string>

export const nothing = 'nothing'

export const noFileCounts = (): FileCounts => ({ given: 0, whole: 0, lost: 0, damaged: 0 })

export function judgeFiles(given: readonly GivenFile[], ends: readonly FileEnd[]): FileCounts {
  const counts = noFileCounts()
  for (const { text, hash, comesAndGoes } of given) {
    counts.given += 1
    // A message that is outside everywhere has its file for nobody else; one that is lost is told as such, and its file, too.
    if (comesAndGoes === true && ends.every((end) => !end.has(text))) continue
    for (const end of ends) {
      const has = end.get(text) ?? nothing
      if (has === hash) counts.whole += 1
      else if (has === nothing) counts.lost += 1
      else counts.damaged += 1
    }
  }
  return counts
}
