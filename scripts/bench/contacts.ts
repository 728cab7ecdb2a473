/** Makes daemons contacts of each other, over their local APIs as the CLI does. */

import type { Contact, Me } from '../../protocol/http-people.ts'
import type { Client } from '../../daemon/cli/client.ts'

/** Polls of a state that another process comes to by itself. */
const pollMs = 20
const mostPolls = 6000

export async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let each = 0; each < mostPolls; each += 1) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => {
      setTimeout(resolve, pollMs)
    })
  }
  throw new Error(`it did not come to pass: ${what}`)
}

const contactOf = async (client: Client, person: string): Promise<Contact | undefined> =>
  (await client.list<Contact>('/contacts')).find(({ id }) => id === person)

/** True once a link with that person stands. */
export async function online(client: Client, person: string): Promise<void> {
  await waitFor('a contact is online', async () =>
    (await contactOf(client, person))?.online === true ? true : undefined,
  )
}

/** A asks, B accepts; resolves with their conversation once they are linked. */
export async function befriend(a: Client, b: Client): Promise<string> {
  const [alice, bob] = await Promise.all([a.ask<Me>('GET', '/me'), b.ask<Me>('GET', '/me')])
  await a.ask('POST', '/contacts', { link: bob.link })
  await waitFor('the request arrives', async () => await contactOf(b, alice.personId))
  await b.ask('PATCH', `/contacts/${alice.personId}`, { state: 'accepted' })
  await online(a, bob.personId)
  await online(b, alice.personId)
  return await waitFor('the conversation opens', async () => (await contactOf(a, bob.personId))?.conversation)
}
