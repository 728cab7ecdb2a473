/** What a page of an exported conversation says besides what was said in it, in the languages of Warren. */

import type { BareKind } from '../../protocol/export-format.ts'

export type ExportLanguage = 'en' | 'de'

export interface Words {
  /** For dates and times. */
  readonly locale: string
  readonly title: (name: string) => string
  readonly group: (name: string) => string
  /** Who belongs to a group, and how many are invited. */
  readonly members: (names: readonly string[], invited: number) => string
  /** Above what is no part of the conversation. */
  readonly outside: string
  readonly aboutOutside: string
  readonly blocked: string
  /** Messages that the owner may not read, since they joined later. */
  readonly before: (count: number) => string
  readonly notes: string
  /** A person without a name. */
  readonly nobody: string
  readonly made: (time: string, zone: string) => string
  readonly about: string
  readonly messages: (count: number) => string
  readonly end: string
  readonly bare: Readonly<Record<BareKind, string>>
  /** Behind a message whose type is not known here. */
  /** What came with a message. */
  readonly file: (name: string, bytes: number) => string
  readonly fallback: string
  readonly clockWrong: string
  readonly unproven: string
  readonly gap: Readonly<Record<'deleted' | 'missing', (count: number, name: string) => string>>
  readonly fork: (name: string, closed: boolean) => string
  readonly erased: (count: number) => string
}

const english: Words = {
  locale: 'en-GB',
  title: (name) => `Conversation with ${name}`,
  group: (name) => `Group ${name}`,
  members: (names, invited) =>
    `${names.length === 1 ? '1 member' : `${names.length} members`}: ${names.join(', ')}.${invited === 0 ? '' : ` ${invited} invited.`}`,
  outside: 'Outside of the conversation',
  aboutOutside:
    'Whoever wrote this had been removed, or had lost the right to write. It is held where this page was saved, is no part of the conversation, and was passed on to nobody.',
  blocked: 'Hidden: you blocked them.',
  before: (count) =>
    count === 1
      ? '1 message from before you joined is not for you to read.'
      : `${count} messages from before you joined are not for you to read.`,
  notes: 'Notes to self',
  nobody: 'Unnamed person',
  made: (time, zone) => `Saved by Warren on ${time}. Times are those of ${zone}, by the clocks of those who wrote.`,
  about:
    'This page is for reading and proves nothing. Save the conversation as JSON for a copy that anybody can check with “warren check-export”.',
  messages: (count) => (count === 1 ? '1 message' : `${count} messages`),
  end: 'End of the conversation as it was then.',
  bare: {
    gone: 'The text of this message is not kept any more.',
    unreadable: 'This message could not be read on this device.',
    newer: 'This was made by a newer Warren and cannot be shown.',
  },
  file: (name, bytes) =>
    `File, not in this copy: ${name || 'without a name'}, ${new Intl.NumberFormat('en').format(bytes)} bytes`,
  fallback: 'Made by a newer Warren; there may be more to it.',
  clockWrong: 'the clock was wrong',
  unproven: 'Nothing on this device proves who wrote this.',
  gap: {
    deleted: (count, name) =>
      `${count === 1 ? '1 entry' : `${count} entries`} of ${name}: deleted on this device, and not in this copy.`,
    missing: (count, name) =>
      `${count === 1 ? '1 entry' : `${count} entries`} of ${name}: not on this device, and not in this copy.`,
  },
  fork: (name, closed) =>
    closed
      ? `A device of ${name} was put back to an older state, and has put its messages in place again.`
      : `A device of ${name} has written two different histories. What it wrote after this is not shown.`,
  erased: (count) => (count === 1 ? 'Took back a message.' : `Took back ${count} messages.`),
}

const german: Words = {
  locale: 'de-DE',
  title: (name) => `Unterhaltung mit ${name}`,
  group: (name) => `Gruppe ${name}`,
  members: (names, invited) =>
    `${names.length === 1 ? '1 Mitglied' : `${names.length} Mitglieder`}: ${names.join(', ')}.${invited === 0 ? '' : ` ${invited} eingeladen.`}`,
  outside: 'Außerhalb der Unterhaltung',
  aboutOutside:
    'Wer das schrieb, war entfernt worden oder durfte nicht mehr schreiben. Es liegt dort, wo diese Seite gesichert wurde, gehört nicht zur Unterhaltung und wurde niemandem weitergegeben.',
  blocked: 'Ausgeblendet: Du hast diese Person blockiert.',
  before: (count) =>
    count === 1
      ? '1 Nachricht aus der Zeit vor deinem Beitritt ist nicht für dich zu lesen.'
      : `${count} Nachrichten aus der Zeit vor deinem Beitritt sind nicht für dich zu lesen.`,
  notes: 'Notizen an mich',
  nobody: 'Person ohne Namen',
  made: (time, zone) =>
    `Gesichert von Warren am ${time}. Zeiten in der Zeitzone ${zone}, nach den Uhren derer, die geschrieben haben.`,
  about:
    'Diese Seite ist zum Lesen da und beweist nichts. Eine Kopie, die jeder mit „warren check-export“ prüfen kann, sichert man als JSON.',
  messages: (count) => (count === 1 ? '1 Nachricht' : `${count} Nachrichten`),
  end: 'Ende der Unterhaltung, wie sie damals war.',
  bare: {
    gone: 'Der Text dieser Nachricht wird nicht mehr aufbewahrt.',
    unreadable: 'Diese Nachricht konnte auf diesem Gerät nicht gelesen werden.',
    newer: 'Dies kam von einem neueren Warren und kann nicht gezeigt werden.',
  },
  file: (name, bytes) =>
    `Datei, nicht in dieser Kopie: ${name || 'ohne Namen'}, ${new Intl.NumberFormat('de').format(bytes)} Bytes`,
  fallback: 'Von einem neueren Warren; vielleicht gehört mehr dazu.',
  clockWrong: 'die Uhr ging falsch',
  unproven: 'Nichts auf diesem Gerät beweist, wer das geschrieben hat.',
  gap: {
    deleted: (count, name) =>
      `${count === 1 ? '1 Eintrag' : `${count} Einträge`} von ${name}: auf diesem Gerät gelöscht, nicht in dieser Kopie.`,
    missing: (count, name) =>
      `${count === 1 ? '1 Eintrag' : `${count} Einträge`} von ${name}: nicht auf diesem Gerät, nicht in dieser Kopie.`,
  },
  fork: (name, closed) =>
    closed
      ? `Ein Gerät von ${name} wurde auf einen älteren Stand zurückgesetzt und hat seine Nachrichten wieder eingesetzt.`
      : `Ein Gerät von ${name} hat zwei verschiedene Verläufe geschrieben. Was es danach schrieb, wird nicht gezeigt.`,
  erased: (count) => (count === 1 ? 'Hat eine Nachricht zurückgenommen.' : `Hat ${count} Nachrichten zurückgenommen.`),
}

export const wordsOf: Readonly<Record<ExportLanguage, Words>> = { en: english, de: german }
