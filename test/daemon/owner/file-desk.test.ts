import t from 'tap'
import { Bus } from '../../../daemon/bus.ts'
import { FileDesk } from '../../../daemon/owner/file-desk.ts'
import type { BlobReference } from '../../../protocol/blob.ts'
import { blobIdOf } from '../../../protocol/ids.ts'
import { FakeFiles } from '../../support/fake-files.ts'
import { unknownConversation } from '../../support/fake-ids.ts'
import { label, someBytes } from '../../support/files.ts'

t.test(
  'a file of a message that is shown can be fetched, though it could not be noted when the message came',
  async (t) => {
    const files = new FakeFiles(new Bus())
    const desk = new FileDesk({ files, looksDifferent: () => undefined, checkMayWrite: () => undefined })
    const id = blobIdOf(someBytes(32))
    const reference: BlobReference = { ...label, id, key: someBytes(32), size: 5, hash: someBytes(32) }
    files.isFull = true
    await desk.meet(unknownConversation, [reference])
    t.equal(files.find(unknownConversation, id), undefined, 'the message is shown all the same')
    files.isFull = false
    await desk.meet(unknownConversation, [reference])
    t.match(await desk.fetch(unknownConversation, id), { id, state: 'coming' })
  },
)
