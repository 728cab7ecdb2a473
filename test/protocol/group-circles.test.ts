/** Removals that void each other: which of them holds follows from who made them, and from ids only where nothing else tells. */

import t from 'tap'
import { gardeners, out, role, roleIn, say, type Gardeners } from './group-cast.ts'

/** The same garden under other ids each time: what holds by the lower id holds by luck. */
function* gardens(): Generator<Gardeners> {
  for (let each = 0; each < 8; each += 1) {
    const at = gardeners([['change', 'member']])
    at.story.post(at.alice, say([['description', `${each}`]]))
    yield at
  }
}

t.test('of mutual removals that of the longest-standing owner holds, whichever has the lower id', async (t) => {
  const isLower = new Set<boolean>()
  for (const { alice, bob, erin, zed, story } of gardens()) {
    story.join(alice, [zed, 'owner'])
    const seen = story.tips
    const one = story.post(zed, out(bob), seen)
    const two = story.post(bob, out(zed), seen)
    isLower.add(two.id < one.id)
    const roster = story.roster()
    t.equal(roleIn(roster, bob), 'owner', 'Bob has been an owner for longer')
    t.equal(roleIn(roster, zed), undefined)
    t.equal(roleIn(roster, erin), 'reader')
  }
  t.equal(isLower.size, 2, 'by a lower id and by a higher one')
})

t.test('of mutual removals by owners of one standing that with the lower id holds', async (t) => {
  const isLower = new Set<boolean>()
  for (const { alice, bob, carol, dave, story } of gardens()) {
    const seen = story.tips
    const ups = [story.post(alice, role(carol, 'owner'), seen), story.post(alice, role(dave, 'owner'), seen)]
    const one = story.post(carol, out(dave), ups)
    const two = story.post(dave, out(carol), ups)
    isLower.add(one.id < two.id)
    const roster = story.roster()
    const [winner, loser] = one.id < two.id ? [carol, dave] : [dave, carol]
    t.equal(roleIn(roster, winner), 'owner')
    t.equal(roleIn(roster, loser), undefined)
    t.equal(roleIn(roster, bob), 'owner')
  }
  t.equal(isLower.size, 2)
})

t.test('in a circle of three the longest-standing owner stays, and the next one falls', async (t) => {
  const isLowest = new Set<boolean>()
  for (const { alice, bob, carol, dave, story } of gardens()) {
    story.post(alice, role(carol, 'owner'))
    story.post(alice, role(dave, 'owner'))
    const seen = story.tips
    const others = [story.post(dave, out(bob), seen), story.post(carol, out(dave), seen)]
    const bobs = story.post(bob, out(carol), seen)
    isLowest.add(others.every(({ id }) => bobs.id < id))
    const roster = story.roster()
    t.equal(roleIn(roster, bob), 'owner')
    t.equal(roleIn(roster, carol), undefined)
    t.equal(roleIn(roster, dave), 'owner', "Carol's removal fell with her")
  }
  t.equal(isLowest.size, 2)
})

t.test('a circle is decided before whatever one of it voids, by however long-standing an owner', async (t) => {
  for (const { alice, bob, carol, dave, zed, story } of gardens()) {
    story.join(alice, [zed, 'member'])
    story.post(alice, role(carol, 'owner'))
    story.post(alice, role(dave, 'owner'))
    const seen = story.tips
    story.post(carol, out(dave), seen)
    story.post(dave, out(carol), seen)
    story.post(carol, out(bob), seen)
    story.post(bob, out(zed), seen)
    story.post(zed, say([['name', 'Meanwhile']]), seen)
    const roster = story.roster()
    t.strictSame(
      [carol, dave, bob, zed].map((each) => roleIn(roster, each)),
      ['owner', undefined, undefined, 'member'],
    )
    t.equal(roster.settings.name, 'Meanwhile')
  }
})
