/** What happened to a group, on the page of an exported one, in the languages of Warren. */

import { fingerprint, type PersonId } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/operation.ts'
import type { Happening } from '../conversations/notices.ts'
import type { ExportLanguage } from './html-words.ts'

interface NoticeWords {
  readonly created: (by: string) => string
  readonly closed: (by: string) => string
  readonly accepted: (by: string) => string
  readonly declined: (by: string) => string
  readonly left: (by: string) => string
  readonly added: (by: string, whom: string) => string
  readonly admitted: (by: string, whom: string) => string
  readonly removed: (by: string, whom: string) => string
  readonly transferred: (by: string, whom: string) => string
  readonly role: (by: string, whom: string, role: Role) => string
  readonly named: (by: string, name: string) => string
  readonly settings: (by: string) => string
  readonly deviceAdded: (by: string, print: string) => string
  readonly deviceRemoved: (by: string, print: string) => string
}

const germanRoles: Readonly<Record<Role, string>> = {
  owner: 'Inhaber',
  admin: 'Admin',
  member: 'Mitglied',
  reader: 'Leser',
}

const words: Readonly<Record<ExportLanguage, NoticeWords>> = {
  en: {
    created: (by) => `${by} created the group.`,
    closed: (by) => `${by} closed the group for everybody.`,
    accepted: (by) => `${by} joined.`,
    declined: (by) => `${by} did not want to join.`,
    left: (by) => `${by} left.`,
    added: (by, whom) => `${by} added ${whom}.`,
    admitted: (by, whom) => `${whom} joined by a link, let in by ${by}.`,
    removed: (by, whom) => `${by} removed ${whom}.`,
    transferred: (by, whom) => `${by} handed the group over to ${whom}.`,
    role: (by, whom, role) => `${by} gave ${whom} the role “${role}”.`,
    named: (by, name) => `${by} named the group “${name}”.`,
    settings: (by) => `${by} changed the settings of the group.`,
    deviceAdded: (by, print) => `A device of ${by} was added: ${print}`,
    deviceRemoved: (by, print) => `A device of ${by} was removed: ${print}`,
  },
  de: {
    created: (by) => `${by} hat die Gruppe angelegt.`,
    closed: (by) => `${by} hat die Gruppe für alle geschlossen.`,
    accepted: (by) => `${by} ist beigetreten.`,
    declined: (by) => `${by} wollte nicht beitreten.`,
    left: (by) => `${by} hat die Gruppe verlassen.`,
    added: (by, whom) => `${by} hat ${whom} hinzugefügt.`,
    admitted: (by, whom) => `${whom} ist über einen Link beigetreten, eingelassen von ${by}.`,
    removed: (by, whom) => `${by} hat ${whom} entfernt.`,
    transferred: (by, whom) => `${by} hat die Gruppe an ${whom} übergeben.`,
    role: (by, whom, role) => `${by} hat ${whom} die Rolle „${germanRoles[role]}“ gegeben.`,
    named: (by, name) => `${by} hat die Gruppe „${name}“ genannt.`,
    settings: (by) => `${by} hat die Einstellungen der Gruppe geändert.`,
    deviceAdded: (by, print) => `Ein Gerät von ${by} kam dazu: ${print}`,
    deviceRemoved: (by, print) => `Ein Gerät von ${by} wurde entfernt: ${print}`,
  },
}

/** `called`: what a person is called inside a sentence; `quoted`: a text of others inside one. */
export function noticeText(
  language: ExportLanguage,
  happening: Happening,
  by: string,
  { called, quoted }: { readonly called: (person: PersonId) => string; readonly quoted: (text: string) => string },
): string {
  const say = words[language]
  switch (happening.is) {
    case 'created':
    case 'closed':
    case 'accepted':
    case 'declined':
    case 'left':
      return say[happening.is](by)
    case 'added':
    case 'admitted':
    case 'removed':
    case 'transferred':
      return say[happening.is](by, called(happening.whom))
    case 'role':
      return say.role(by, called(happening.whom), happening.role)
    case 'named':
      return say.named(by, quoted(happening.name))
    case 'settings':
      return say.settings(by)
    case 'device-added':
      return say.deviceAdded(by, fingerprint(happening.device))
    case 'device-removed':
      return say.deviceRemoved(by, fingerprint(happening.device))
  }
  return happening satisfies never
}
