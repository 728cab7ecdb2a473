/** A process that restores a backup, and dies or measures itself on the way: `restorer.ts <file> <home> <recovery key> <share|measure>`. */

import { restore } from './made-home.ts'

const [file = '', home = '', recoveryKey = '', how = ''] = process.argv.slice(2)
let most = 0
let looks = 0
let before: number | undefined

await restore(file, home, {
  secret: { recoveryKey },
  progress: (step, done, total) => {
    if (how !== 'measure') {
      if (step === 2 && done / total >= Number(how)) process.kill(process.pid, 'SIGKILL')
      return
    }
    globalThis.gc?.()
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    before ??= arrayBuffers + heapUsed
    most = Math.max(most, arrayBuffers + heapUsed - before)
    looks += 1
  },
})
process.stdout.write(JSON.stringify({ most, looks }))
