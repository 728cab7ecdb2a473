/** Where sessions are kept between runs; daemon.ts implements it over the store. */

export interface SessionRow {
  readonly id: string
  /** 32 bytes; never leaves the daemon again after pairing. */
  readonly secret: Uint8Array
  readonly label: string
  readonly createdAt: number
  readonly usedAt: number
}

/** Writes are durable when they resolve. */
export interface SessionStore {
  all(): Promise<SessionRow[]>
  /** Inserts, or replaces the row with this id. */
  put(row: SessionRow): Promise<void>
  /** Deleting what is not there is no error. */
  delete(id: string): Promise<void>
}
