/** The page's own little IndexedDB: keys that scripts cannot read out, and sealed words that wait for the daemon. */

export type StoreName = 'session' | 'kept'

const open = async (): Promise<IDBDatabase> =>
  await new Promise((resolve, reject) => {
    const request = indexedDB.open('warren', 1)
    request.addEventListener('upgradeneeded', () => {
      for (const name of ['session', 'kept']) request.result.createObjectStore(name)
    })
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB is closed to this page')))
  })

let opened: Promise<IDBDatabase | undefined> | undefined
/** Some private windows have no IndexedDB: there the page remembers until it is closed. */
const memory = new Map<string, unknown>()

async function run<T>(
  store: StoreName,
  mode: IDBTransactionMode,
  ask: (objects: IDBObjectStore) => IDBRequest,
  instead: () => T,
): Promise<T> {
  opened ??= open().catch(() => undefined)
  const database = await opened
  if (database === undefined) return instead()
  return await new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode)
    const request = ask(transaction.objectStore(store))
    transaction.addEventListener('complete', () => resolve(request.result as T))
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('not written')))
  })
}

const inMemory = (store: StoreName): unknown[] =>
  [...memory].filter(([key]) => key.startsWith(`${store}/`)).map(([, value]) => value)

export const database = {
  get: async (store: StoreName, key: string): Promise<unknown> =>
    await run<unknown>(
      store,
      'readonly',
      (objects) => objects.get(key),
      () => memory.get(`${store}/${key}`),
    ),
  values: async (store: StoreName): Promise<unknown[]> =>
    await run<unknown[]>(
      store,
      'readonly',
      (objects) => objects.getAll(),
      () => inMemory(store),
    ),
  put: async (store: StoreName, key: string, value: unknown): Promise<void> => {
    await run<unknown>(
      store,
      'readwrite',
      (objects) => objects.put(value, key),
      () => memory.set(`${store}/${key}`, value),
    )
  },
  delete: async (store: StoreName, key: string): Promise<void> => {
    await run<unknown>(
      store,
      'readwrite',
      (objects) => objects.delete(key),
      () => memory.delete(`${store}/${key}`),
    )
  },
}
