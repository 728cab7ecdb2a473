/** What the bench asks of a daemon that runs with probe.ts. */

export interface Counts {
  readonly batches: number
  readonly writes: number
  readonly reads: number
}

export type ProbeJobs = {
  /** Posts one message after the other; each from the call of post() until its `have` was taken, in ms. */
  send: { asks: { conversation: string; count: number }; answers: number[] }
  /** Posts many at once, so many under way; until all are stored here, and (if `acked`) until the peer holds all. */
  flood: {
    asks: { conversation: string; count: number; acked: boolean }
    answers: { storedMs: number; ackedMs: number }
  }
  /** Looks at an address so often: dial, Noise, hello both ways. */
  look: { asks: { address: string; count: number }; answers: number[] }
  /** From the first link on: until the newest `page` messages, number `top` first, can be shown, and until all `missing` are here. */
  catchUp: {
    asks: { conversation: string; top: number; missing: number; page: number }
    answers: { newestMs: number; allMs: number }
  }
  /** Takes a file in and posts it; ms until it is durable. */
  addFile: { asks: { conversation: string; bytes: number }; answers: { id: string; ms: number } }
  /** Fetches it, once a message that refers to it is here: ms from the wish to the whole file, durable. */
  fetchFile: { asks: { conversation: string; id: string }; answers: number }
  /** When the messages of a conversation that is to come are so many here, epoch ms; asked before it comes. */
  hold: { asks: { conversation: string; entries: number }; answers: number }
  /** When the first link stood, epoch ms. */
  linkedAt: { asks: object; answers: number }
  usage: { asks: object; answers: { rssBytes: number; cpuMicros: number } }
  counts: { asks: object; answers: Counts }
}
