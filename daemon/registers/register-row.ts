/** How a register lies in the store: as it travels. Its signature was checked when it came, and the row's seal vouches since. */

import { decode, encode, readArray, readBytes, readBytesUpTo, readText, readUint } from '../../protocol/codec.ts'
import { maxCount, maxWallMs } from '../../protocol/hlc.ts'
import { deviceIdOf, scopeOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { registerValue, type Register } from '../../protocol/register.ts'

export const registerRow = (register: Register): Uint8Array => encode(registerValue(register))

/** Not readRegister(): thousands of signatures at every start would be seconds. */
export function readRegisterRow(row: Uint8Array): Register {
  const f = readArray(decode(row), 7)
  return {
    scope: scopeOf(readBytes(f[0], 32)),
    device: deviceIdOf(readBytes(f[1], 32)),
    key: readText(f[2], limits.registerKeyBytes),
    hlc: { wallMs: readUint(f[3], maxWallMs), count: readUint(f[4], maxCount) },
    value: readBytesUpTo(f[5], limits.registerValueBytes),
    signature: readBytes(f[6], 64),
  }
}
