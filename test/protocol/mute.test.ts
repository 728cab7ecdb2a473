/** Mutes as they are asked for, kept and read. */

import t from 'tap'
import { askedMute, mutedForEver, muteValue, notMuted, readMute } from '../../protocol/mute.ts'

t.test('an end that was asked for is the same after it was kept', async (t) => {
  for (const mutedUntil of [0, 1, 2, 1_790_000_000_000, mutedForEver]) {
    const asked = askedMute({ mutedUntil })
    t.equal(readMute(muteValue(asked ?? -1)), asked, String(mutedUntil))
  }
  t.equal(askedMute({ mutedUntil: 1 }), notMuted, 'long over, and no word for ever')
})
