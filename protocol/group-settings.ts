/** What a group's settings are called and may say. Unknown names are kept, for newer versions. */

import { base64url } from 'multiformats/bases/base64'
import { blobReferenceValue, readBlobReference, type BlobReference } from './blob.ts'
import { decode, encode } from './codec.ts'
import { errorCode, WarrenError } from './errors.ts'
import { rankOf, rolesUpwards } from './group-rights.ts'
import { limits } from './limits.ts'
import type { Role, Setting } from './operation-parts.ts'

/** What newcomers may read: everything, or what was written since they joined. */
export type History = 'everything' | 'joining'

/** A colour `#rrggbb`, a picture, or nothing. */
export type Avatar = { readonly color: string } | { readonly picture: BlobReference } | undefined

export const settingDefaults = {
  name: '',
  description: '',
  avatar: '',
  post: 'member',
  invite: 'admin',
  change: 'admin',
  history: 'joining',
} as const satisfies Record<string, string>

/** A group's settings as they hold. */
export interface GroupSettings {
  readonly name: string
  readonly description: string
  readonly avatar: Avatar
  /** The least roles that may post, add others, and change name, description and avatar. */
  readonly post: Role
  readonly invite: Role
  readonly change: Role
  readonly history: History
  /** Most only read. */
  readonly isBroadcast: boolean
}

/** `valueOf`: the value of a setting that holds, meaningful where it has a name of ours. */
export function readGroupSettings(valueOf: (name: keyof typeof settingDefaults) => string): GroupSettings {
  const post = valueOf('post') as Role
  return {
    name: valueOf('name'),
    description: valueOf('description'),
    avatar: readAvatar(valueOf('avatar')),
    post,
    invite: valueOf('invite') as Role,
    change: valueOf('change') as Role,
    history: valueOf('history') as History,
    isBroadcast: rankOf(post) >= rankOf(broadcastPost),
  }
}

/** Who may post in a broadcast group: everybody else reads. */
const broadcastPost: Role = 'admin'

const codePoints = (text: string): number => Array.from(text).length
/** Readers never post, so that a role without words stays one. */
const posters: readonly string[] = ['member', 'admin', 'owner']

const checks: Readonly<Record<string, (value: string) => boolean>> = {
  name: (value) => codePoints(value) <= limits.nameCodePoints,
  description: (value) => codePoints(value) <= limits.noteCodePoints,
  avatar: (value) => value === '' || readAvatar(value) !== undefined,
  post: (value) => posters.includes(value),
  invite: (value) => posters.includes(value),
  change: (value) => posters.includes(value),
  history: (value) => value === 'everything' || value === 'joining',
}

/** Whether a setting means something; one that does not is as if it had not been said. */
export const isMeaningful = ([name, value]: Setting): boolean => checks[name]?.(value) ?? true

/** What one must have the right to, to say this setting. */
export const rightFor = (name: string): 'change' | 'setRules' =>
  name === 'name' || name === 'description' || name === 'avatar' ? 'change' : 'setRules'

/** Of what was said without knowledge of each other, the stricter holds; undefined where none is. */
export function strictest(name: string, values: readonly string[]): string | undefined {
  if (name === 'history') return values.includes('joining') ? 'joining' : values[0]
  const roles = values.filter((value): value is Role => rolesUpwards.includes(value as Role))
  const isRole = name === 'post' || name === 'invite' || name === 'change'
  return isRole ? roles.toSorted((a, b) => rankOf(b) - rankOf(a))[0] : undefined
}

/** The value of the setting `avatar`. Throws TOO_LARGE where a reference's name is too long for a setting. */
export function avatarValue(avatar: Avatar): string {
  if (avatar === undefined) return ''
  if ('color' in avatar) return avatar.color
  const text = base64url.baseEncode(encode(blobReferenceValue(avatar.picture)))
  if (text.length > limits.noteCodePoints) throw new WarrenError('TOO_LARGE', 'the name of a picture is too long')
  return text
}

/** Undefined for anything else than avatarValue() makes. */
export function readAvatar(value: string): Avatar {
  if (/^#[0-9a-f]{6}$/.test(value)) return { color: value }
  try {
    return { picture: readBlobReference(decode(base64url.baseDecode(value))) }
  } catch (error) {
    const code = errorCode(error)
    // The decoder of base64url throws errors of its own.
    if (code === 'BAD_SHAPE' || code === 'TOO_LARGE' || code === 'INTERNAL') return undefined
    throw error
  }
}
