/** The network: finds devices, says hello, and keeps one link with each device that it is told to keep. */

import { WarrenError } from '../../protocol/errors.ts'
import { byeCodes } from '../../protocol/frames.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { Network, PeerSource } from '../../protocol/http-people.ts'
import { deviceIdOf, type DeviceId } from '../../protocol/ids.ts'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { AddressBook } from './address-book.ts'
import { addressOf, defaultPort } from './address.ts'
import { Calls } from './calls.ts'
import { Dialler } from './dialler.ts'
import type { NetBlobTalk } from './blob-talk.ts'
import type { NetDeviceTalk } from './device-talk.ts'
import { dialError } from './dial-error.ts'
import { Discovery } from './discovery.ts'
import type { Gate } from './gate.ts'
import { gateWith } from './gate-with.ts'
import { InterfaceWatch } from './interface-watch.ts'
import { listenOn } from './listen.ts'
import type { Meeting } from './meeting.ts'
import { Meetings } from './meetings.ts'
import { MismatchWatch } from './mismatch-watch.ts'
import { Nearby } from './nearby.ts'
import type { NetLink } from './net-link.ts'
import { fractions } from './fractions.ts'
import { Looks } from './looks.ts'
import type { Look, NetDeps, NetOptions } from './net-parts.ts'
import type { NetNode } from './node.ts'
import { OwnAddresses } from './own-addresses.ts'
import { inBackground, within } from './race-signal.ts'
import { Penalties } from './penalties.ts'
import { Reach } from './reach.ts'
import { Rehandshake } from './rehandshake.ts'
import { defaultTimes, monotonic, type Times } from './times.ts'

const refusals = new Set<number | undefined>([byeCodes.badPeer, byeCodes.notAllowed, byeCodes.duplicateDevice])

export class Net {
  readonly device: DeviceId
  readonly bootId: Uint8Array
  readonly #deps: NetDeps
  readonly #random: () => number
  readonly #options: NetOptions
  readonly #times: Times
  readonly #book: AddressBook
  readonly #nearby: Nearby
  readonly #dialler: Dialler
  readonly #own: OwnAddresses
  readonly #penalties: Penalties
  readonly #gate: Gate
  readonly #rehandshake: Rehandshake
  readonly #looks: Looks
  readonly #stopping = new AbortController()
  /** Another copy of this device runs. */
  #isDown = false
  /** Where a device that woke this one is. */
  #expected: { readonly device: DeviceId; readonly addresses: readonly string[] } | undefined
  #node: NetNode | undefined
  #meetings: Meetings | undefined
  #calls: Calls | undefined
  #reach: Reach | undefined
  #discovery: Discovery | undefined
  #watch: InterfaceWatch | undefined
  #forgetting: NodeJS.Timeout | undefined

  constructor(deps: NetDeps, options: NetOptions) {
    const { now, log, addressStore } = deps
    this.device = deviceIdOf(publicBytes(signingKeyFromSeed(deps.seed)))
    this.bootId = deps.random(8)
    this.#deps = deps
    this.#random = fractions(deps.random)
    this.#options = options
    this.#times = { ...defaultTimes, ...options.times }
    this.#book = new AddressBook({ store: addressStore, now, log })
    this.#nearby = new Nearby(
      {
        now,
        gone: (device) => deps.listener.gone(device),
        present: (device) => this.#meetings?.find(device) !== undefined,
      },
      this.#times,
    )
    this.#dialler = new Dialler(
      {
        connect: (device, signal) => this.#running().connect(device, signal),
        linked: (device) => this.#linked(device),
        random: this.#random,
      },
      this.#times,
    )
    this.#penalties = new Penalties(monotonic, this.#times.penaltyFirstMs)
    this.#gate = gateWith({
      book: this.#book,
      dialler: this.#dialler,
      links: () => this.links(),
      penalties: this.#penalties,
      now: monotonic,
    })
    this.#rehandshake = new Rehandshake(
      { redial: async (device) => await this.#running().redial(device), random: this.#random },
      this.#times,
    )
    this.#looks = new Looks({
      calls: () => this.#running(),
      book: this.#book,
      nearby: this.#nearby,
      isLinked: (device) => this.#linked(device),
      isContact: (meeting) => this.#isContact(meeting),
      stopping: this.#stopping.signal,
    })
    this.#own = new OwnAddresses({
      device: this.device,
      bound: () => this.#node?.bound() ?? [],
      announceLoopback: options.announceLoopback ?? false,
    })
  }

  /** Throws PORT_IN_USE. */
  async start(): Promise<void> {
    await this.#book.load()
    const node = await listenOn(this.#deps.seed, this.#options, this.#gate, this.#deps.log)
    this.#node = node
    const { greeter, now, log } = this.#deps
    this.#reach = new Reach({
      node,
      device: this.device,
      book: this.#book,
      nearby: this.#nearby,
      keeps: (each) => this.#dialler.keeps(each),
      expected: (each) => (this.#expected?.device === each ? this.#expected.addresses : []),
      mismatches: new MismatchWatch(this.#book, this.#deps.listener),
      times: this.#times,
    })
    this.#meetings = new Meetings({
      node,
      gate: this.#gate,
      isKept: (each) => this.#dialler.keeps(each),
      greeter,
      device: this.device,
      bootId: this.bootId,
      signingKey: signingKeyFromSeed(this.#deps.seed),
      duplicate: () => this.#standDown(),
      now,
      log,
      times: this.#times,
      met: (meeting, hello) => this.#met(meeting, hello),
      stands: (link, meeting) => this.#stands(link, meeting),
      ended: (link) => this.#ended(link),
      left: (meeting) => this.#left(meeting),
      listener: this.#deps.listener,
    })
    this.#calls = new Calls({
      reach: this.#reach,
      meetings: this.#meetings,
      keeps: (each) => this.#dialler.keeps(each),
      penaltyMs: (each) => this.#penalties.waitMs(each),
      times: this.#times,
      stopping: this.#stopping.signal,
    })
    await this.#meetings.start()
    this.#watch = new InterfaceWatch({ changed: () => this.#networkChanged(), now }, this.#times.interfacePollMs)
    this.#forgetting = setInterval(() => this.#nearby.forget(), this.#times.forgetEveryMs).unref()
    await this.#startDiscovery(node)
    this.#dialler.all()
  }

  /** Says bye to all and closes everything, in at most 3 s; if it hurries in less than 1 s, cutting who has not heard by then. */
  async stop(hurries = false): Promise<void> {
    const { stopByeMs, stopSocketsMs, hurriedByeMs, hurriedSocketsMs } = this.#times
    this.#stopping.abort(new WarrenError('LINK_CLOSED', 'closing'))
    this.#watch?.stop()
    clearInterval(this.#forgetting)
    this.#dialler.stop()
    this.#rehandshake.stop()
    const byes = this.links().map((link) => link.close(byeCodes.closing))
    await within(hurries ? hurriedByeMs : stopByeMs, Promise.all([...byes, this.#discovery?.stop()]))
    if (this.#node !== undefined) {
      if (hurries) this.#node.cut()
      await within(hurries ? hurriedSocketsMs : stopSocketsMs, this.#node.stop())
    }
    await this.#book.flush()
  }

  /** Multiaddrs with the PeerId. */
  listening(): string[] {
    return this.#own.listening()
  }

  network(): Network {
    return { ...this.#own.network(), ...(this.#options.mdns ? {} : { nearbyOff: true }) }
  }

  links(): readonly NetLink[] {
    return this.#meetings?.links() ?? []
  }

  /** See Looks.look(). */
  async look(address: string, signal: AbortSignal): Promise<Look> {
    return await this.#looks.look(address, signal)
  }

  /** See Looks.talk(). */
  async talk(address: string, signal: AbortSignal): Promise<NetDeviceTalk> {
    return await this.#looks.talk(address, signal)
  }

  /** Opens a stream on which a device that is linked is asked for files. Throws LINK_CLOSED, UNREACHABLE, or the signal's reason. */
  async blob(device: DeviceId, signal: AbortSignal): Promise<NetBlobTalk> {
    return await this.#running().blob(device, signal)
  }

  /** The devices to stay linked with, from now on these and no others. Links with others stay until they are closed. */
  keep(devices: readonly DeviceId[]): void {
    if (this.#isDown) return
    this.#dialler.keep(devices.filter((each) => each !== this.device))
  }

  /**
   * This device says that it can be reached at these addresses now (multiaddrs): if a link with it is wanted, now or once it is, they
   * are tried first, and it before all others.
   */
  expect(device: DeviceId, addresses: readonly string[]): void {
    if (device === this.device) return
    this.#expected = { device, addresses }
    for (const each of addresses) this.#book.learn(device, each, 'contact')
    this.#dialler.first(device)
  }

  #standDown(): void {
    this.#isDown = true
    this.#dialler.keep([])
    this.#deps.listener.duplicate()
  }

  /** Notes addresses (multiaddrs; a PeerId in them is ignored) and tries new ones at once if the device is kept. */
  learn(device: DeviceId, addresses: readonly string[], source: PeerSource): void {
    if (device === this.device) return
    const fresh = addresses.filter((each) => this.#book.learn(device, each, source))
    if (fresh.length > 0) this.#dialler.heardOf(device, 0, true)
  }

  /** Says hello again, for the contact state changed. Rejects like look() where the device cannot be reached. */
  async greet(device: DeviceId): Promise<void> {
    try {
      await this.#running().connect(device, this.#stopping.signal)
    } catch (error) {
      throw dialError(error)
    }
  }

  /** Looks whether the device answers at this address: mismatched() or matched() says so if a person gave it. Rejects as greet(). */
  async check(device: DeviceId, address: string): Promise<void> {
    await this.#running().check(device, address)
  }

  #running(): Calls {
    if (this.#calls === undefined || this.#stopping.signal.aborted) {
      throw new WarrenError('UNREACHABLE', 'the network is not started')
    }
    return this.#calls
  }

  #linked(device: DeviceId): boolean {
    return this.#meetings?.link(device) !== undefined
  }

  #isContact({ device, verdict }: Meeting): boolean {
    return verdict === 'link' || this.#dialler.keeps(device)
  }

  #met(meeting: Meeting, hello: Hello): void {
    const { device, inbound, host } = meeting
    const kept = this.#isContact(meeting)
    // It came from some port; that it listens on the usual one is a guess, for want of better.
    if (inbound && kept && this.#reach?.addresses(device).length === 0) {
      this.#book.learn(device, addressOf(host, defaultPort).text, 'contact')
    }
    const source = kept ? 'contact' : meeting.source
    const address = inbound ? undefined : meeting.address
    this.#deps.listener.seen(this.#nearby.met(device, hello, { source, address }))
  }

  #stands(link: NetLink, meeting: Meeting): void {
    if (this.#expected?.device === link.device) this.#expected = undefined
    this.#rehandshake.watch(link)
    this.#deps.log('info', 'a link stands', { inbound: meeting.inbound })
    this.#deps.listener.link(link)
  }

  #ended(link: NetLink): void {
    this.#deps.log('info', 'a link ended', { code: link.endedWith })
    this.#dialler.lost(link.device, refusals.has(link.endedWith))
  }

  #left(meeting: Meeting): void {
    if (meeting.link === undefined && !this.#linked(meeting.device)) {
      this.#dialler.lost(meeting.device, meeting.verdict === 'stranger')
    }
  }

  async #startDiscovery(node: NetNode): Promise<void> {
    if (!this.#options.mdns) return
    const { now, log } = this.#deps
    this.#discovery = new Discovery(
      {
        device: this.device,
        nearby: this.#nearby,
        dialler: this.#dialler,
        linked: (device) => this.#linked(device),
        greet: (device) => this.greet(device),
        announced: () => this.#own.announced(),
        random: this.#random,
        now,
        logger: node.libp2p.logger,
        log,
      },
      this.#times,
    )
    await this.#discovery.restart()
  }

  #networkChanged(): void {
    this.#deps.log('info', 'the network changed')
    if (this.#discovery !== undefined) inBackground(this.#discovery.restart(), () => undefined)
    for (const link of this.links()) link.probe(this.#times.probeMs)
    this.#dialler.all()
    this.#deps.listener.networkChanged()
  }
}
