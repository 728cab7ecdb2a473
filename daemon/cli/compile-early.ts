/** Tells V8 to compile early what a daemon does again and again. */

import { setFlagsFromString } from 'node:v8'

/** After how many calls a function is compiled well, and best. By itself V8 waits for 400 and 3,000. */
const calls = { maglev: 30, turbofan: 200 }

/**
 * A person sends some dozens of messages a day, and each function on a message's way is called once or twice for each: by V8's own
 * measure they would be interpreted, or compiled badly, for weeks. Call it once everything is up, for a start takes no longer then.
 * Only the V8 that this was measured with is told, since others may not know these flags.
 */
export function compileEarly(): void {
  if (!process.versions.v8.startsWith('13.')) return
  setFlagsFromString(`--invocation-count-for-maglev=${calls.maglev}`)
  setFlagsFromString(`--invocation-count-for-turbofan=${calls.turbofan}`)
}
