/** CRC-32C (RFC 3720, appendix B.4), as LevelDB puts it behind everything that it writes. */

const polynomial = 0x82f63b78

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ polynomial : value >>> 1
  return value
})

/** The bytes of `data` from `from` up to but not `to`, behind those that gave `before`. */
export function crc32c(data: Uint8Array, from: number, to: number, before = 0): number {
  let crc = ~before
  for (let at = from; at < to; at += 1) crc = (table[(crc ^ (data[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** As LevelDB stores it: a checksum of bytes that hold checksums would tell little. */
export const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
