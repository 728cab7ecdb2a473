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

let opened: Promise<IDBDatabase> | undefined

async function run<T>(
  store: StoreName,
  mode: IDBTransactionMode,
  ask: (objects: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  opened ??= open()
  const database = await opened
  return await new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode)
    const request = ask(transaction.objectStore(store))
    transaction.addEventListener('complete', () => resolve(request.result))
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('not written')))
  })
}

export const database = {
  get: async (store: StoreName, key: string): Promise<unknown> =>
    await run<unknown>(store, 'readonly', (objects) => objects.get(key)),
  values: async (store: StoreName): Promise<unknown[]> =>
    await run<unknown[]>(store, 'readonly', (objects) => objects.getAll()),
  put: async (store: StoreName, key: string, value: unknown): Promise<void> => {
    await run(store, 'readwrite', (objects) => objects.put(value, key))
  },
  delete: async (store: StoreName, key: string): Promise<void> => {
    await run(store, 'readwrite', (objects) => objects.delete(key))
  },
}
