/** Own devices in memory: one, and a linking that goes as far as it is told. */

import type { OwnDevices } from '../../daemon/api/owner.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Linking, NewLinking, NoLinking, OwnDevice } from '../../protocol/http-devices.ts'
import type { BeginningAnew } from '../../protocol/http-phrase.ts'
import type { NewRecovery, NoRecovery, Recovery, RecoveryFinish } from '../../protocol/http-recovery.ts'
import { fingerprint, type DeviceId } from '../../protocol/ids.ts'
import { seedOfPhrase } from '../../protocol/words.ts'
import { FakePhrase } from './fake-phrase.ts'

export class FakeDevices implements OwnDevices {
  readonly all: OwnDevice[]
  readonly phrase = new FakePhrase()
  shown: Linking | NoLinking = { state: 'none' }
  recovering: Recovery | NoRecovery = { state: 'none' }
  /** Ids of the devices that were said to be lost. */
  readonly lost: string[] = []
  /** How often who answered was to be a contact. */
  helpersAsked = 0
  /** A recovery that is written opens the house anew. */
  recovered = false
  /** Whether anybody answers who knows the person. */
  answers = true

  constructor(device: DeviceId) {
    const own = { deviceId: device, fingerprint: fingerprint(device), name: '', current: true, online: true }
    this.all = [{ ...own, deviceClass: 'desktop' }]
  }

  list(): OwnDevice[] {
    return this.all
  }

  async rename(id: string, name: string): Promise<OwnDevice> {
    const device = await Promise.resolve(this.#require(id))
    device.name = name
    return device
  }

  async remove(id: string): Promise<void> {
    if ((await Promise.resolve(this.#require(id))).current)
      throw new WarrenError('SELF', 'this is the one that you use')
    this.all.splice(
      this.all.findIndex(({ deviceId }) => deviceId === id),
      1,
    )
  }

  #require(id: string): OwnDevice {
    const device = this.all.find(({ deviceId }) => deviceId === id)
    if (device === undefined) throw new WarrenError('NOT_FOUND', 'no such device')
    return device
  }

  linking(): Linking | NoLinking {
    return this.shown
  }

  begin({ code }: NewLinking): Linking {
    const shown: Linking =
      code === undefined
        ? { role: 'old', state: 'waiting', code: '12345678', link: 'warren:device', expiresAt: 1 }
        : { role: 'new', state: 'comparing', words: ['abandon', 'ability', 'able', 'about'] }
    this.shown = shown
    return shown
  }

  confirm(): Linking {
    if (this.shown.state !== 'comparing') throw new WarrenError('CONFLICT', 'there are no words to compare')
    this.shown = { ...this.shown, state: 'confirmed' }
    return this.shown
  }

  cancel(differ: boolean): void {
    if (this.shown.state !== 'none')
      this.shown = { role: this.shown.role, state: 'failed', problem: differ ? 'other-words' : 'cancelled' }
  }

  recovery(): Recovery | NoRecovery {
    return this.recovering
  }

  anew = 0

  beginningAnew(): BeginningAnew {
    return { asksContacts: true }
  }

  async beginAnew(): Promise<BeginningAnew> {
    await Promise.resolve()
    if (this.phrase.shown.state === 'unwritten') throw new WarrenError('CONFLICT', 'the words are on this device')
    this.anew += 1
    return this.beginningAnew()
  }

  beginRecovery({ words, address }: NewRecovery): Recovery {
    seedOfPhrase(words)
    const lost = { fingerprint: 'abcd', name: '', addedAt: 1_760_000_000_000, here: false }
    this.recovering = {
      state: 'found',
      name: 'Alice',
      personId: 'person',
      devices: [
        { ...lost, deviceId: 'lost-1' },
        { ...lost, deviceId: 'lost-2', fingerprint: 'efgh', name: 'Phone' },
      ],
      ...(this.answers
        ? { from: { fingerprint: 'ijkl', own: false, name: 'Bob', askable: address !== undefined } }
        : { alone: true }),
    }
    return this.recovering
  }

  finishRecovery({ remove, askHelper = false, alone = false }: RecoveryFinish): Recovery {
    if (!this.answers && !alone) throw new WarrenError('CONFLICT', 'nobody was there who knows')
    if (askHelper) this.helpersAsked += 1
    this.lost.push(...remove)
    const done = { state: 'done' } as const
    this.recovering = this.recovered ? { state: 'none' } : done
    return done
  }

  endRecovery(): void {
    this.recovering = { state: 'failed', problem: 'cancelled' }
  }
}
