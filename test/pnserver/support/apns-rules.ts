/** What Apple's push server demands of a request ("Sending notification requests to APNs"), told apart by its reasons. */

import type { IncomingHttpHeaders } from 'node:http2'
import { refusals, type Refusal } from './apns-refusals.ts'

export interface ApnsDevice {
  /** Bundle ids of the apps that it has the token for. */
  readonly topics: readonly string[]
  /** Why and since when the token is no longer valid, epoch milliseconds. */
  readonly gone?: { readonly reason: 'Unregistered' | 'ExpiredToken'; readonly since: number }
}

export interface ApnsRequest {
  readonly headers: IncomingHttpHeaders
  /** Names of headers as they came, with repetitions. */
  readonly names: readonly string[]
  readonly body: Buffer
}

export interface ApnsWorld {
  /** By token, in hex. */
  readonly devices: ReadonlyMap<string, ApnsDevice>
  /** Topics that the provider's team has. */
  readonly topics: readonly string[]
}

const pushTypes = new Set([
  'alert',
  'background',
  'complication',
  'controls',
  'fileprovider',
  'liveactivity',
  'location',
  'mdm',
  'pushtotalk',
  'voip',
  'widgets',
])
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const mostBytes = { collapseId: 64, payload: 4096, voipPayload: 5120 }

type Headers = Readonly<Record<string, string | undefined>>

const textOf = (headers: IncomingHttpHeaders): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))

/** What is wrong with a request besides its provider token; undefined if nothing is. `authorize` is asked once the path is right. */
export function judgeRequest(
  { headers, names, body }: ApnsRequest,
  world: ApnsWorld,
  authorize: () => Refusal | undefined,
): Refusal | undefined {
  const said = textOf(headers)
  if (said[':method'] !== 'POST') return refusals.MethodNotAllowed
  const token = /^\/3\/device\/([^/?]*)$/.exec(said[':path'] ?? '')?.[1]
  if (token === undefined) return refusals.BadPath
  if (new Set(names).size !== names.length) return refusals.DuplicateHeaders
  return (
    authorize() ?? judgeHeaders(said) ?? judgePayload(said, body) ?? judgeDevice(token, said['apns-topic'] ?? '', world)
  )
}

function judgeHeaders(said: Headers): Refusal | undefined {
  const id = said['apns-id']
  if (id !== undefined && !uuid.test(id)) return refusals.BadMessageId
  const type = said['apns-push-type']
  if (type !== undefined && !pushTypes.has(type)) return refusals.InvalidPushType
  const allowed = type === 'background' ? ['5'] : ['10', '5', '1']
  const priority = said['apns-priority']
  if (priority !== undefined && !allowed.includes(priority)) return refusals.BadPriority
  const expiration = said['apns-expiration']
  if (expiration !== undefined && !/^\d{1,12}$/.test(expiration)) return refusals.BadExpirationDate
  const collapseId = said['apns-collapse-id']
  if (collapseId !== undefined && Buffer.byteLength(collapseId) > mostBytes.collapseId) return refusals.BadCollapseId
  return undefined
}

function judgePayload(said: Headers, body: Buffer): Refusal | undefined {
  const most = said['apns-push-type'] === 'voip' ? mostBytes.voipPayload : mostBytes.payload
  if (body.length > most) return refusals.PayloadTooLarge
  try {
    const read: unknown = JSON.parse(body.toString())
    return typeof read === 'object' && read !== null ? undefined : refusals.PayloadEmpty
  } catch {
    return refusals.PayloadEmpty
  }
}

function judgeDevice(token: string, topic: string, { devices, topics }: ApnsWorld): Refusal | undefined {
  if (topic === '') return refusals.MissingTopic
  if (!/^[\w.-]+$/.test(topic)) return refusals.BadTopic
  if (!topics.includes(topic)) return refusals.TopicDisallowed
  if (token === '') return refusals.MissingDeviceToken
  const device = devices.get(token.toLowerCase())
  if (device === undefined || !/^[\da-f]+$/i.test(token)) return refusals.BadDeviceToken
  if (!device.topics.includes(topic)) return refusals.DeviceTokenNotForTopic
  return device.gone === undefined ? undefined : { ...refusals[device.gone.reason], timestamp: device.gone.since }
}
