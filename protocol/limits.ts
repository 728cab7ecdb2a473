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
  /** Groups that one hello asks to be let into, or answers about. */
  helloJoins: 4,
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
  /** A file, unless its owner says otherwise; what of that is fetched without being asked for. */
  fileBytes: 100 * mib,
  autoFetchBytes: 16 * mib,
  /** What is fetched unasked within a day, in whole chunks: for one conversation, for all. */
  autoFetchDayBytes: 256 * mib,
  autoFetchDayBytesInAll: 1024 * mib,
  /** What is left free on the disk by what nobody asked for. */
  autoFetchRoomBytes: 512 * mib,
  /** Files that were added to a conversation and not posted: so many, so long. */
  unpostedFiles: 64,
  unpostedFileMs: 24 * hour,
  /** Chunks that one ask may name. */
  askChunks: 64,
  /** Streams on which files are given: to all devices together, to those of one person, and each way on one connection. */
  blobGivings: 64,
  blobPersonGivings: 16,
  blobStreams: 16,
  /** Refusals on one stream until it ends, and frames in a row that are no questions, or no answers; time without a question until then. */
  blobRefusals: 64,
  blobIdleMs: 2 * minute,
  /** A device that was asked for chunks and sends none is given up. */
  blobStallMs: 15 * second,
  /** Files that are fetched at once: from all, from the devices of one person; how long one keeps its place while another one waits for it. */
  blobFetches: 7,
  blobPersonFetches: 3,
  blobTurnMs: 5 * minute,
  registerKeyBytes: 64,
  registerValueBytes: 16 * kib,
  /** Feeds in a `held` register; grants in a `wake` register. */
  heldTops: 256,
  /** Devices of a conversation beyond which watermarks count who has what, and devices say less of it, and more seldom. */
  heldDevices: 32,
  heldTopsBeyond: 8,
  wakeGrants: 8,
  /** Persons whose devices wake a member of a group for what others write. */
  wakers: 4,
  /** Addresses in the note of a wake. */
  wakeAddresses: 4,
  /** A note that was sent longer ago is not looked at: push services keep them for a day. One may be ahead by as much as a wake may. */
  wakeNoteMs: 25 * hour,
  wakeAheadMs: 5 * minute,
  /** What comes after a wake is told after so long, whether or not all is here: a phone's system gives half a minute. */
  wakeWindowMs: 20 * second,
  /** What a push service calls a device or a browser's subscription; UTF-8 bytes of an app's name at Apple's. */
  pushTokenBytes: 768,
  pushTopicBytes: 128,
  /** What a browser is pushed, before it is sealed: all that its push service has to take (RFC 8291, section 4). */
  pushPlainBytes: 3993,
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
  /** Operations of a person's log that are stored or travel in one frame, and what the payload of one may have. */
  personOperations: 1024,
  personOperationBytes: 2 * kib,
  /** Heads that one of them should name. */
  personHeads: 16,
  /** Of these, between two rotations of the recovery key: by one device, by all of them. */
  personDeviceOperations: 64,
  personEraOperations: 128,
  /** By devices in all; with removals that the bounds above leave no place for. */
  personDevicesOperations: 448,
  personRemovals: 576,
  /** That count by a recovery key; rotations away from one key, the one that holds among them; those that lost, by one key. */
  personRecoveries: 384,
  personRotations: 16,
  personRivals: 8,
  /** All that was signed by a recovery key and does not count. */
  personOutdated: 63,
  /** Operations of one device in one group that another of its may rest on. */
  groupOperations: 8192,
  /** Bytes of operations of one group that wait for what they name: of all; of one person's devices, or of all that are nobody's. */
  groupWaitingBytes: 32 * mib,
  groupPersonWaitingBytes: 8 * mib,
  /** Members of a group, and those invited, beyond which nobody is brought in. */
  groupMembers: 1024,
  /** Invites of one person in one group that are open at a time. */
  groupPersonInvites: 64,
  /** After somebody asked to be let in by a link they may be: clocks differ, and whoever left since has not asked. */
  joinConsentMs: 24 * hour,
  epochParents: 16,
  operationHeads: 64,
  /** Feeds whose end one operation names. */
  operationCutOffs: 1024,
  operationSettings: 64,
  /** UTF-8 bytes of one line of an exported conversation, and feeds in it. */
  exportLineBytes: mib,
  exportFeeds: 16_384,
  /** Persons in an exported group, and bytes of its operations. */
  exportPersons: 2048,
  exportOperationBytes: 8 * mib,

  contactLinkBytes: 200,
  /** What fits into a contact link: devices without an address; the host name of the only address of one device. */
  linkDevices: 6,
  linkHostBytes: 85,
  linkAddresses: 8,
  /** A link into a group, and UTF-8 bytes of the group's name in it. */
  groupLinkBytes: 300,
  linkNameBytes: 48,

  /** An entry further ahead than this does not move our clock and is shown as "clock wrong". */
  clockAheadMs: 5 * minute,

  helloTimeoutMs: 10 * second,
  handshakeTimeoutMs: 10 * second,
  dialTimeoutMs: 6 * second,
  firstByteTimeoutMs: 5 * second,
  byeDrainMs: 5 * second,
  /** Falling asleep is waited for so long: a phone's system freezes a program soon after. */
  suspendMs: 2 * second,
  heartbeatEveryMs: 5 * second,
  /** Silence after which a linked peer counts as gone. */
  heartbeatLostMs: 14 * second,
  digestEveryMs: 60 * second,
  /** How long linked members are waited for who are asked what they hold of somebody's. */
  topsTimeoutMs: 2 * second,
  rehandshakeAfterMs: 22 * hour,
  rehandshakeJitterMs: 4 * hour,
  reconnectFirstMs: 500,
  reconnectMostMs: 5 * minute,

  pushPartners: 8,
  /** Devices of co-members that are dialled; links with devices of those who are no contacts; links into groups that are followed. */
  coMembersKept: 64,
  coMemberLinks: 128,
  joinsFollowed: 64,
  /** Groups that people who are no contacts invited the owner to, and that wait for an answer. */
  strangerInvitations: 100,
  /** Scopes that are not here and that peers offer: looked at on one link until its next digest, on all at once; when again. */
  candidateScopes: 16,
  candidatesAtOnce: 4,
  candidatesRefused: 4096,
  candidateAgainMs: 10 * minute,
  /** What is gathered of one of them and of what it names, before it is known whether it is the owner's. */
  candidateOperations: 16_384,
  candidateBytes: 8 * mib,
  /** Registers of one link, and bytes of their values, that wait until it is known that the peer may see their scope. */
  earlyRegisters: 256,
  earlyRegisterBytes: 256 * kib,
  strangerLinks: 32,
  pendingPerAddress: 4,
  connections: 1024,
  /** Inbound connections of one device: a link, its successor, and hellos beside them. */
  connectionsPerDevice: 4,
  /** Connections from addresses of nobody known that are not through the handshake: at a time; at once and a second, all together. */
  pendingStrangers: 128,
  strangerKnocks: 128,
  strangerKnocksPerSecond: 32,
  /** From one address, an IPv6 /64 counting as one: at once, and a second. */
  addressKnocks: 64,
  addressKnocksPerSecond: 16,
  /** What a connection may send before its device is a contact's: at once, and a second. */
  strangerBytes: 64 * kib,
  strangerBytesPerSecond: 16 * kib,
  /** Bytes of a connection before its device is known; of a stream before its protocol is. */
  handshakeBytes: 2 * kib,
  negotiationBytes: 256,
  /** Hellos of all strangers together that are read: at once, and a second. */
  strangerHellos: 64,
  strangerHellosPerSecond: 16,
  /** Unsent bytes on one connection, streams of a peer on it: at once, and opened a second; pings at once, and a minute. */
  connectionBacklogBytes: 4 * mib,
  muxStreams: 64,
  muxStreamsPerSecond: 16,
  muxPings: 64,
  /** Pieces of a stream under 64 bytes: at once; a quarter of it a second. Each is answered by yamux. */
  muxShortFrames: 1024,
  /** Units of work (daemon/net/frame-work.ts) that the frames of one link may cause: at once, and a second. */
  frameUnits: 16_384,
  frameUnitsPerSecond: 2048,
  /** Signatures that frames of one link may bring at once, beyond 128 in each, before it rests for those that follow. */
  frameSignatures: 4096,
  /** How long of a minute a peer may be held back for sending more, before its link ends. */
  floodPatienceMs: 20 * second,
  /** A frame that began is whole by then; bytes that wait are taken by then. */
  frameTimeoutMs: 2 * minute,
  writeTimeoutMs: 2 * minute,
  /** How long an offender is left alone: the first time, doubled each time up to the most; strikes are forgotten in time. */
  penaltyFirstMs: second,
  penaltyMostMs: 5 * minute,
  penaltyForgetMs: hour,
  /** Multicast adverts that are read in a second: of all, and of one host. */
  adverts: 512,
  hostAdverts: 64,
  /** Devices found by multicast that wait to be greeted; news of one device's addresses in a minute. */
  greetingsWaiting: 128,
  addressNewsPerMinute: 6,
  /** Requests from strangers that wait for an answer; a device has one at most. */
  pendingRequests: 100,
  /** Declined requests that are kept to be looked at; older ones are forgotten. */
  declinedRequests: 100,
  /** How long after it was shown a declined request may be shown again; and how often one that is withdrawn, within that time. */
  requestAgainMs: 24 * hour,
  requestShowings: 3,
  /** How long a former contact is tried to be told that it is over. */
  farewellMs: 30 * 24 * hour,
  /** Addresses remembered: in all, and per device. */
  addressBookDevices: 2048,
  addressesPerDevice: 16,
  /** UTF-8 bytes of a multiaddr. */
  addressBytes: 256,
  addressMaxAgeMs: 60 * 24 * hour,
  nearbyDevices: 512,

  sendsPerMinute: 120,
  /** Links to exports that wait to be followed, how long, and exports that are on their way out at a time. */
  exportTickets: 16,
  exportTicketMs: minute,
  exportsAtOnce: 4,
  /** One of which nothing is taken for so long ends, and makes room. */
  exportIdleMs: 10 * minute,
  /** How long the address of a file counts, files that are on their way out, and files that come in, at a time. */
  fileTicketMs: 10 * minute,
  filesOutAtOnce: 64,
  filesInAtOnce: 8,
  /** A picture with more of them is a file to be saved: its bytes are few, and what a browser makes of them is not. */
  picturePixels: 64 * 1024 * 1024,
  /** The picture of a group; a larger one is neither set, nor fetched, nor shown. */
  groupPictureBytes: 256 * kib,
  apiBodyBytes: mib,
  /** A body on a path that needs no session. */
  apiOpenBodyBytes: 4 * kib,
  apiFrameBytes: 256 * kib,
  apiPageItems: 200,
  eventsKept: 10_000,
  apiSockets: 64,
  /** TCP connections of one listener. */
  apiConnections: 256,
  /** To send all headers, and a whole request. */
  apiHeadersMs: 10 * second,
  apiRequestMs: 30 * second,
  pairCodeMs: minute,
  pairCodePrintedMs: 10 * minute,
  /** The page that used a code up may ask for the answer again so long. */
  pairRepeatMs: 30 * second,
  /** A browser session ends when it was not used so long, and at that age. */
  sessionIdleMs: 30 * 24 * hour,
  sessionMostMs: 365 * 24 * hour,
  socketAuthMs: 5 * second,
  /** Browsers that are told while no page is open, the address of each at its push service, and conversations that they are told of. */
  pushSubscriptions: 64,
  pushEndpointBytes: 2 * kib,
  notifiedConversations: 256,
  /** A push service that asks us to wait longer is asked all the same. */
  pushRetryMostMs: 10 * minute,
  /** What a push server answers, and how long one may take; a wake is over sooner, for its answer is not read. */
  pushAnswerBytes: 64 * kib,
  pushAnswerMs: 10 * second,
  wakeAnswerMs: 5 * second,
  /** A passphrase has at least so many code points and so many bits of guessing, and at most so many bytes (NFKC, UTF-8). */
  passphraseLeastCodePoints: 12,
  passphraseLeastBits: 30,
  passphraseBytes: 1024,
  /** The 24 words as somebody types them, with numbers and whatever else stands between. */
  phraseBytes: 1024,
  /** Slots in one keyring; memory and lanes that its scrypt parameters may ask for. */
  keySlots: 16,
  scryptMemoryBytes: 256 * mib,
  scryptParallel: 4,
  /** Wrong passphrases in a row before the next has to wait: first so long, then doubling. */
  unlockFreeTries: 5,
  unlockFirstWaitMs: second,
  unlockMostWaitMs: minute,
  /** In a hello: the log of whom the sender's device was of before. */
  helloMovedBytes: 8 * kib,
  /** One frame of `/warren/device/1`; how long an offer to link a device stands, and how long one side waits for the other's proof. */
  deviceFrameBytes: 256 * kib,
  deviceOfferMs: 10 * minute,
  deviceProofMs: 10 * second,
  /** A device that was cut off while it joined asks so long whether it belongs. */
  deviceResumeMs: 24 * hour,
  /** Wrong codes until an offer ends: of 10^8 codes 64 are hit with a chance of 6.4 in 10^7. After each one its source waits: first so long, then doubling. */
  deviceTries: 64,
  deviceFirstWaitMs: second,
  deviceMostWaitMs: minute,
  /** Devices of a group beyond which nobody is told who types. */
  typingDevices: 32,
  typingShownMs: 6 * second,
  typingEveryMs: 3 * second,
} as const

export type Limits = typeof limits
