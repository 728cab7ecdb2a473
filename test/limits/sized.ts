/** Encoded values of exactly as many bytes as a test asks for. */

/** `make()` with as much filling as makes it so long. */
export function sized(bytes: number, make: (filling: Uint8Array) => Uint8Array): Uint8Array {
  const overhead = make(new Uint8Array(bytes)).length - bytes
  const made = make(new Uint8Array(bytes - overhead))
  if (made.length !== bytes) throw new Error(`${made.length} bytes instead of ${bytes}`)
  return made
}
