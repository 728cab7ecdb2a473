/** `warren:` links: whom or what they lead to, some devices and where to reach them. Those into a group are in group-link.ts. */

import { base64url } from 'multiformats/bases/base64'
import { concat, sameBytes } from './bytes.ts'
import { sha256 } from './crypto.ts'
import { errorCode, WarrenError } from './errors.ts'
import { deviceBytes, idBytes, personIdOf, type DeviceId, type PersonId } from './ids.ts'
import { addressBytes, readAddress, type LinkAddress } from './link-address.ts'
import { LinkReader } from './link-reader.ts'
import { limits } from './limits.ts'

export type { LinkAddress } from './link-address.ts'

export interface LinkDevice {
  /** The first 16 bytes of the device's public key: enough to tell it from any other. */
  readonly prefix: Uint8Array
  readonly addresses: readonly LinkAddress[]
}

export interface ContactLink {
  readonly person: PersonId
  readonly devices: readonly LinkDevice[]
}

/** Lets a new device ask to become one of a person's. */
export interface DeviceLink {
  readonly person: PersonId
  readonly secret: Uint8Array
  readonly devices: readonly LinkDevice[]
}

const scheme = 'warren:'
/** The first byte: version 1 and what the link is for. */
export const linkTypes = { contact: 1, group: 2, device: 3, safety: 4 } as const
export type LinkType = keyof typeof linkTypes
const hints: Readonly<Record<LinkType, string>> = {
  contact: 'this link leads to a person',
  group: 'this link leads into a group',
  device: 'this link joins a device to a person',
  safety: 'this code compares safety numbers',
}
const prefixBytes = 16
const checksumBytes = 4

export const devicePrefix = (device: DeviceId): Uint8Array => deviceBytes(device).slice(0, prefixBytes)

/** True if the link names this device. */
export const namesDevice = (link: { readonly devices: readonly LinkDevice[] }, device: DeviceId): boolean =>
  link.devices.some(({ prefix }) => sameBytes(prefix, devicePrefix(device)))

const checksum = (body: Uint8Array): Uint8Array => sha256(body).slice(0, checksumBytes)

/** A body as people hand it on. */
export const linkText = (body: Uint8Array): string => scheme + base64url.baseEncode(concat(body, checksum(body)))

/** `front` is what stands before the devices; what does not fit into `most` characters is left out. Throws BAD_SHAPE. */
export function writeLink(front: Uint8Array, devices: readonly LinkDevice[], most: number): string {
  const written = devices.flatMap(({ prefix, addresses }) => {
    if (prefix.length !== prefixBytes) throw new WarrenError('BAD_SHAPE', 'not the first bytes of a device key')
    return [prefix, Uint8Array.of(addresses.length), ...addresses.map(addressBytes)]
  })
  const body = concat(front, Uint8Array.of(devices.length), ...written)
  const text = linkText(body)
  if (text.length <= most) return text
  // The last address that is not a device's only one goes first, then the last device.
  const longest = devices.findLastIndex(({ addresses }) => addresses.length > 1)
  const fewer = devices.map((each, at) => (at === longest ? { ...each, addresses: each.addresses.slice(0, -1) } : each))
  return writeLink(front, longest < 0 ? devices.slice(0, -1) : fewer, most)
}

export const boundedDevices = (devices: readonly LinkDevice[]): LinkDevice[] =>
  devices
    .slice(0, limits.linkDevices)
    .map((each) => ({ ...each, addresses: each.addresses.slice(0, limits.linkAddresses) }))

/** Throws BAD_SHAPE for a secret of another length. */
function frontOf(type: 'contact' | 'device', id: PersonId, secret?: Uint8Array): Uint8Array {
  if (secret !== undefined && secret.length !== 32) throw new WarrenError('BAD_SHAPE', 'a secret has 32 bytes')
  return concat(Uint8Array.of(linkTypes[type]), idBytes(id), secret ?? new Uint8Array(0))
}

/**
 * Writes a link; the last addresses, then the last devices, are left out where it would grow over 200 characters.
 * Throws BAD_SHAPE for an address that is none.
 */
export const encodeContactLink = ({ person, devices }: ContactLink): string =>
  writeLink(frontOf('contact', person), boundedDevices(devices), limits.contactLinkBytes)

export const encodeDeviceLink = ({ person, secret, devices }: DeviceLink): string =>
  writeLink(frontOf('device', person, secret), boundedDevices(devices), limits.contactLinkBytes)

const trimmedLink = (text: unknown): string =>
  typeof text === 'string' && text.length <= 2 * limits.groupLinkBytes ? text.trim() : ''

/** The bytes of a link whose checksum is right. Throws BAD_LINK. */
function bodyOf(text: unknown): Uint8Array {
  const trimmed = trimmedLink(text)
  if (!trimmed.toLowerCase().startsWith(scheme) || trimmed.length > limits.groupLinkBytes) {
    throw new WarrenError('BAD_LINK', 'not a contact link')
  }
  let bytes: Uint8Array
  try {
    bytes = base64url.baseDecode(trimmed.slice(scheme.length))
  } catch (cause) {
    throw new WarrenError('BAD_LINK', 'the link has characters that do not belong there', { cause })
  }
  const body = bytes.slice(0, -checksumBytes)
  if (bytes.length <= checksumBytes || !sameBytes(checksum(body), bytes.subarray(-checksumBytes))) {
    throw new WarrenError('BAD_LINK', 'the checksum of the link is wrong: a part is missing or mistyped')
  }
  return body
}

/** What a link is for; undefined if it is none, or a newer one. */
export function linkTypeOf(text: unknown): LinkType | undefined {
  try {
    const found = bodyOf(text)[0]
    return (Object.keys(linkTypes) as LinkType[]).find((each) => linkTypes[each] === found)
  } catch {
    return undefined
  }
}

function open(text: unknown, type: LinkType): LinkReader {
  const from = new LinkReader(bodyOf(text))
  const found = from.byte()
  const isTooLong = found !== linkTypes.group && trimmedLink(text).length > limits.contactLinkBytes
  if (isTooLong) throw new WarrenError('BAD_LINK', 'the link holds more than a link may')
  if (found === linkTypes[type]) return from
  const other = (Object.keys(linkTypes) as LinkType[]).find((each) => linkTypes[each] === found)
  throw new WarrenError('BAD_LINK', other === undefined ? 'the link was made by a newer Warren' : hints[other])
}

const times = <T>(count: number, most: number, read: () => T): T[] => {
  if (count > most) throw new WarrenError('BAD_LINK', 'the link holds more than a link may')
  return Array.from({ length: count }, read)
}

/** The devices at the end of a link. Throws BAD_LINK. */
export function readDevices(from: LinkReader): LinkDevice[] {
  const devices = times(from.byte(), limits.linkDevices, () => ({
    prefix: from.take(prefixBytes),
    addresses: times(from.byte(), limits.linkAddresses, () => readAddress(from)).filter((each) => each !== undefined),
  }))
  from.end()
  return devices
}

/** Reads what is behind the first byte of a link of this type. Throws BAD_LINK. */
export function readLink<T>(text: unknown, type: LinkType, read: (from: LinkReader) => T): T {
  try {
    return read(open(text, type))
  } catch (error) {
    if (errorCode(error) !== 'BAD_SHAPE') throw error
    throw new WarrenError('BAD_LINK', 'the link holds what no link can', { cause: error })
  }
}

/** Reads a link; spaces around it are ignored. Throws BAD_LINK: also for a wrong checksum, as after a typing error. */
export const readContactLink = (text: unknown): ContactLink =>
  readLink(text, 'contact', (from) => ({ person: personIdOf(from.take(32)), devices: readDevices(from) }))

/** As readContactLink(). */
export const readDeviceLink = (text: unknown): DeviceLink =>
  readLink(text, 'device', (from) => ({
    person: personIdOf(from.take(32)),
    secret: from.take(32),
    devices: readDevices(from),
  }))
