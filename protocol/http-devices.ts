/** Shapes of the local API: the owner's own devices, and how one more comes to be one of them. */

/** GET /devices: oldest addition first. */
export interface OwnDevice {
  deviceId: string
  fingerprint: string
  /** What the owner calls it; empty if nothing was said yet. */
  name: string
  deviceClass: 'desktop' | 'phone' | 'bot' | 'other'
  current: boolean
  /** A link with it stands; true for this one. */
  online: boolean
}

/** PATCH /devices/:id */
export interface OwnDevicePatch {
  name: string
}

/**
 * `waiting`: a code is shown here. `looking`: the other device is sought. `comparing`: both show words, and this one's owner has not
 * said yet that they are the same; `confirmed`: the owner has, and the other side's is awaited; without words: the two were cut off, and
 * this one asks whether it was taken in.
 */
export type LinkingState = 'waiting' | 'looking' | 'comparing' | 'confirmed' | 'done' | 'failed'

/**
 * Why it came to nothing. `nobody`: no device that answers shows a code. `cancelled`: on either device. `used-up`: too many wrong
 * codes. `other-words`: the other device said so. `not-theirs`: what answered is not the device that the code is of. `other-person`: the
 * device is somebody else's, and this home, a backup, comes back to its own person alone.
 */
export type LinkingProblem =
  | 'nobody'
  | 'wrong-code'
  | 'used-up'
  | 'cancelled'
  | 'other-words'
  | 'expired'
  | 'not-theirs'
  | 'same-person'
  | 'other-person'
  | 'unreachable'
  | 'failed'

/** GET /devices/linking; the newest one, until the next begins. */
export interface Linking {
  /** `old`: this device takes in another one. `new`: it joins. */
  role: 'old' | 'new'
  state: LinkingState
  /** While waiting: eight digits to type on the other device, and a `warren:` link to scan there. */
  code?: string
  link?: string
  /** Epoch milliseconds. */
  expiresAt?: number
  /** From comparing on: four words, which must be the same on both screens. */
  words?: string[]
  /** The fingerprint that the new device has, or will have. */
  fingerprint?: string
  problem?: LinkingProblem
}

/** POST /devices/linking: nothing to show a code here; else to join the person of the device that shows this one. */
export interface NewLinking {
  /** Digits, or a `warren:` link. */
  code?: string
  /** Where to look for it, if it is not nearby; not with a link. */
  address?: string
}

/** GET /devices/linking while there is none. */
export interface NoLinking {
  state: 'none'
}
