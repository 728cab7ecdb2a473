/** What may be told of key slots. */

import type { KeySlotInfo } from '../../protocol/http-access.ts'
import { slotKinds, type KeySlot, type SlotKind } from '../store/key-slot.ts'

/** Where the time of making stands among the parameters. */
const madeAtPlace: Readonly<Record<SlotKind, number | undefined>> = { file: undefined, passphrase: 4, recovery: 1 }

/** One for each kind that there is. */
export function slotInfos(slots: readonly KeySlot[]): KeySlotInfo[] {
  return slotKinds.flatMap((kind) => {
    const slot = slots.find((each) => each.kind === kind)
    if (slot === undefined) return []
    const place = madeAtPlace[kind]
    const madeAt = place === undefined ? undefined : slot.parameters[place]
    return [typeof madeAt === 'number' ? { kind, madeAt } : { kind }]
  })
}
