/** The doctor of an open house, who looks at conversations and at files. */

import type { Finding } from '../protocol/examination.ts'
import type { Closers } from './closers.ts'
import { Doctor, type DoctorDeps, type Look } from './doctor/doctor.ts'
import type { Log } from './log.ts'
import type { Rooms } from './rooms.ts'

const now = (): number => Date.now()

export function openDoctor({ conversations, blobs }: Rooms, closers: Closers, log: Log): Doctor {
  const look = async (asked: Look): Promise<Awaited<ReturnType<DoctorDeps['look']>>> => {
    const { findings, waiting } = await conversations.examiner.examine(asked)
    const files = [...(await blobs.examine(asked.signal))].map(([conversation, count]): Finding => {
      return { kind: 'file', count, outcome: 'wanted', conversation }
    })
    return { findings: [...findings, ...files], waiting }
  }
  const doctor = new Doctor({ look, log, now })
  closers.add(async () => await doctor.close())
  return doctor
}
