/** The line in a conversation that tells of a device with two different histories. */

import { msg, str } from '@lit/localize'
import { html, type TemplateResult } from 'lit'
import type { Fork } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'

function words({ mine, closed }: Fork, name: string): string {
  if (mine) return msg('This device was put back to an older state. What it had said since was put in place again.')
  if (closed)
    return msg(str`A device of ${name} was put back to an older state, and has put its messages in place again.`)
  return msg(
    str`A device of ${name} has written two different histories. What it wrote after this is not shown. Ask ${name} to stop and start Warren on it; if it runs twice, one of the two must go.`,
  )
}

/** `name`: of the other person. */
export const forkRow = (fork: Fork, name: string): TemplateResult =>
  fork.closed || fork.mine
    ? html`<p class="fork quiet" data-testid="fork">${icon('info')}<span>${words(fork, name)}</span></p>`
    : html`<p class="fork loud" role="alert" data-testid="fork">${icon('alert')}<span>${words(fork, name)}</span></p>`
