/** What a change of a contact does to the network: whom to stay linked with, whom to tell, whom to cut off. */

import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { ContactRecord } from './contact-record.ts'
import type { ContactsDeps } from './contacts.ts'

export class Touch {
  readonly #deps: ContactsDeps

  constructor(deps: ContactsDeps) {
    this.#deps = deps
  }

  /** Work that nobody waits for. */
  background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#deps.log('warn', 'a hello could not be taken in', {
        code: error instanceof WarrenError ? error.code : 'INTERNAL',
      })
    })
  }

  /** Devices that showed themselves as this person's, and those that their log names. */
  devicesOf({ person, devices }: ContactRecord): Set<DeviceId> {
    return new Set([...this.#deps.logs.personState(person).devices.keys(), ...devices])
  }

  /** Says hello to every device of a record, for what it would say changed. */
  greet({ devices }: ContactRecord): void {
    for (const device of devices) this.background(this.#deps.reach.greet(device))
  }

  /** Devices that the dialler should stay linked with, bring a request to, or tell that the owner ended the contact: contacts first. */
  refreshKept(turns = false): void {
    const { book, logs, reach, self, groups } = this.#deps
    const own = [...logs.personState(self.person).devices.keys()]
    const devices = book.all().flatMap((record) => {
      if (record.state === 'outgoing') return record.refused ? [] : record.devices
      return record.state === 'accepted' || this.#isToBeTold(record) ? [...this.devicesOf(record)] : []
    })
    const kept = new Set([...own, ...devices, ...groups.kept(turns)])
    reach.keep([...kept].filter((device) => device !== self.device))
  }

  #isToBeTold({ state, told, changedAt }: ContactRecord): boolean {
    return state === 'removed' && !told && this.#deps.now() - changedAt < limits.farewellMs
  }

  /** From now on nothing of the owner's goes to this person. */
  cut(record: ContactRecord): void {
    this.#deps.logs.scopesChanged()
    this.refreshKept()
    for (const device of this.devicesOf(record)) this.#deps.reach.disconnect(device)
  }

  /** As cut(), but says why first, where there is a link to say it on. */
  farewell(record: ContactRecord): void {
    const { logs, reach } = this.#deps
    logs.scopesChanged()
    this.refreshKept()
    for (const device of this.devicesOf(record)) {
      this.background(reach.greet(device).finally(() => reach.disconnect(device)))
    }
  }
}
