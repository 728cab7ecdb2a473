/** Content keys of a conversation, and what is sealed under them. */

import { concat, label, sameBytes, utf8 } from './bytes.ts'
import { deriveSalted, openDerived, openSalted, sealSalted, sha256 } from './crypto.ts'
import { associatedDataOf, feedInfo, feedOf, type Feed, type SealedHeader } from './entry.ts'
import { WarrenError } from './errors.ts'
import { fresh } from './fresh.ts'
import { epochIdOf, idBytes, type EpochId, type Scope } from './ids.ts'
import { limits } from './limits.ts'

/** SHA-256("warren epoch" ‖ key): binds an epoch's id to one key, which AES-GCM alone would not. */
export const epochCommitment = (key: Uint8Array): Uint8Array => sha256(utf8('warren epoch'), key)

/** The id of an epoch: conversation, parents in byte order as listed, and the key's commitment. */
export function epochIdFor(scope: Scope, parents: readonly EpochId[], commitment: Uint8Array): EpochId {
  return epochIdOf(
    sha256(
      label('epoch'),
      idBytes(scope),
      Uint8Array.of(parents.length),
      ...parents.map((each) => idBytes(each)),
      commitment,
    ),
  )
}

/** Throws BAD_HASH unless `key` is the one that the epoch's commitment names. */
export function checkEpochKey(key: Uint8Array, commitment: Uint8Array): void {
  if (key.length !== 32 || !sameBytes(epochCommitment(key), commitment)) {
    throw new WarrenError('BAD_HASH', 'a key is not the one of its epoch')
  }
}

/** Sizes that a plaintext is padded to, so that its length says little: 64 B, 256 B, 1 KiB, then steps of 4 KiB. */
export function paddedLength(length: number): number {
  const least = length + 1
  return [64, 256, 1024].find((size) => least <= size) ?? Math.ceil(least / 4096) * 4096
}

/** ISO/IEC 7816-4 padding: 0x80, then zeros. */
export function pad(plain: Uint8Array): Uint8Array {
  const out = fresh(paddedLength(plain.length))
  out.set(plain)
  out[plain.length] = 0x80
  return out
}

/** Undoes pad(). Throws BAD_SHAPE. */
export function unpad(padded: Uint8Array): Uint8Array {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end -= 1
  if (end < 0 || padded[end] !== 0x80) throw new WarrenError('BAD_SHAPE', 'wrong padding')
  return padded.subarray(0, end)
}

let known: { readonly feed: Feed; readonly info: Uint8Array } | undefined

/** feedInfo() of the feed that was asked for last: messages come in rows. */
function infoOf(feed: Feed): Uint8Array {
  const isKnown =
    known?.feed.device === feed.device &&
    known.feed.generation === feed.generation &&
    known.feed.lane === feed.lane &&
    known.feed.scope === feed.scope
  if (known === undefined || !isKnown) known = { feed: { ...feed }, info: feedInfo(feed) }
  return known.info
}

/**
 * Seals a message's content: `salt`, 32 fresh random bytes, then the AEAD of the padded plaintext. `front`: the associatedData() of
 * its header.
 */
export function sealPayload(
  epochKey: Uint8Array,
  feed: Feed,
  front: Uint8Array,
  plain: Uint8Array,
  salt: Uint8Array,
): Uint8Array {
  const sealed = sealSalted(epochKey, salt, infoOf(feed), pad(plain), front)
  if (sealed.length > limits.sealedPayloadBytes) throw new WarrenError('TOO_LARGE', 'a message is too long')
  return sealed
}

/** Opens what sealPayload() made. Throws CANNOT_DECRYPT, BAD_SHAPE. */
export function openPayload(epochKey: Uint8Array, sealed: SealedHeader, payload: Uint8Array): Uint8Array {
  return unpad(openSalted(epochKey, infoOf(feedOf(sealed)), payload, associatedDataOf(sealed)))
}

/** The key of one payload alone: nothing else opens with it, and nothing about the epoch's key follows from it. Throws CANNOT_DECRYPT. */
export const payloadKey = (epochKey: Uint8Array, sealed: SealedHeader, payload: Uint8Array): Uint8Array =>
  deriveSalted(epochKey, infoOf(feedOf(sealed)), payload)

/** As openPayload(), with the payload's own key. Throws CANNOT_DECRYPT, BAD_SHAPE. */
export function openPayloadAlone(key: Uint8Array, sealed: SealedHeader, payload: Uint8Array): Uint8Array {
  return unpad(openDerived(key, payload, associatedDataOf(sealed)))
}

/** Seals a value of a private register, or a parent epoch's key, under an epoch; `context` says which. */
export function sealUnder(epochKey: Uint8Array, context: Uint8Array, plain: Uint8Array, salt: Uint8Array): Uint8Array {
  return sealSalted(epochKey, salt, concat(label('under'), context), plain, context)
}

/** Opens what sealUnder() made. Throws CANNOT_DECRYPT. */
export function openUnder(epochKey: Uint8Array, context: Uint8Array, sealed: Uint8Array): Uint8Array {
  return openSalted(epochKey, concat(label('under'), context), sealed, context)
}

const parentContext = (scope: Scope, epoch: EpochId, parent: EpochId): Uint8Array =>
  concat(label('parent-key'), idBytes(scope), idBytes(epoch), idBytes(parent))

/** Seals the key of `parent` under that of its child `epoch`, for an epoch operation's `parentKeys`. */
export const wrapParentKey = (
  { scope, epoch, parent }: { scope: Scope; epoch: EpochId; parent: EpochId },
  epochKey: Uint8Array,
  parentKey: Uint8Array,
  salt: Uint8Array,
): Uint8Array => sealUnder(epochKey, parentContext(scope, epoch, parent), parentKey, salt)

/** Opens what wrapParentKey() made; the key is still to be checked against its epoch. Throws CANNOT_DECRYPT. */
export const unwrapParentKey = (
  { scope, epoch, parent }: { scope: Scope; epoch: EpochId; parent: EpochId },
  epochKey: Uint8Array,
  sealed: Uint8Array,
): Uint8Array => openUnder(epochKey, parentContext(scope, epoch, parent), sealed)
