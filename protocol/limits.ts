/** Every number that bounds what a peer, a page or a file may do. Bytes and milliseconds unless the name says otherwise. */

const kib = 1024
const mib = 1024 * kib
const second = 1000
const minute = 60 * second
const hour = 60 * minute

export const limits = {
  /** UTF-8 bytes of one message's text. */
  textBytes: 64 * kib,
  /** Unicode code points of a person's name, a petname or a conversation's name. */
  nameCodePoints: 64,
  /** Unicode code points of the note in a contact request, and of a status text. */
  noteCodePoints: 256,
  statusCodePoints: 128,
  /** Bytes of an avatar colour (`#rrggbb`). */
  colorBytes: 7,
  clientIdBytes: 64,

  /** One sync frame that is not `entries`. */
  controlFrameBytes: 256 * kib,
  /** One `entries` frame. */
  entriesFrameBytes: mib,
  helloBytes: 32 * kib,
  /** Operations of the sender's person log, and names of features, in one hello. */
  helloOperations: 32,
  helloFeatures: 32,
  /** Arrays within arrays of one encoded value. */
  valueDepth: 8,
  /** Header bytes of one entry. */
  headerBytes: 512,
  /** Payload of a message entry as it travels: salt, ciphertext and tag. */
  sealedPayloadBytes: 72 * kib,
  contentReferences: 16,
  /** Files in one message. */
  attachments: 32,
  /** UTF-8 bytes of a reaction's emoji, a file's name and its media type. */
  emojiBytes: 64,
  fileNameBytes: 255,
  mediaTypeBytes: 127,
  /** Entries that one `erase` takes back. */
  eraseEntries: 256,
  /** Payload of a roster operation. */
  operationBytes: 256 * kib,
  /** Plaintext of one chunk of a blob, hashes in one `list` frame, one frame of `/warren/blob/1`. */
  chunkBytes: 64 * kib,
  chunkHashes: 2048,
  blobFrameBytes: 68 * kib,
  registerKeyBytes: 64,
  registerValueBytes: 16 * kib,
  /** Feeds in a `held` register, grants in a `wake` register. */
  heldTops: 256,
  wakeGrants: 8,
  /** Entries below one signature. */
  runEntries: 1024,
  /** Feed rows in one vector frame, ranges in one row. */
  vectorRows: 1024,
  rowRanges: 64,
  /** Registers, keys or ids in one frame; scopes in one offer. */
  frameItems: 1024,
  offerScopes: 2048,
  byeTextBytes: 256,
  /** Bytes that one `want` may ask for. */
  wantBytes: 4 * mib,
  /** Seconds a message may live; 0 means for ever. */
  lifetimeSeconds: 10 * 365 * 24 * 3600,
  /** Operations of a person's log that one of them may rest on. */
  personOperations: 256,
  epochParents: 16,
  operationHeads: 64,
  /** Feeds whose end one operation names. */
  operationCutOffs: 1024,
  operationSettings: 64,

  contactLinkBytes: 200,
  linkDevices: 8,
  linkAddresses: 8,
  linkHostBytes: 100,

  /** An entry further ahead than this does not move our clock and is shown as "clock wrong". */
  clockAheadMs: 5 * minute,

  helloTimeoutMs: 10 * second,
  handshakeTimeoutMs: 10 * second,
  dialTimeoutMs: 6 * second,
  firstByteTimeoutMs: 5 * second,
  byeDrainMs: 5 * second,
  heartbeatEveryMs: 5 * second,
  /** Silence after which a linked peer counts as gone. */
  heartbeatLostMs: 14 * second,
  digestEveryMs: 60 * second,
  rehandshakeAfterMs: 22 * hour,
  rehandshakeJitterMs: 4 * hour,
  reconnectFirstMs: 500,
  reconnectMostMs: 5 * minute,

  pushPartners: 8,
  strangerLinks: 32,
  pendingPerAddress: 4,
  connections: 1024,
  /** Requests from strangers that wait for an answer; a device has one at most. */
  pendingRequests: 100,
  /** Addresses remembered: in all, and per device. */
  addressBookDevices: 2048,
  addressesPerDevice: 16,
  /** UTF-8 bytes of a multiaddr. */
  addressBytes: 256,
  addressMaxAgeMs: 60 * 24 * hour,
  nearbyDevices: 512,

  sendsPerMinute: 120,
  apiBodyBytes: mib,
  apiFrameBytes: 256 * kib,
  apiPageItems: 200,
  eventsKept: 10_000,
  apiSockets: 64,
  pairCodeMs: minute,
  pairCodePrintedMs: 10 * minute,
  socketAuthMs: 5 * second,
  typingShownMs: 6 * second,
  typingEveryMs: 3 * second,
} as const

export type Limits = typeof limits
