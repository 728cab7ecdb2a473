/** A conversation's export that is made up, and notes how far it was read. */

import type { ExportedFile } from '../../daemon/api/owner.ts'
import type { ConversationKind, ExportWish } from '../../protocol/http-conversations.ts'

export class FakeExport {
  /** Pieces that were taken, and exports that were ended. */
  pieces = 0
  ended = 0
  /** How many pieces an export has. */
  length = 3

  begin({ format }: ExportWish, kind: ConversationKind): ExportedFile {
    return { name: `warren-${kind === 'self' ? 'жанна' : 'bob'}-2026-11-20.${format}`, pieces: this.#pieces(format) }
  }

  async *#pieces(format: string): AsyncGenerator<string> {
    try {
      for (let at = 0; at < this.length; at += 1) {
        this.pieces += 1
        yield await Promise.resolve(`${format} ${at} `.padEnd(64 * 1024))
      }
    } finally {
      this.ended += 1
    }
  }
}
