/** What a look through all data found, said to a person. */

import { msg, str } from '@lit/localize'
import type { Finding, FindingKind } from '../../protocol/examination.ts'

const wrongList = (count: number): string =>
  count === 1 ? msg('1 list entry is wrong.') : msg(str`${count} list entries are wrong.`)

const records = (count: number): string =>
  count === 1 ? msg('1 record is damaged.') : msg(str`${count} records are damaged.`)

const kinds: Readonly<Record<FindingKind, (count: number) => string>> = {
  database: () => msg('The database is damaged.'),
  identity: () => msg('The key of this device is damaged.'),
  row: records,
  file: records,
  'entry-damaged': (count) => (count === 1 ? msg('1 message is damaged.') : msg(str`${count} messages are damaged.`)),
  'entry-missing': (count) =>
    count === 1 ? msg('1 message is gone from the disk.') : msg(str`${count} messages are gone from the disk.`),
  order: wrongList,
  'client-id': wrongList,
  position: wrongList,
  key: (count) =>
    count === 1
      ? msg('The key of some messages is not here yet.')
      : msg(str`${count} keys of messages are not here yet.`),
}

/** `repaired`: the look was asked to mend what it could. */
export function findingSentence({ kind, count, outcome }: Finding, repaired: boolean): string {
  const what = kinds[kind](count)
  if (outcome === 'mended') return `${what} ${msg('It is mended.')}`
  if (outcome === 'wanted') return `${what} ${msg('Others are asked for it and send what they have.')}`
  if (repaired || kind === 'database')
    return `${what} ${msg('Stop Warren and run “warren doctor --repair” on this device.')}`
  return what
}
