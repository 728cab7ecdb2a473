/** Rows of a device's database that go as LevelDB drops a block: without a word. */

import { decodeKey, encodeKey } from '../../daemon/store/keys.ts'
import type { Table } from '../../daemon/store/store.ts'
import type { Device } from './device.ts'

/** Rows of a table. */
export function rowsOf({ disk }: Device, table: Table): ReturnType<Device['disk']['between']> {
  const [from, to] = [encodeKey(table, []), encodeKey((table + 1) as Table, [])]
  return disk.between(from.toString('latin1'), to.toString('latin1'))
}

/** Takes out the rows of a table whose numbers satisfy `which`. */
export function lose(device: Device, table: Table, which: (at: readonly number[]) => boolean): void {
  const gone = rowsOf(device, table).filter(({ bytes }) => which(decodeKey(bytes)))
  device.disk.apply(gone.map(({ bytes }) => ({ bytes, row: undefined })))
}
