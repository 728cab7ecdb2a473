/** Numbers in [0, 1) from random bytes: for jitter. */
export const fractions =
  (random: (length: number) => Uint8Array): (() => number) =>
  () => {
    const bytes = random(4)
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32
  }
