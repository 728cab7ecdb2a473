/** What a notice tells, as a sentence. */

import type { Notice, NoticePerson } from '../../../protocol/http-groups.ts'
import { safeLine } from '../terminal.ts'
import { shortId } from '../who.ts'

const called = ({ id, name, mine }: NoticePerson): string =>
  mine === true ? 'you' : safeLine(name.replaceAll(/\s+/g, ' ')) || shortId(id)

const settingNames: Readonly<Record<Extract<Notice, { is: 'settings' }>['changed'][number], string>> = {
  description: 'the description',
  color: 'the colour',
  picture: 'the picture',
  post: 'who may write',
  invite: 'who may invite',
  change: 'who may change the name',
  history: 'what newcomers may read',
}

export function noticeText(notice: Notice): string {
  const by = called(notice.by)
  switch (notice.is) {
    case 'created':
      return `${by} made the group`
    case 'closed':
      return `${by} closed the group for everybody`
    case 'added':
      return `${by} added ${called(notice.whom)}`
    case 'admitted':
      return `${called(notice.whom)} joined by a link, let in by ${by}`
    case 'removed':
      return `${by} removed ${called(notice.whom)}`
    case 'transferred':
      return `${by} handed the group over to ${called(notice.whom)}`
    case 'accepted':
      return `${by} joined`
    case 'declined':
      return `${by} did not want to join`
    case 'left':
      return `${by} left`
    case 'role':
      return `${by} made ${called(notice.whom)} ${notice.role}`
    case 'named':
      return `${by} named the group ${safeLine(notice.name)}`
    case 'settings':
      return `${by} changed ${notice.changed.map((each) => settingNames[each]).join(', ')}`
    case 'device-added':
      return `a device of ${by} was added: ${notice.fingerprint}`
    case 'device-removed':
      return `a device of ${by} was removed: ${notice.fingerprint}`
    default:
      return notice satisfies never
  }
}
