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
  /** Inserts, or replaces the row with this id; if it rejects, all is as it was. */
  put(row: SessionRow): Promise<void>
  /** Deleting what is not there is no error. If it rejects, any later write takes the row out all the same. */
  delete(id: string): Promise<void>
}
