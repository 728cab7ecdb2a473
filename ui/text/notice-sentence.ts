/** What happened to a group, as a line between its messages. */

import { msg, str } from '@lit/localize'
import type { Notice, NoticePerson } from '../../protocol/http-groups.ts'
import { formatLocale } from '../locale.ts'
import { isolated } from './names.ts'
import { roleName } from './role-words.ts'

type Of<Kind extends Notice['is']> = Extract<Notice, { is: Kind }>
/** Nobody else is named in these. */
type Alone = Exclude<Notice, { whom: NoticePerson } | { name: string } | { changed: unknown }>
/** Who did something to whom. */
interface Two {
  by: NoticePerson
  whom: NoticePerson
}
type Setting = Of<'settings'>['changed'][number]

const called = ({ name }: NoticePerson): string => (name === '' ? msg('Unnamed person') : isolated(name))

function settingName(setting: Setting): string {
  switch (setting) {
    case 'description':
      return msg('the description')
    case 'color':
      return msg('the colour')
    case 'picture':
      return msg('the picture')
    case 'post':
      return msg('who may write')
    case 'invite':
      return msg('who may invite')
    case 'change':
      return msg('who may change the name')
    case 'history':
      return msg('what newcomers see')
  }
  return setting satisfies never
}

/** Two people, of whom one may be the owner: each language bends its words its own way. */
function pick(by: NoticePerson, whom: NoticePerson, words: { mine: string; me: string; others: string }): string {
  if (by.mine === true) return words.mine
  return whom.mine === true ? words.me : words.others
}

function added({ by, whom }: Two): string {
  return pick(by, whom, {
    mine: msg(str`You added ${called(whom)}`),
    me: msg(str`${called(by)} added you`),
    others: msg(str`${called(by)} added ${called(whom)}`),
  })
}

function removed({ by, whom }: Two): string {
  return pick(by, whom, {
    mine: msg(str`You removed ${called(whom)}`),
    me: msg(str`${called(by)} removed you`),
    others: msg(str`${called(by)} removed ${called(whom)}`),
  })
}

function transferred({ by, whom }: Two): string {
  return pick(by, whom, {
    mine: msg(str`You handed the group over to ${called(whom)}`),
    me: msg(str`${called(by)} handed the group over to you`),
    others: msg(str`${called(by)} handed the group over to ${called(whom)}`),
  })
}

function roleGiven({ by, whom, role }: Of<'role'>): string {
  const name = roleName(role)
  if (by.id === whom.id) {
    return by.mine === true ? msg(str`You took the role “${name}”`) : msg(str`${called(by)} took the role “${name}”`)
  }
  return pick(by, whom, {
    mine: msg(str`You gave ${called(whom)} the role “${name}”`),
    me: msg(str`${called(by)} gave you the role “${name}”`),
    others: msg(str`${called(by)} gave ${called(whom)} the role “${name}”`),
  })
}

function settingsChanged({ by, changed }: Of<'settings'>): string {
  const list = new Intl.ListFormat(formatLocale(), { type: 'conjunction' }).format(changed.map(settingName))
  return by.mine === true ? msg(str`You changed ${list}`) : msg(str`${called(by)} changed ${list}`)
}

/** What people do of themselves: said of the owner, and of others. */
const alone: Readonly<Record<Alone['is'], readonly [mine: () => string, theirs: (name: string) => string]>> = {
  created: [() => msg('You created the group'), (name) => msg(str`${name} created the group`)],
  closed: [() => msg('You closed the group'), (name) => msg(str`${name} closed the group`)],
  accepted: [() => msg('You joined'), (name) => msg(str`${name} joined`)],
  declined: [() => msg('You declined'), (name) => msg(str`${name} declined`)],
  left: [() => msg('You left'), (name) => msg(str`${name} left`)],
  'device-added': [() => msg('A device of yours was added'), (name) => msg(str`${name} added a device`)],
  'device-removed': [() => msg('A device of yours was removed'), (name) => msg(str`${name} removed a device`)],
}

function ofOne({ is, by }: Alone): string {
  const [mine, theirs] = alone[is]
  return by.mine === true ? mine() : theirs(called(by))
}

function named({ by, name }: Extract<Notice, { is: 'named' }>): string {
  const shown = isolated(name)
  return by.mine === true
    ? msg(str`You named the group “${shown}”`)
    : msg(str`${called(by)} named the group “${shown}”`)
}

const isAlone = (notice: Notice): notice is Alone => notice.is in alone

export function noticeSentence(notice: Notice): string {
  if (isAlone(notice)) return ofOne(notice)
  switch (notice.is) {
    case 'added':
      return added(notice)
    case 'removed':
      return removed(notice)
    case 'transferred':
      return transferred(notice)
    case 'admitted':
      return notice.whom.mine === true ? msg('You joined by link') : msg(str`${called(notice.whom)} joined by link`)
    case 'role':
      return roleGiven(notice)
    case 'named':
      return named(notice)
    case 'settings':
      return settingsChanged(notice)
  }
  return notice satisfies never
}

/** The quietest lines: they rarely matter, and must be findable all the same. */
export const isQuiet = ({ is }: Notice): boolean => is === 'device-added' || is === 'device-removed'
