/** What a frame may cost this device, in units of some 20 microseconds, told from its type and length alone. */

/** Types of docs/protocol.md, section 15. */
const types = { offer: 0, vector: 1, want: 2, entries: 3, have: 4, registers: 5, keys: 6 } as const

/**
 * Entries and the `have` of each are what a link is for: they cost next to nothing here, and long ones take turns. A register is a
 * signature to check and perhaps a row to write; everything else is small and rare from an honest peer.
 */
export function frameWork(frame: Uint8Array): number {
  // An array head, then the type: for frames of up to 23 items and types of up to 23. Others are refused or ignored.
  switch (frame[1] ?? 0xff) {
    case types.entries:
      return 0.05 + frame.length / 65_536
    case types.have:
      return 0.05 + frame.length / 1024
    case types.registers:
      return 1 + frame.length / 64
    case types.offer:
    case types.vector:
    case types.want:
      return 2 + frame.length / 128
    case types.keys:
      return 2 + frame.length / 64
    default:
      return 1 + frame.length / 4096
  }
}
