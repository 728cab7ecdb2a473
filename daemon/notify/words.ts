/** What a notification says. */

import type { Conversation, Message } from '../../protocol/http-conversations.ts'
import type { PushLanguage } from './subscriptions.ts'

export interface Words {
  readonly title: string
  readonly body: string
}

const bodyCharacters = 240
const titleCharacters = 80

const newMessage: Readonly<Record<PushLanguage, string>> = { en: 'New message', de: 'Neue Nachricht' }
const unnamed: Readonly<Record<PushLanguage, string>> = { en: 'Unnamed person', de: 'Person ohne Namen' }
const unnamedGroup: Readonly<Record<PushLanguage, string>> = { en: 'Unnamed group', de: 'Gruppe ohne Namen' }

const oneFile: Readonly<Record<PushLanguage, string>> = { en: 'A file', de: 'Eine Datei' }
const someFiles: Readonly<Record<PushLanguage, (count: number) => string>> = {
  en: (count) => `${count} files`,
  de: (count) => `${count} Dateien`,
}

/** What is said of a message that has files alone, or of one that cannot be read. */
function withoutText({ attachments = [] }: Message, language: PushLanguage): string {
  const [only, another] = attachments
  if (only === undefined) return newMessage[language]
  return another === undefined ? only.name || oneFile[language] : someFiles[language](attachments.length)
}

/** No half of a character at the end. */
const clip = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`

/** Without a preview it names nobody. */
export function wordsOf(conversation: Conversation, message: Message, language: PushLanguage, preview: boolean): Words {
  if (!preview) return { title: 'Warren', body: newMessage[language] }
  const text = message.text === '' ? withoutText(message, language) : message.text
  const from = message.from.name === '' ? unnamed[language] : message.from.name
  if (conversation.kind === 'group') {
    const title = conversation.title === '' ? unnamedGroup[language] : conversation.title
    return {
      title: clip(title, titleCharacters),
      body: clip(`${clip(from, titleCharacters)}: ${text}`, bodyCharacters),
    }
  }
  return {
    title: clip(conversation.title === '' ? from : conversation.title, titleCharacters),
    body: clip(text, bodyCharacters),
  }
}
