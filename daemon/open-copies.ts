/** What leaves this device whole at its owner's wish: conversations as files, and backups. */

import { archivedAt } from './backup/archive-mark.ts'
import { Backups, type OwnBackups } from './backup/backups.ts'
import { Exporter } from './export/exporter.ts'
import { withoutKeys } from './identity/identity.ts'
import { checkPassphrase } from './lock/passphrase.ts'
import type { Views } from './owner/views.ts'
import { random } from './random.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import type { Vault } from './store/vault.ts'

const now = (): number => Date.now()

export function createExporter({ identity, conversations, contacts }: Rooms, views: Views, version: string): Exporter {
  return new Exporter({
    self: identity,
    history: (id) => conversations.owner.history(id),
    nameOf: (person) => views.nameOf(person),
    titleOf: (group) => views.groups.title(group),
    isBlocked: (person) => contacts.isBlocked(person),
    now,
    version,
  })
}

export function backupsOf(
  { conversations, identity, blobs }: Rooms,
  store: Store,
  vault: Pick<Vault, 'copy' | 'bytes'>,
  version: string,
): OwnBackups {
  const backups = new Backups({
    copy: (instead) => vault.copy(instead),
    files: () => blobs.whole(),
    bytes: async () => await vault.bytes(),
    prepare: async () => {
      if (!identity.cannotSign) await conversations.signOwnTops()
    },
    withoutKeys: () => withoutKeys({ store, random }),
    checkPassphrase,
    randomBytes: random,
    now,
    version,
  })
  return {
    archivedAt: archivedAt(store),
    size: async () => await backups.size(),
    begin: async (wish) => await backups.begin(wish),
  }
}
