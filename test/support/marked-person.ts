/** A person with a daemon of their own whose every word is a marker, and the list of all markers. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Test } from 'tap'
import { partsOf, type Described } from './api-words.ts'
import { byteForms, placesIn, textForms, type Form, type Place } from './marker-search.ts'
import { shortFolder } from './running-api.ts'
import { Seat } from './seat.ts'
import { startWarren, type WarrenProcess } from './warren-process.ts'

const quiet = ['--api-port', '0', '--peer-port', '0', '--listen', '0.0.0.0', '--no-mdns', '--announce-loopback']

/** Everything that must not be found, by name, and what was sent of it. */
export class Markers {
  readonly forms: Form[] = []
  readonly sent = new Set<string>()

  /** A fresh word that stands in no dictionary. */
  word(name: string): string {
    const text = `${name.replaceAll(' ', '-')}-${randomBytes(6).toString('hex')}`
    this.text(name, text)
    return text
  }

  text(name: string, text: string): void {
    this.forms.push(...textForms(name, text))
  }

  bytes(name: string, bytes: Uint8Array): void {
    this.forms.push(...byteForms(name, bytes))
  }
}

/** One daemon, a process of its own, that finds nothing of ours but its home to write to. */
export class MarkedPerson {
  readonly name: string
  readonly home: string
  readonly elsewhere: string
  readonly seat: Seat
  readonly #t: Test
  readonly #markers: Markers
  #daemon: WarrenProcess | undefined
  #api = ''
  /** What all runs said on stderr. */
  said = ''

  constructor(t: Test, name: string, markers: Markers) {
    this.#t = t
    this.#markers = markers
    this.name = name
    this.home = join(shortFolder(t), 'home')
    this.elsewhere = shortFolder(t)
    this.seat = new Seat(this.home)
  }

  get api(): string {
    return this.#api
  }

  async start(): Promise<number> {
    const { home, elsewhere } = this
    const env = { TMPDIR: elsewhere, HOME: elsewhere, XDG_DATA_HOME: elsewhere, WARREN_LOG_LEVEL: 'debug' }
    this.#daemon = startWarren(this.#t, ['start', ...quiet, '--no-open', '--json'], { home, env })
    const { api, listen } = await this.#daemon.json<{ api: string; listen: string[] }>()
    this.#api = api
    this.seat.follow()
    return Number(/\/tcp\/(\d+)/.exec(listen[0] ?? '')?.[1])
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#daemon?.child.kill(signal)
    this.said += (await this.#daemon?.ended)?.stderr ?? ''
  }

  /** Asks the daemon, and keeps in mind what was asked for and which words it was sent. */
  async ask<T>(api: Described, method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
    for (const each of partsOf(api, method, path, body)) this.#markers.sent.add(each)
    return await this.seat.client.ask<T>(method, path, body)
  }

  /** All that is on the disk and was said, and what everybody can see of the process. */
  places(): Place[] {
    const named = [...placesIn(this.home), { name: 'stderr', bytes: Buffer.from(this.said) }]
    return named.map(({ name, bytes }) => ({ name: `${this.name}: ${name}`, bytes }))
  }
}
