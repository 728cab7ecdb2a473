/** How files of messages are told on a terminal. */

import type { Attachment } from '../../protocol/http-files.ts'
import { sizeText } from './size-text.ts'
import { safeLine } from './terminal.ts'

function stateText({ state, held, size }: Attachment): string {
  if (state === 'whole') return ''
  if (state === 'missing') return ', not here: warren save fetches it'
  return held === 0 ? ', on its way' : `, ${Math.floor((held / size) * 100)} % here`
}

export const fileText = (file: Attachment): string =>
  `[file ${file.id.slice(0, 8)}: ${safeLine(file.name) || 'without a name'}, ${sizeText(file.size)}${stateText(file)}]`
