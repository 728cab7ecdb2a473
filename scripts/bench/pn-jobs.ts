/** What the push server and its floor are asked to do. */

export interface Usage {
  readonly rssBytes: number
  readonly cpuMicros: number
}

export type PnJobs = {
  /** Starts the server, or its floor: bare HTTP, bare LevelDB. Answers its port. */
  readonly start: { readonly asks: { readonly folder: string; readonly isFloor: boolean }; readonly answers: number }
  /** Puts rows, of which the first `awake` can be woken: their capabilities are capabilityOf() of 0 and on. */
  readonly fill: {
    readonly asks: { readonly from: number; readonly rows: number; readonly awake: number }
    readonly answers: unknown
  }
  /** Once all wakes that came have been pushed: how many were. */
  readonly settled: { readonly asks: object; readonly answers: number }
  /** After the collector was there. */
  readonly usage: { readonly asks: object; readonly answers: Usage }
}

export function capabilityOf(number: number): Uint8Array {
  const out = new Uint8Array(32).fill(0xca)
  new DataView(out.buffer).setUint32(0, number)
  return out
}
