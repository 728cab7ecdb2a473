/** Looks at an address or a link: who is there, or where it leads, before anything is asked of anybody. */

import type { Peer } from '../../protocol/http-people.ts'
import type { GroupGlance } from '../../protocol/http-groups.ts'
import { api } from '../client/api.ts'
import { groupsApi } from '../client/groups-api.ts'
import { leadsIntoGroup } from '../text/link-kind.ts'
import { apiErrorCode, isPassing, type ApiErrorCode } from '../client/api-error.ts'

/** Somebody to ask, or a group to join: `warren-found` carries it to the dialog. */
export interface FoundDetail {
  peer?: Peer
  group?: GroupGlance
  /** The `warren:` link that was typed or scanned, if it was one. */
  link?: string
}

export type LookResult = { found: FoundDetail } | { code: ApiErrorCode; link: string }

/** Codes after which a link is still worth keeping: it names its person, who may only be away. */
const away = new Set<ApiErrorCode>(['TIMED_OUT', 'UNREACHABLE', 'REFUSED', 'HOST_NOT_FOUND', 'LINK_CLOSED'])

export const mayAskAnyway = (result: { code: ApiErrorCode; link: string }): boolean =>
  result.link !== '' && away.has(result.code)

export async function lookAt(typed: string): Promise<LookResult> {
  const address = typed.trim()
  const link = /^warren:/i.test(address) ? address : ''
  // Looked at as a person, it would lead to whoever may let one in.
  if (leadsIntoGroup(link)) return await lookAtGroup(link)
  try {
    const peer = await api.look(address)
    return { found: link === '' ? { peer } : { peer, link } }
  } catch (error) {
    const code = apiErrorCode(error)
    if (code === 'BAD_LINK' && link !== '') return await lookAtGroup(link)
    // Text that is neither address nor link: the person mistyped, nothing is broken.
    return { code: code === 'BAD_SHAPE' ? 'BAD_LINK' : code, link }
  }
}

/** It leads to no person, but into a group perhaps. */
async function lookAtGroup(link: string): Promise<LookResult> {
  try {
    return { found: { group: await groupsApi.look(link), link } }
  } catch (error) {
    const code = apiErrorCode(error)
    return { code: code === 'LINK_EXPIRED' || isPassing(code) ? code : 'BAD_LINK', link }
  }
}

export function tellFound(host: HTMLElement, detail: FoundDetail): void {
  host.dispatchEvent(new CustomEvent('warren-found', { detail, bubbles: true, composed: true }))
}
