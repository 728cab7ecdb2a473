/** Exports of a device's conversations, and what a check says of them. */

import { Exporter, type ExportWish } from '../../daemon/export/exporter.ts'
import { checkChunks } from '../../daemon/export/check-file.ts'
import { errorCode } from '../../protocol/errors.ts'
import type { ExportReport } from '../../protocol/export-report.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import type { Device } from './device.ts'

/** `names` is asked for what a person is called. */
export function exporterOf(device: Device, nameOf: (person: string) => string = () => ''): Exporter {
  const { identity, conversations } = device.rooms
  return new Exporter({
    self: identity,
    history: (id) => conversations.owner.history(id),
    nameOf,
    titleOf: (id) => conversations.ownGroups.group(id).settings.name,
    isBlocked: (person) => device.rooms.contacts.isBlocked(person),
    now: () => device.options.timers.now(),
    version: '0.0.1',
  })
}

export const asJson: ExportWish = { format: 'json', language: 'en' }
export const asHtml: ExportWish = { format: 'html', language: 'en' }

/** The whole file. */
export async function exported(
  device: Device,
  id: ConversationId,
  wish = asJson,
  nameOf?: (person: string) => string,
): Promise<string> {
  let text = ''
  for await (const piece of exporterOf(device, nameOf).begin(id, wish).pieces) text += piece
  return text
}

/** In chunks of an odd size, so that lines and characters are cut. */
async function* chunksOf(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

export const checked = async (text: string | Uint8Array, size = 65_537): Promise<ExportReport> =>
  await checkChunks(chunksOf(text, size))

/** The code with which an export is refused, or `genuine`. */
export async function verdictOn(text: string | Uint8Array): Promise<string> {
  try {
    await checked(text)
    return 'genuine'
  } catch (error) {
    return errorCode(error)
  }
}

export interface Line {
  readonly is: string
  readonly text?: string
  readonly key?: string
  readonly header?: string
  readonly device?: string
  readonly seq?: number
  readonly first?: number
  readonly last?: number
  readonly why?: string
  readonly entries?: string[]
}

/** The document as any reader of JSON sees it. */
export const entriesOf = (text: string): Line[] => (JSON.parse(text) as { entries: Line[] }).entries
export const textsOf = (text: string): string[] => entriesOf(text).flatMap((line) => line.text ?? [])
export const briefly = ({ is, first, last, why }: Line): string => (is === 'gap' ? `${first}-${last} ${why}` : is)
