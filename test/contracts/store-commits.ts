/** The store contract, groups and the numbers of ids. */

import { tables, type Batch } from '../../daemon/store/store.ts'
import { bytes, id, key, put, textAt, type Contract } from './store-harness.ts'

export const grouping: Record<string, Contract> = {
  'commit() resolves with what build returned, after the write': async (t, { open }) => {
    const store = await open()
    const seen = await store.commit((batch) => {
      batch.put(key(1), bytes('new'))
      return textAt(batch, key(1))
    })
    t.equal(seen, 'new')
    t.equal(textAt(store, key(1)), 'new')
  },

  'builds of one tick share a batch, run in the order of their calls and read each other': async (t, { open }) => {
    const store = await open()
    await put(store, key(1), '')
    const { batches } = store.counts
    const append = (letter: string): Promise<string> =>
      store.commit((batch) => {
        const text = `${textAt(batch, key(1))}${letter}`
        batch.put(key(1), bytes(text))
        return text
      })
    t.same(await Promise.all(['a', 'b', 'c'].map(append)), ['a', 'ab', 'abc'])
    t.equal(store.counts.batches - batches, 1)
    t.equal(textAt(store, key(1)), 'abc')
  },

  'get() does not show what is not durable, the batch does': async (t, { open }) => {
    const store = await open()
    let during: string | undefined = 'not run'
    const first = put(store, key(1), 'x')
    await store.commit((batch) => {
      during = textAt(store, key(1))
      t.equal(textAt(batch, key(1)), 'x')
    })
    t.equal(during, undefined)
    await first
  },

  'a deletion is read as such in the group': async (t, { open }) => {
    const store = await open()
    await put(store, key(1), 'x')
    const gone = store.commit((batch) => {
      batch.delete(key(1))
    })
    t.equal(await store.commit((batch) => batch.get(key(1))), undefined)
    await gone
  },

  'a build that throws leaves out its own writes only': async (t, { open }) => {
    const store = await open()
    await put(store, key(1), 'old')
    const { batches } = store.counts
    const mine = new Error('mine')
    const before = store.commit((batch) => {
      batch.put(key(2), bytes('first'))
    })
    const thrown = store.commit((batch) => {
      batch.put(key(1), bytes('bad'))
      batch.put(key(2), bytes('bad'))
      batch.put(key(2), bytes('worse'))
      batch.put(key(3), bytes('bad'))
      batch.delete(key(2))
      throw mine
    })
    const after = store.commit((batch) => [1, 2, 3].map((at) => textAt(batch, key(at))))
    await t.rejects(thrown, mine)
    await before
    t.same(await after, ['old', 'first', undefined])
    t.same(
      [1, 2, 3].map((at) => textAt(store, key(at))),
      ['old', 'first', undefined],
    )
    t.equal(store.counts.batches - batches, 1)
  },

  'a build must not wait, and its batch ends with it': async (t, { open }) => {
    const store = await open()
    let kept: Batch | undefined
    const waiting = store.commit((batch) => {
      kept = batch
      batch.put(key(1), bytes('x'))
      return Promise.resolve()
    })
    await t.rejects(waiting, TypeError)
    t.equal(store.get(key(1)), undefined)
    t.throws(() => kept?.put(key(2), bytes('late')), TypeError)
    t.throws(() => kept?.get(key(2)), TypeError)
    t.throws(() => kept?.delete(key(2)), TypeError)
  },

  'get() hands out copies': async (t, { open }) => {
    const store = await open()
    await put(store, key(1), 'a')
    store.get(key(1))?.set(bytes('d'))
    t.equal(textAt(store, key(1)), 'a')
  },

  'a group is built while the one before it is written, and reads it': async (t, { open }) => {
    const store = await open()
    const groups: number[] = []
    const { batches } = store.counts
    let second: Promise<unknown> = Promise.resolve('never called')
    const behind = (batch: Batch): unknown[] => {
      groups.push(batch.group)
      batch.put(key(2), bytes('y'))
      return [isTold, textAt(batch, key(1)), batch.indexed(place), store.numberOf(id('alice'))]
    }
    let isTold = false
    const place = { table: tables.client, at: [1] } as const
    await store.commit((batch) => {
      groups.push(batch.group)
      batch.put(key(1), bytes('x'))
      batch.index(place, [7])
      store.numberFor(batch, id('alice'))
      queueMicrotask(() => {
        second = store.commit(behind)
      })
    })
    isTold = true
    t.same(await second, [false, 'x', [7], 1], 'nobody knew yet that it was durable')
    t.same(groups, [1, 2])
    t.equal(store.counts.batches - batches, 2)
    t.equal(store.idOf(1), 'alice')
    t.equal(textAt(store, key(2)), 'y')
  },

  'a build that throws behind a group that is written leaves that one whole': async (t, { open }) => {
    const store = await open()
    let second: Promise<unknown> = Promise.resolve()
    const alice = await store.commit((batch) => {
      batch.put(key(1), bytes('x'))
      queueMicrotask(() => {
        second = store.commit((later) => {
          later.put(key(1), bytes('bad'))
          store.numberFor(later, id('bob'))
          throw new Error('mine')
        })
        second.catch(() => undefined)
      })
      return store.numberFor(batch, id('alice'))
    })
    await t.rejects(second, { message: 'mine' })
    t.equal(textAt(store, key(1)), 'x')
    t.equal(store.numberOf(id('bob')), undefined)
    t.equal(await store.commit((batch) => store.numberFor(batch, id('carol'))), alice + 1)
  },

  'a commit from within a build joins the end of the queue': async (t, { open }) => {
    const store = await open()
    const order: string[] = []
    const inner: Promise<void>[] = []
    const outer = store.commit(() => {
      inner.push(
        store.commit(() => {
          order.push('inner')
        }),
      )
    })
    const later = store.commit(() => {
      order.push('later')
    })
    await Promise.all([outer, later])
    await Promise.all(inner)
    t.same(order, ['later', 'inner'])
  },

  'a group is bounded, and nobody in the queue is passed over': async (t, { open }) => {
    const store = await open()
    const order: number[] = []
    const value = new Uint8Array(256 * 1024)
    await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        await store.commit((batch) => {
          batch.put(key(at), value)
        })
        order.push(at)
      }),
    )
    t.ok(store.counts.batches >= 10 && store.counts.batches <= 40, `${store.counts.batches} batches`)
    t.same(
      order,
      order.toSorted((a, b) => a - b),
    )
  },

  'commits in flight share batches': async (t, { open }) => {
    const store = await open()
    const writer = async (writer: number): Promise<void> => {
      for (let at = 0; at < 20; at += 1) await put(store, key(writer, at), 'x')
    }
    await Promise.all(Array.from({ length: 32 }, (_, at) => writer(at)))
    t.equal(store.counts.writes, 640)
    t.ok(store.counts.batches <= 64, `${store.counts.batches} batches`)
  },
}

export const naming: Record<string, Contract> = {
  'an id gets one number for ever': async (t, { open }) => {
    const store = await open()
    t.equal(store.numberOf(id('alice')), undefined)
    const [alice, bob] = await store.commit((batch) => [
      store.numberFor(batch, id('alice')),
      store.numberFor(batch, id('bob')),
    ])
    t.same([alice, bob], [1, 2])
    t.equal(await store.commit((batch) => store.numberFor(batch, id('alice'))), alice)
    await store.close()
    const again = await open()
    t.equal(again.numberOf(id('bob')), bob)
    t.equal(again.idOf(1), 'alice')
    t.equal(again.idOf(3), undefined)
    t.equal(await again.commit((batch) => again.numberFor(batch, id('carol'))), 3)
  },

  'a build that throws makes no number': async (t, { open }) => {
    const store = await open()
    const thrown = store.commit((batch) => {
      store.numberFor(batch, id('alice'))
      throw new Error('no')
    })
    const bob = store.commit((batch) => store.numberFor(batch, id('bob')))
    await t.rejects(thrown)
    t.equal(await bob, 1)
    t.equal(store.numberOf(id('alice')), undefined)
    t.equal(store.idOf(1), 'bob')
  },

  'inside a build the numbers of the group are known, outside only durable ones': async (t, { open }) => {
    const store = await open()
    const made = store.commit((batch) => store.numberFor(batch, id('alice')))
    const seen = store.commit(() => [store.numberOf(id('alice')), store.idOf(1)])
    await Promise.resolve()
    await Promise.resolve()
    t.equal(store.numberOf(id('alice')), undefined)
    t.same(await seen, [1, 'alice'])
    t.equal(await made, store.numberOf(id('alice')))
  },

  'nameNumbers() are the same for ever, and others for another name': async (t, { open }) => {
    const store = await open()
    const numbers = store.nameNumbers(bytes('card'))
    t.ok(numbers.every((number) => Number.isSafeInteger(number) && number >= 0))
    t.same(store.nameNumbers(bytes('card')), numbers)
    t.not(store.nameNumbers(bytes('cars'))[0], numbers[0])
    await store.close()
    t.same((await open()).nameNumbers(bytes('card')), numbers)
  },

  'numberFor() outside of a build throws': async (t, { open }) => {
    const store = await open()
    let kept: Batch | undefined
    await store.commit((batch) => {
      kept = batch
    })
    t.throws(() => kept && store.numberFor(kept, id('alice')), TypeError)
    t.equal(await store.commit((batch) => store.numberFor(batch, id('bob'))), 1)
  },
}
