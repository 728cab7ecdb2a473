/** All connections: says and answers hello, and lets contacts open sync. */

import type { Connection, Stream } from '@libp2p/interface'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { byeCodes } from '../../protocol/frames.ts'
import { signBoot } from '../../protocol/boot.ts'
import { protocolVersion, type Hello } from '../../protocol/hello.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { blobProtocol, NetBlobTalk } from './blob-talk.ts'
import { deviceProtocol, NetDeviceTalk } from './device-talk.ts'
import type { Verdict } from './greeter.ts'
import { answerHello, askHello, helloProtocol } from './hello-stream.ts'
import { Boots } from './link-order.ts'
import { Links } from './links.ts'
import { Meeting } from './meeting.ts'
import type { MeetingsDeps } from './meetings-parts.ts'
import type { NetLink } from './net-link.ts'
import { inBackground } from './race-signal.ts'
import { Twins } from './twins.ts'
import { StrangerHellos } from './stranger-hellos.ts'

export const syncProtocol = '/warren/sync/1'

const blobStreams = { maxInboundStreams: limits.blobStreams, maxOutboundStreams: limits.blobStreams }

/** What no honest device says hello with. */
const nonsense: readonly string[] = ['BAD_SHAPE', 'BAD_HASH', 'BAD_SIGNATURE', 'TOO_LARGE']

export class Meetings {
  readonly #deps: MeetingsDeps
  readonly #meetings = new Map<Connection, Meeting>()
  readonly #links: Links
  readonly #boots = new Boots(limits.addressBookDevices)
  readonly #hellos: StrangerHellos
  readonly #twins: Twins
  /** Another copy of this device runs: no link stands any more. */
  #isDown = false
  #linkNumber = 0

  constructor(deps: MeetingsDeps) {
    this.#deps = deps
    this.#hellos = new StrangerHellos(deps.isKept)
    this.#links = new Links({ ...deps, accepts: (connection) => this.#accept(connection) })
    const { device, bootId, now } = deps
    this.#twins = new Twins({ device, bootId, startedMs: now(), mostDevices: limits.addressBookDevices })
    const { libp2p } = deps.node
    libp2p.addEventListener('connection:open', ({ detail }) => this.#onOpen(detail))
    libp2p.addEventListener('connection:close', ({ detail }) => this.#onClose(detail))
  }

  async start(): Promise<void> {
    const { libp2p } = this.#deps.node
    const streams = { maxInboundStreams: 2, maxOutboundStreams: 2 }
    await libp2p.handle(helloProtocol, (stream, connection) => this.#onHello(stream, connection), streams)
    await libp2p.handle(syncProtocol, (stream, connection) => this.#onSync(stream, connection), streams)
    await libp2p.handle(deviceProtocol, (stream, connection) => this.#onTalk(stream, connection), streams)
    await libp2p.handle(blobProtocol, (stream, connection) => this.#onBlob(stream, connection), blobStreams)
  }

  /** Files are for devices with a link, on the connection that it is on. */
  readonly #onBlob = (stream: Stream, connection: Connection): void => {
    const meeting = this.#meetings.get(connection)
    const link = meeting?.link
    if (meeting?.verdict === 'link' && link !== undefined && !link.closed.aborted)
      this.#deps.listener.blob(new NetBlobTalk(link.device, stream, () => link.offend()))
    else stream.abort(new WarrenError('NOT_ALLOWED', 'files are for contacts'))
  }

  /** Opens a stream on which a device is asked for files. Throws LINK_CLOSED without a link. */
  async blob(device: DeviceId, signal: AbortSignal): Promise<NetBlobTalk> {
    const link = this.link(device)
    if (link === undefined) throw new WarrenError('LINK_CLOSED', 'there is no link')
    const stream = await link.connection.newStream(blobProtocol, { signal, ...blobStreams })
    return new NetBlobTalk(device, stream, () => link.offend())
  }

  links(): NetLink[] {
    return this.#links.all()
  }

  link(device: DeviceId): NetLink | undefined {
    return this.#links.of(device)
  }

  of(connection: Connection): Meeting {
    const meeting = this.#meetings.get(connection)
    if (meeting === undefined) throw new WarrenError('LINK_CLOSED', 'the connection is closed')
    return meeting
  }

  /** An open connection to this device, the one with its link before any other. */
  find(device: DeviceId): Meeting | undefined {
    const all = [...this.#meetings.values()].filter((each) => each.device === device && each.open)
    return all.find(({ link }) => link !== undefined && link === this.link(device)) ?? all.at(-1)
  }

  /** Says hello, hears the answer and opens the link if both want one. Throws what askHello() throws, and what heard() does. */
  async ask(meeting: Meeting, signal: AbortSignal): Promise<Verdict> {
    const asked = meeting.turn.then(() => this.#ask(meeting, signal))
    meeting.turn = asked.catch(() => undefined)
    return await asked
  }

  async #ask(meeting: Meeting, signal: AbortSignal): Promise<Verdict> {
    if (!meeting.open) throw new WarrenError('LINK_CLOSED', 'the connection was closed')
    const stream = await meeting.connection.newStream(helloProtocol, { signal })
    const verdict = this.#hear(meeting, await askHello(stream, this.#ours(meeting), signal))
    await this.#act(meeting, signal)
    return verdict
  }

  #ours(meeting: Meeting): Hello {
    const { greeter, bootId, now, signingKey } = this.#deps
    const wallMs = now()
    const twin = this.#twins.of(meeting.device, meeting.hello?.bootId)
    if (twin !== undefined) meeting.knowsTwin = true
    this.#linkNumber += 1
    meeting.ourNumber = this.#linkNumber
    const said = greeter.hello({ device: meeting.device, privateAddress: meeting.privateAddress })
    return {
      versions: [protocolVersion, protocolVersion],
      features: [],
      bootId,
      linkNumber: this.#linkNumber,
      wallMs,
      ...said,
      bootSignature: signBoot(signingKey, { bootId, wallMs }).signature,
      ...(twin === undefined ? {} : { twin }),
    }
  }

  #hear(meeting: Meeting, theirs: Hello): Verdict {
    const { greeter, log } = this.#deps
    const { device, address, privateAddress, inbound } = meeting
    const { boot, outdated } = this.#boots.heard(device, theirs.bootId)
    if (outdated) log('warn', 'two boots of one device were seen')
    this.#twins.heard(device, theirs, outdated)
    meeting.boot = boot
    meeting.hello = theirs
    meeting.theirNumber = Math.max(meeting.theirNumber, theirs.linkNumber)
    try {
      meeting.verdict = greeter.heard({ device, address, privateAddress, inbound }, theirs)
    } catch (error) {
      meeting.verdict = 'stranger'
      this.#turnAway(meeting)
      throw error
    }
    if (this.#twins.proves(theirs.twin)) this.#standDown()
    if (this.#isDown) meeting.verdict = 'stranger'
    if (outdated) this.#showTwins(device)
    if (meeting.verdict === 'link') this.#accept(meeting.connection)
    this.#deps.met(meeting, theirs)
    return meeting.verdict
  }

  /** Each copy of a device hears of the other: on the connections that stand, and with every later hello. */
  #showTwins(device: DeviceId): void {
    for (const meeting of this.#meetings.values()) {
      const { bootId } = meeting.hello ?? {}
      if (meeting.device !== device || !meeting.open || meeting.knowsTwin) continue
      if (this.#twins.of(device, bootId) === undefined) continue
      const signal = AbortSignal.timeout(this.#deps.times.helloTimeoutMs)
      inBackground(this.ask(meeting, signal), () => undefined)
    }
  }

  /** Another copy of this device runs: whatever this one said from here on could contradict it. */
  #standDown(): void {
    if (this.#isDown) return
    this.#isDown = true
    this.#deps.log('error', 'another copy of this device runs elsewhere')
    for (const link of this.links()) inBackground(link.close(byeCodes.duplicateDevice), () => undefined)
    this.#deps.duplicate()
  }

  /** After both hellos. The side that dialled opens the link, so that two streams can never cross on one connection. */
  async #act(meeting: Meeting, signal: AbortSignal): Promise<void> {
    if (meeting.verdict !== 'link') return await meeting.link?.close(byeCodes.notAllowed)
    if (meeting.link !== undefined) return
    if (meeting.inbound) return this.#expectSync(meeting)
    if (!this.#links.wouldStay(meeting)) return await meeting.leave(this.#deps.times.byeDrainMs)
    const stream = await meeting.connection.newStream(syncProtocol, { signal })
    if (meeting.link === undefined && meeting.verdict === 'link') this.#links.stand(meeting, stream)
    else stream.abort(new WarrenError('LINK_CLOSED', 'not wanted any more'))
  }

  /** A contact that says hello and then opens nothing shall not pile up connections. */
  #expectSync(meeting: Meeting): void {
    meeting.after(this.#deps.times.helloTimeoutMs, () => {
      if (meeting.link === undefined && meeting.verdict === 'link') this.#turnAway(meeting)
    })
  }

  readonly #onHello = (stream: Stream, connection: Connection): void => {
    inBackground(this.#answer(stream, connection), (error) => {
      this.#deps.log('debug', 'a hello came to nothing', { code: errorCode(error) })
    })
  }

  async #answer(stream: Stream, connection: Connection): Promise<void> {
    const meeting = this.of(connection)
    const signal = AbortSignal.timeout(this.#deps.times.helloTimeoutMs)
    const reply = (theirs: Hello): Hello => {
      this.#hear(meeting, theirs)
      return this.#ours(meeting)
    }
    meeting.asked += 1
    meeting.answering += 1
    try {
      if (!this.#hellos.admits(meeting)) {
        const error = new WarrenError('RATE_LIMITED', 'too many hellos')
        stream.abort(error)
        throw error
      }
      await answerHello(stream, reply, signal)
    } catch (error) {
      // A hello cut off with its connection is nobody's fault.
      if (connection.status === 'open' && nonsense.includes(errorCode(error))) this.#deps.gate.offend(connection)
      if (meeting.link === undefined) this.#turnAway(meeting)
      throw error
    } finally {
      meeting.answering -= 1
    }
    await this.#act(meeting, signal)
  }

  readonly #onSync = (stream: Stream, connection: Connection): void => {
    const meeting = this.#meetings.get(connection)
    if (meeting?.verdict === 'link' && meeting.inbound && meeting.link === undefined) {
      this.#links.stand(meeting, stream)
      return
    }
    stream.abort(new WarrenError('NOT_ALLOWED', 'sync is for contacts'))
    if (meeting === undefined || meeting.link !== undefined) return
    this.#deps.log('warn', 'a device that is no contact asked for sync')
    this.#turnAway(meeting)
  }

  /** Only to those who said hello: what strangers may cost is counted there. */
  readonly #onTalk = (stream: Stream, connection: Connection): void => {
    const meeting = this.#meetings.get(connection)
    if (meeting?.hello !== undefined) this.#deps.listener.talk(new NetDeviceTalk(meeting, stream))
    else stream.abort(new WarrenError('NOT_ALLOWED', 'hello comes first'))
  }

  /** Opens the stream on which devices of one person find together. The connection ends with it unless a link needs it. */
  async talk(meeting: Meeting, signal: AbortSignal): Promise<NetDeviceTalk> {
    const stream = await meeting.connection.newStream(deviceProtocol, { signal })
    return new NetDeviceTalk(meeting, stream, () => {
      if (meeting.link === undefined && !this.#deps.isKept(meeting.device)) this.#turnAway(meeting)
    })
  }

  #turnAway(meeting: Meeting): void {
    const { byeDrainMs } = this.#deps.times
    inBackground(meeting.link?.close(byeCodes.notAllowed) ?? meeting.leave(byeDrainMs), () => undefined)
  }

  #onOpen(connection: Connection): void {
    let meeting: Meeting
    try {
      meeting = new Meeting(connection)
    } catch {
      // A key that is not Ed25519: no Warren device has one.
      connection.abort(new WarrenError('NOT_WARREN', 'not a device key'))
      return
    }
    this.#meetings.set(connection, meeting)
    if (!meeting.inbound) return
    for (const leaving of this.#deps.gate.admit(connection)) this.#evict(leaving)
    meeting.after(this.#deps.times.helloTimeoutMs, () => {
      if (meeting.hello === undefined) connection.abort(new WarrenError('TIMED_OUT', 'no hello came'))
    })
  }

  #accept(connection: Connection): void {
    for (const leaving of this.#deps.gate.accept(connection)) {
      const link = this.#meetings.get(leaving)?.link
      if (link === undefined || link !== this.link(link.device)) this.#evict(leaving)
    }
  }

  #evict(connection: Connection): void {
    const meeting = this.#meetings.get(connection)
    if (meeting !== undefined) inBackground(meeting.leave(this.#deps.times.byeDrainMs), () => undefined)
  }

  #onClose(connection: Connection): void {
    const meeting = this.#meetings.get(connection)
    this.#meetings.delete(connection)
    if (meeting === undefined) return
    meeting.over()
    this.#deps.left(meeting)
  }
}
