/** Requests to a child process and their answers, over its IPC channel. */

/** Names of jobs, what each is asked with and what it answers. */
export type Jobs = Record<string, { readonly asks: object; readonly answers: unknown }>

export interface Request {
  readonly id: number
  readonly is: string
  readonly asks: object
}

export interface Answer {
  readonly id: number
  readonly answers?: unknown
  readonly failed?: string
}

export type Handlers<J extends Jobs> = { readonly [K in keyof J]: (asks: J[K]['asks']) => Promise<J[K]['answers']> }

function answer(reply: Answer): void {
  if (process.connected) process.send?.(reply)
}

/** Answers the parent's requests; when the parent goes, or says that it is done, this process ends as SIGTERM ends it. */
export function serveJobs<J extends Jobs>(handlers: Handlers<J>): void {
  process.on('message', (message) => {
    const { id, is, asks } = message as Request
    const handler = handlers[is]
    if (handler === undefined) return answer({ id, failed: `there is no job ${is}` })
    handler(asks).then(
      (answers) => answer({ id, answers: answers ?? null }),
      (error: unknown) =>
        answer({ id, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}
