/** Counters for the operator, in the text format of Prometheus: how much, never who. */

/** All that is counted; what is not named here cannot be. */
const counters = {
  requests: 'Requests that were answered, of all kinds.',
  wakes: 'Wakes that were answered.',
  wakes_dropped: 'Wakes that nobody had time to look at.',
  wakes_malformed: 'Wakes that were none.',
  wakes_stale: 'Wakes of another time.',
  wakes_unknown: 'Wakes that no row belongs to.',
  wakes_unattested: 'Wakes whose row does not prove that its token is its own.',
  wakes_replayed: 'Wakes that came before.',
  wakes_limited: 'Wakes beyond a limit of a capability or a token.',
  wakes_address_limited: 'Wakes beyond the limit of an address.',
  wakes_failed: 'Wakes that the store failed on.',
  pushes: 'Pushes that were begun, codes included.',
  pushes_delivered: 'Pushes that a push service took.',
  pushes_gone: 'Pushes to tokens that are no longer one.',
  pushes_wrong_environment: 'Pushes to tokens of the other environment.',
  pushes_rejected: 'Pushes refused because of keys or topics of this server: look at its log.',
  pushes_later: 'Pushes that a push service had no time for.',
  pushes_failed: 'Pushes that ended in an error of this program.',
  pushes_dropped: 'Pushes dropped by the breaker, or for want of room.',
  breaker_trips: 'Times that the breaker opened.',
  rows_put: 'Rows that were stored.',
  rows_refused: 'Rows that were not.',
  rows_full: 'Rows of those for which this server had no room.',
  rows_revoked: 'Requests to revoke a row.',
  tokens: 'Requests to register a token.',
  tokens_verified: 'Codes that came back.',
  codes_dropped: 'Codes beyond their part of all pushes.',
  codes_refused: 'Codes that a push service refused, to tokens that anybody may have made up.',
} as const

const gauges = {
  rows: 'Rows that are kept: as counted by the last sweep, and put here since then.',
  rows_most: 'Rows that are kept at most.',
  wakes_waiting: 'Wakes that were answered and wait to be looked at.',
  pushes_waiting: 'Pushes that wait for their turn.',
  pushes_under_way: 'Pushes that are under way.',
} as const

export type Counter = keyof typeof counters
export type Gauge = keyof typeof gauges

export class Metrics {
  readonly #counts = new Map<Counter, number>()
  readonly #gauges = new Map<Gauge, () => number>()

  count(name: Counter, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  /** `read` is called whenever somebody looks. */
  gauge(name: Gauge, read: () => number): void {
    this.#gauges.set(name, read)
  }

  valueOf(name: Counter): number {
    return this.#counts.get(name) ?? 0
  }

  text(): string {
    const lines = Object.entries(counters).flatMap(([name, help]) => [
      `# HELP warren_pn_${name}_total ${help}`,
      `# TYPE warren_pn_${name}_total counter`,
      `warren_pn_${name}_total ${this.valueOf(name as Counter)}`,
    ])
    for (const [name, help] of Object.entries(gauges)) {
      lines.push(`# HELP warren_pn_${name} ${help}`, `# TYPE warren_pn_${name} gauge`)
      lines.push(`warren_pn_${name} ${this.#gauges.get(name as Gauge)?.() ?? 0}`)
    }
    return `${lines.join('\n')}\n`
  }
}
