/** Tabs of one browser share what lies beside the page; each has its own of it for as long as it lives, by a lock of its own. */

/** This load of the page. */
export const thisTab: string = crypto.randomUUID()

const lockOf = (tab: string): string => `warren tab ${tab}`
const never = new Promise<never>(() => undefined)
let isClaimed = false

/** From now on others see that this tab is there; it ends with the page. */
export function claimTab(): void {
  if (isClaimed) return
  isClaimed = true
  void navigator.locks.request(lockOf(thisTab), async () => await never)
}

/** Does `take` once that tab is gone: before this resolves if it is gone already, else whenever it goes. */
export async function onceGone(tab: string, take: () => Promise<void>): Promise<void> {
  const isGone = await navigator.locks.request(lockOf(tab), { ifAvailable: true }, async (lock) => {
    if (lock !== null) await take()
    return lock !== null
  })
  if (!isGone) void navigator.locks.request(lockOf(tab), take)
}
