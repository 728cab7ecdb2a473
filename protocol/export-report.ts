/** What an export that was checked holds: who wrote how many, and from when to when. */

import type { Header } from './entry.ts'
import type { ExportedGroup } from './export-group.ts'
import type { BareKind, ExportedBody, ExportHead, GapReason } from './export-format.ts'
import { fingerprint, type DeviceId, type PersonId } from './ids.ts'

export interface ExportedDevice {
  readonly device: DeviceId
  readonly fingerprint: string
  readonly messages: number
  /** Feeds of which it signed two histories. */
  readonly forks: number
}

export interface ExportedPerson {
  readonly person: PersonId
  /** What the exporter calls them; signed by nobody. */
  readonly name: string
  /** All that belong to them, or once did, by their log. */
  readonly devices: readonly ExportedDevice[]
  readonly messages: number
  /** The times of their first and last message by their own clocks, epoch milliseconds; 0 without messages. */
  readonly first: number
  readonly last: number
}

export interface ExportReport extends Omit<ExportHead, 'names' | 'version'> {
  /** Of a group: what its operations, which were judged, say of it. */
  readonly group?: ExportedGroup
  readonly persons: readonly ExportedPerson[]
  /** Entries, and those among them whose text is here. */
  readonly entries: number
  readonly messages: number
  readonly first: number
  readonly last: number
  /** Entries that their authors had lost the right to: they are no part of the conversation, and their messages are not counted. */
  readonly outside: number
  /** Entries that are told of by their header alone. */
  readonly bare: Readonly<Record<BareKind, number>>
  /** Entries that are not here, by what the exporter says of them. */
  readonly gaps: Readonly<Record<GapReason, number>>
  /** Feeds of which there are two histories: those that their device signed both, and those of which the exporter says so alone. */
  readonly forks: { readonly proven: number; readonly unproven: number }
}

interface Span {
  messages: number
  first: number
  last: number
}

const noSpan = (): Span => ({ messages: 0, first: 0, last: 0 })

function widen(span: Span, at: number): void {
  span.first = span.messages === 0 ? at : Math.min(span.first, at)
  span.last = Math.max(span.last, at)
  span.messages += 1
}

export class ExportTally {
  entries = 0
  #outside = 0
  readonly #all = noSpan()
  readonly #bare: Record<BareKind, number> = { gone: 0, unreadable: 0, newer: 0 }
  readonly #gaps: Record<GapReason, number> = { deleted: 0, missing: 0, unproven: 0 }
  readonly #persons = new Map<PersonId, Span>()
  readonly #devices = new Map<DeviceId, number>()
  /** Proven ones, by device. */
  readonly #forks = new Map<DeviceId, number>()
  readonly #forkCounts = { proven: 0, unproven: 0 }

  get messages(): number {
    return this.#all.messages
  }

  entry(from: PersonId, { device, hlc }: Header, is: ExportedBody['is'], isOutside: boolean): void {
    this.entries += 1
    if (isOutside) {
      this.#outside += 1
      return
    }
    if (is === 'gone' || is === 'unreadable' || is === 'newer') this.#bare[is] += 1
    if (is !== 'message') return
    const span = this.#persons.get(from) ?? noSpan()
    this.#persons.set(from, span)
    widen(span, hlc.wallMs)
    widen(this.#all, hlc.wallMs)
    this.#devices.set(device, (this.#devices.get(device) ?? 0) + 1)
  }

  gap(count: number, why: GapReason): void {
    this.#gaps[why] += count
  }

  fork(device: DeviceId, isProven: boolean): void {
    this.#forkCounts[isProven ? 'proven' : 'unproven'] += 1
    if (isProven) this.#forks.set(device, (this.#forks.get(device) ?? 0) + 1)
  }

  report(
    { made, conversation, names }: ExportHead,
    authors: ReadonlyMap<DeviceId, PersonId>,
    group: ExportedGroup | undefined,
  ): ExportReport {
    const { entries } = this
    const devicesOf = Map.groupBy(authors.keys(), (device) => authors.get(device))
    const persons = names.map(({ person, name }): ExportedPerson => {
      const devices = (devicesOf.get(person) ?? []).map((device) => this.#device(device))
      return { person, name, devices, ...(this.#persons.get(person) ?? noSpan()) }
    })
    const [bare, gaps, forks] = [this.#bare, this.#gaps, this.#forkCounts]
    const told = { made, conversation, ...(group === undefined ? {} : { group }), persons }
    return { ...told, entries, ...this.#all, outside: this.#outside, bare, gaps, forks }
  }

  #device(device: DeviceId): ExportedDevice {
    const [messages, forks] = [this.#devices.get(device) ?? 0, this.#forks.get(device) ?? 0]
    return { device, fingerprint: fingerprint(device), messages, forks }
  }
}
