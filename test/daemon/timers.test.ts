import t from 'tap'
import { systemTimers } from '../../daemon/timers.ts'

const monthMs = 31 * 24 * 60 * 60 * 1000

t.test('what is far away waits, and can be called off', async (t) => {
  let ran = 0
  const callOffs = [monthMs, 12 * monthMs].map((ms) => systemTimers.after(ms, () => (ran += 1)))
  // One that the machine takes for none goes off after a millisecond: long before this.
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 20)
  })
  t.equal(ran, 0)
  for (const callOff of callOffs) callOff()
})

t.test('what is due goes off, at once or after its while, and what was called off does not', async (t) => {
  const ran: string[] = []
  const callOffs = [0, 1].map((ms) => systemTimers.after(ms, () => ran.push('called off')))
  for (const callOff of callOffs) callOff()
  // Timers do not keep this process alive.
  const alive = setInterval(() => undefined, 1000)
  await new Promise<void>((resolve) => {
    systemTimers.after(5, () => {
      ran.push('later')
      resolve()
    })
    systemTimers.after(0, () => ran.push('at once'))
  })
  clearInterval(alive)
  t.strictSame(ran, ['at once', 'later'])
})
