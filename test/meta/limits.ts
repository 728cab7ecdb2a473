/** Which limits are proven at their boundary, and by which test. */

import type { SourceFile } from './source-files.ts'

/** Proven by boundary() where it is not written there: in the tests of the room that enforces it. */
export const provenIn: Readonly<Record<string, string>> = {
  apiOpenBodyBytes: 'test/daemon/api/limits.test.ts',
  apiConnections: 'test/daemon/api/limits.test.ts',
  textBytes: 'test/protocol/content.test.ts',
  nameCodePoints: 'test/daemon/owner/profile.test.ts',
  noteCodePoints: 'test/protocol/frames.test.ts',
  statusCodePoints: 'test/daemon/owner/profile.test.ts',
  clientIdBytes: 'test/protocol/content.test.ts',
  entriesFrameBytes: 'test/protocol/frames.test.ts',
  helloBytes: 'test/protocol/frames.test.ts',
  helloOperations: 'test/protocol/frames.test.ts',
  helloFeatures: 'test/protocol/frames.test.ts',
  valueDepth: 'test/protocol/codec.test.ts',
  headerBytes: 'test/protocol/entry.test.ts',
  sealedPayloadBytes: 'test/protocol/entry.test.ts',
  contentReferences: 'test/protocol/content.test.ts',
  emojiBytes: 'test/protocol/content.test.ts',
  eraseEntries: 'test/protocol/content.test.ts',
  chunkBytes: 'test/protocol/content.test.ts',
  chunkHashes: 'test/protocol/content.test.ts',
  blobFrameBytes: 'test/protocol/content.test.ts',
  registerKeyBytes: 'test/protocol/frames.test.ts',
  registerValueBytes: 'test/protocol/frames.test.ts',
  heldTops: 'test/protocol/content.test.ts',
  wakeGrants: 'test/protocol/content.test.ts',
  runEntries: 'test/protocol/entry.test.ts',
  rowRanges: 'test/protocol/frames.test.ts',
  frameItems: 'test/protocol/frames.test.ts',
  byeTextBytes: 'test/protocol/frames.test.ts',
  wantBytes: 'test/protocol/frames.test.ts',
  lifetimeSeconds: 'test/protocol/entry.test.ts',
  personOperations: 'test/protocol/person.test.ts',
  contactLinkBytes: 'test/protocol/link.test.ts',
  linkDevices: 'test/protocol/link.test.ts',
  linkAddresses: 'test/protocol/link.test.ts',
  linkHostBytes: 'test/protocol/link.test.ts',
  rehandshakeAfterMs: 'test/limits/pace.test.ts',
  rehandshakeJitterMs: 'test/limits/pace.test.ts',
  strangerLinks: 'test/daemon/net/strangers.test.ts',
  pendingRequests: 'test/daemon/contacts/requests.test.ts',
  addressBookDevices: 'test/daemon/net/address-book.test.ts',
  addressesPerDevice: 'test/protocol/content.test.ts',
  addressBytes: 'test/protocol/content.test.ts',
  nearbyDevices: 'test/daemon/owner/owner.test.ts',
  sendsPerMinute: 'test/daemon/api/limits.test.ts',
  apiBodyBytes: 'test/daemon/api/limits.test.ts',
  apiFrameBytes: 'test/daemon/api/events.test.ts',
  apiPageItems: 'test/daemon/api/routes.test.ts',
  eventsKept: 'test/daemon/api/events.test.ts',
  apiSockets: 'test/daemon/api/events.test.ts',
  pairCodeMs: 'test/daemon/api/sessions.test.ts',
  pairRepeatMs: 'test/daemon/api/sessions.test.ts',
  sessionIdleMs: 'test/daemon/api/session-life.test.ts',
  sessionMostMs: 'test/daemon/api/session-life.test.ts',
  socketAuthMs: 'test/daemon/api/events.test.ts',
  passphraseLeastCodePoints: 'test/limits/home.test.ts',
  passphraseBytes: 'test/daemon/lock/passphrase.test.ts',
  keySlots: 'test/daemon/store/slots.test.ts',
  scryptMemoryBytes: 'test/daemon/store/slots.test.ts',
  scryptParallel: 'test/daemon/store/slots.test.ts',
  unlockFreeTries: 'test/daemon/lock/attempts.test.ts',
  unlockFirstWaitMs: 'test/daemon/lock/attempts.test.ts',
  unlockMostWaitMs: 'test/daemon/lock/attempts.test.ts',
  typingShownMs: 'test/daemon/presence/presence.test.ts',
  typingEveryMs: 'test/daemon/presence/presence.test.ts',
}

/** The names in `limits`, in the order of the file. */
export const namesOf = (limitsSource: string): string[] =>
  [...limitsSource.matchAll(/^ {2}(\w+):/gm)].flatMap(([, name]) => name ?? [])

/** What is wrong: limits that no test proves, and words about tests or limits that do not exist. */
export function unproven(
  names: readonly string[],
  tests: readonly SourceFile[],
  where: Readonly<Record<string, string>>,
): string[] {
  const called = new Set(
    tests.flatMap(({ text }) =>
      [...text.matchAll(/\b(?:boundary|lasts)\(\s*t,\s*'(\w+)'/g)].flatMap(([, name]) => name ?? []),
    ),
  )
  const lacking = names.flatMap((name) => {
    if (called.has(name)) return []
    const path = where[name]
    if (path === undefined) return [`no test proves limits.${name} at its boundary: use boundary() of test/limits`]
    const test = tests.find((each) => each.path === path)
    if (test === undefined || !new RegExp(`limits\\.${name}\\b`).test(test.text))
      return [`${path} does not speak of limits.${name}`]
    return []
  })
  const stale = Object.keys(where).filter((name) => !names.includes(name))
  return [...lacking, ...stale.map((name) => `limits.${name} is named in test/meta/limits.ts in vain`)]
}
