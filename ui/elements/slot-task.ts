/** What is said before a key slot is changed, and what the change needs. */

import { msg } from '@lit/localize'
import type { KeySlotInfo, KeySlotKind } from '../../protocol/http-access.ts'
import type { SlotTask } from './warren-slot-dialog.ts'

type Words = Pick<SlotTask, 'heading' | 'text' | 'action'>

const adding: Readonly<Record<KeySlotKind, (isThere: boolean) => Words>> = {
  passphrase: (isThere) => ({
    heading: isThere ? msg('Change the passphrase') : msg('Set a passphrase'),
    text: msg('It opens your history on this device. Nobody can reset it: make a recovery key as well.'),
    action: isThere ? msg('Change') : msg('Set'),
  }),
  recovery: (isThere) => ({
    heading: isThere ? msg('Make a new recovery key') : msg('Make a recovery key'),
    text: isThere
      ? msg('The one that you have opens nothing any more as soon as the new one is shown.')
      : msg('A key to print. It opens your history if you forget the passphrase.'),
    action: msg('Make'),
  }),
  file: () => ({
    heading: msg('Make a key file'),
    text: msg('Warren then starts without questions. Whoever has a copy of the whole folder can open it, too.'),
    action: msg('Make'),
  }),
}

const removing: Readonly<Record<KeySlotKind, () => Words>> = {
  passphrase: () => ({
    heading: msg('Remove the passphrase'),
    text: msg('What is left opens your history without it.'),
    action: msg('Remove'),
  }),
  recovery: () => ({
    heading: msg('Remove the recovery key'),
    text: msg('The printed one opens nothing any more.'),
    action: msg('Remove'),
  }),
  file: () => ({
    heading: msg('Remove the key file'),
    text: msg(
      'Every start asks for the passphrase or the recovery key from then on. The file is overwritten; a disk may keep old blocks for a while, and an older copy of the whole folder still opens with it.',
    ),
    action: msg('Remove'),
  }),
}

/** `isThere`: there is a slot of this kind now. */
export function slotTask(
  act: SlotTask['act'],
  kind: KeySlotKind,
  isThere: boolean,
  slots: readonly KeySlotInfo[],
): SlotTask {
  const words = act === 'add' ? adding[kind](isThere) : removing[kind]()
  return {
    act,
    kind,
    ...words,
    needsCurrent: slots.some((slot) => slot.kind !== 'file'),
    hasFile: slots.some((slot) => slot.kind === 'file'),
  }
}
