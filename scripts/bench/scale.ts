/** How much a run measures. */

export interface Scale {
  readonly name: 'full' | 'quick' | 'tiny'
  /** Interleaved rounds of floor and daemon. */
  readonly rounds: number
  /** Messages sent one after the other, per round. */
  readonly sends: number
  /** Messages posted at once, per round. */
  readonly flood: number
  /** Entries to catch up with. */
  readonly catchUp: number
  /** Bytes of a file, over what is fetched without being asked for. */
  readonly fileBytes: number
  /** Dials per round. */
  readonly dials: number
  /** Entries in the home that a daemon starts with. */
  readonly home: number
  readonly links: number
  readonly idleSeconds: number
  /** Histories at which the work per message is counted. */
  readonly histories: readonly [number, number]
  /** Messages in the conversation that the page scrolls, and frames of a scroll per round. */
  readonly page: number
  readonly frames: number
  /** The group whose roster is loaded. */
  readonly group: { readonly members: number; readonly operations: number }
  /** Wakes sent to a push server per round, and rows that it keeps. */
  readonly wakes: { readonly sent: number; readonly rows: number }
  /** How often a phone is woken. */
  readonly phone: { readonly rounds: number }
  /** The group that one message goes through; `restMs`: until all know of each other. */
  readonly crowd: { readonly devices: number; readonly messages: number; readonly restMs: number }
  /** The group that somebody joins; `sources`: members who are on. */
  readonly joining: { readonly persons: number; readonly entries: number; readonly sources: number }
}

/** WARREN_BENCH_JOIN=1000000 for a longer history: its homes take half a gigabyte each, and minutes to make. */
const longHistory = Number(process.env['WARREN_BENCH_JOIN'] ?? 100_000)

export const scales: Record<Scale['name'], Scale> = {
  full: {
    name: 'full',
    rounds: 5,
    sends: 400,
    flood: 20_000,
    catchUp: 100_000,
    fileBytes: 100_000_000,
    dials: 20,
    home: 1_000_000,
    links: 10,
    idleSeconds: 15,
    histories: [1000, 100_000],
    page: 100_000,
    frames: 300,
    group: { members: 500, operations: 5000 },
    wakes: { sent: 6000, rows: 100_000 },
    phone: { rounds: 21 },
    crowd: { devices: 128, messages: 40, restMs: 3000 },
    joining: { persons: 500, entries: longHistory, sources: 4 },
  },
  quick: {
    name: 'quick',
    rounds: 2,
    sends: 100,
    flood: 5000,
    catchUp: 10_000,
    fileBytes: 50_000_000,
    dials: 8,
    home: 50_000,
    links: 10,
    idleSeconds: 5,
    histories: [1000, 10_000],
    page: 10_000,
    frames: 100,
    group: { members: 500, operations: 5000 },
    wakes: { sent: 3000, rows: 20_000 },
    phone: { rounds: 9 },
    crowd: { devices: 128, messages: 20, restMs: 2000 },
    joining: { persons: 500, entries: 20_000, sources: 4 },
  },
  // Proves that the bench itself works; its numbers mean nothing.
  tiny: {
    name: 'tiny',
    rounds: 1,
    sends: 5,
    flood: 50,
    catchUp: 100,
    fileBytes: 18_000_000,
    dials: 1,
    home: 500,
    links: 1,
    idleSeconds: 0.5,
    histories: [10, 100],
    page: 100,
    frames: 20,
    group: { members: 20, operations: 200 },
    wakes: { sent: 30, rows: 100 },
    phone: { rounds: 1 },
    crowd: { devices: 8, messages: 2, restMs: 0 },
    joining: { persons: 8, entries: 200, sources: 1 },
  },
}
