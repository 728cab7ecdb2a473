/** What a hello says of groups: that both belong to one, that the sender asks to be let into one, and what becomes of such a wish. */

import { readArray, readBytes, readEach, readUint, type Value } from './codec.ts'
import { isSignedBy } from './device-key.ts'
import { isConsented, type Consent } from './group-consent.ts'
import { maxWallMs } from './hlc.ts'
import {
  conversationIdOf,
  entryIdOf,
  idBytes,
  type ConversationId,
  type DeviceId,
  type EntryId,
  type PersonId,
} from './ids.ts'
import { limits } from './limits.ts'
import { inviteMessage } from './operation-proofs.ts'

/** The sender holds a link into a group. */
export interface Join {
  readonly group: ConversationId
  readonly invite: EntryId
  /** By the invite's key over inviteMessage() of the invite and the sender's person, 64 bytes. */
  readonly proof: Uint8Array
  /** By the clock of the sender, epoch milliseconds. */
  readonly askedAt: number
  /** By the sender over joinMessage(), 64 bytes. */
  readonly signature: Uint8Array
}

/** Who asks: the device at the other end of the connection, and the person that it says it belongs to. */
export interface Asker {
  readonly device: DeviceId
  readonly person: PersonId
}

/**
 * What a member says to whom holds the invite's key. `coming`: the sender is being let in. `notValid`: the invite was taken back or is used
 * up. `expired`; `removed`: the person was removed, and comes back only by being added.
 */
export type JoinAnswer = 'coming' | 'notValid' | 'expired' | 'removed'
const answers = { coming: 1, notValid: 2, expired: 3, removed: 4 } as const satisfies Record<JoinAnswer, number>

/** What a member makes of somebody who asks to be let in. `unknown` is not answered at all. */
export type JoinVerdict = 'unknown' | 'welcome' | 'joined' | Exclude<JoinAnswer, 'coming'>

export interface Answered {
  readonly group: ConversationId
  readonly answer: JoinAnswer
}

export interface HelloGroups {
  /** The sender holds that both belong to a group, and wants a link for it. */
  readonly shares?: boolean | undefined
  readonly joins?: readonly Join[] | undefined
  /** To joins of the receiver. Nothing is said of a group that is unknown, or to whom does not hold the invite's key. */
  readonly answers?: readonly Answered[] | undefined
}

export const helloGroupsValues = ({ shares = false, joins = [], answers: said = [] }: HelloGroups): Value[] => [
  shares ? 1 : 0,
  joins.map(({ group, invite, proof, askedAt, signature }) => [
    idBytes(group),
    idBytes(invite),
    proof,
    askedAt,
    signature,
  ]),
  said.map(({ group, answer }) => [idBytes(group), answers[answer]]),
]

function readJoin(value: Value): Join {
  const [group, invite, proof, askedAt, signature] = readArray(value, 5)
  return {
    group: conversationIdOf(readBytes(group, 32)),
    invite: entryIdOf(readBytes(invite, 32)),
    proof: readBytes(proof, 64),
    askedAt: readUint(askedAt, maxWallMs),
    signature: readBytes(signature, 64),
  }
}

function readAnswered(value: Value): Answered[] {
  const [group, code] = readArray(value, 2)
  const number = readUint(code, 65_535)
  const answer = (Object.keys(answers) as JoinAnswer[]).find((each) => answers[each] === number)
  const id = conversationIdOf(readBytes(group, 32))
  // An answer of a newer Warren: as if nothing had been said.
  return answer === undefined ? [] : [{ group: id, answer }]
}

/** Reads the items of a hello behind the twin; those that are absent say nothing. Throws BAD_SHAPE, TOO_LARGE. */
export function readHelloGroups(items: readonly Value[]): HelloGroups {
  const [shares, joins, said] = items
  const isShared = shares !== undefined && readUint(shares, 1) === 1
  const asked = joins === undefined ? [] : readEach(joins, limits.helloJoins, readJoin)
  const answered = said === undefined ? [] : readEach(said, limits.helloJoins, readAnswered).flat()
  return {
    ...(isShared ? { shares: true } : {}),
    ...(asked.length > 0 ? { joins: asked } : {}),
    ...(answered.length > 0 ? { answers: answered } : {}),
  }
}

/** What an admission by a join carries as the word of whom it lets in. */
export const consentIn = ({ askedAt, signature }: Join, { device }: Asker): Consent => ({ device, askedAt, signature })

/** Whether a device that asks to be let in holds the key of the invite, and wishes it itself. */
export const provesJoin = (join: Join, asker: Asker, publicKey: Uint8Array): boolean =>
  isSignedBy(publicKey, inviteMessage(join.invite, asker.person), join.proof) &&
  isConsented({ ...join, person: asker.person }, consentIn(join, asker))
