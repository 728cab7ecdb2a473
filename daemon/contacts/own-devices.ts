/** The owner's other devices: they link as contacts do, without a question; and what changes in the logs of persons changes links. */

import type { ContactWish, Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { ContactsDeps } from './contacts.ts'
import type { Touch } from './touch.ts'

/** Devices of one person have nothing to ask each other. */
const belongs: ContactWish = { is: 'contact', note: '', number: 1 }

export class OwnDevices {
  readonly #deps: ContactsDeps
  readonly #touch: Touch
  /** Called after the own log changed: the proof that hellos carry is another one. */
  readonly #changed: () => Promise<void>

  constructor(deps: ContactsDeps, touch: Touch, changed: () => Promise<void>) {
    this.#deps = deps
    this.#touch = touch
    this.#changed = changed
    deps.logs.onAppended(({ scope }) => this.#logChanged(scope as PersonId))
  }

  /** What is said to a device of the owner's; undefined to all others. */
  wish(device: DeviceId): ContactWish | undefined {
    const { devices, removed } = this.#own()
    if (devices.has(device)) return belongs
    return removed.has(device) ? { is: 'nothing' } : undefined
  }

  /** What a device said that claims to be one of the owner's. */
  heard(device: DeviceId, hello: Hello): 'link' | 'stranger' {
    const isOwn = this.#own().devices.has(device)
    // Of a device that is not known yet its log is the proof; of one that is, it may tell what happened meanwhile.
    if (hello.proof.length > 0) this.#touch.background(this.#learn(device, hello, isOwn))
    return isOwn && hello.wish.is === 'contact' ? 'link' : 'stranger'
  }

  async #learn(device: DeviceId, { proof }: Hello, wasOwn: boolean): Promise<void> {
    const { logs, self, reach } = this.#deps
    const before = this.#own()
    const seen = logs.previewPerson(self.person, proof)
    // Only what changes who belongs is taken from a hello; everything else comes by sync.
    const isNews = [...seen.devices.keys()].some((each) => !before.devices.has(each)) || !seen.devices.has(self.device)
    if (!isNews || (!seen.devices.has(device) && !wasOwn)) return
    await logs.learnPerson(self.person, proof)
    if (!wasOwn && this.#own().devices.has(device)) await reach.greet(device)
  }

  #own(): ReturnType<ContactsDeps['logs']['personState']> {
    return this.#deps.logs.personState(this.#deps.self.person)
  }

  #logChanged(person: PersonId): void {
    const { logs, self, reach, book } = this.#deps
    if (person !== self.person && book.get(person) === undefined) return
    logs.scopesChanged()
    if (person === self.person) return this.#touch.background(this.#ownChanged())
    for (const device of logs.personState(person).removed) reach.disconnect(device)
    this.#touch.refreshKept()
  }

  /** Who was removed is shown the log that says so, and sees nothing from now on. */
  async #ownChanged(): Promise<void> {
    const { reach } = this.#deps
    await this.#changed()
    for (const device of this.#own().removed)
      this.#touch.background(reach.greet(device).finally(() => reach.disconnect(device)))
  }
}
