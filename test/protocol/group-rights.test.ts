import t from 'tap'
import { groupRights, mayGive, mayRule, mostGiven, rankOf, rolesUpwards } from '../../protocol/group-rights.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import { avatarValue, readAvatar } from '../../protocol/group-settings.ts'
import { blobIdOf, generationOf } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/operation.ts'
import { fill } from './cast.ts'
import {
  add,
  end,
  entryIdAt,
  everyone,
  gardeners,
  type Gardeners,
  GroupStory,
  out,
  role,
  roleIn,
  say,
  type Someone,
} from './group-cast.ts'

t.test('a group is what its creation says, by the founder alone', async (t) => {
  const { alice, bob } = everyone()
  const story = new GroupStory(alice, [bob], [['name', 'Gardeners']])
  const roster = story.roster()
  t.strictSame([...roster.members.values()], [{ person: alice.person, role: 'owner', state: 'joined' }])
  t.equal(roster.root, alice.person)
  t.equal(roster.settings.name, 'Gardeners')
  t.strictSame(roster.devices, new Set([alice.device.device]))
  const forged = new GroupStory({ ...bob, person: alice.person }, [alice])
  t.equal(forged.roster().members.size, 0, "in somebody else's name")
})

t.test('who was added belongs after they accept, and may decline or leave', async (t) => {
  const { alice, zed, story } = gardeners()
  story.post(alice, add(zed))
  t.equal(roleIn(story.roster(), zed), 'invited')
  t.notOk(story.roster().devices.has(zed.device.device))
  story.post(zed, { kind: 'decline' })
  t.equal(roleIn(story.roster(), zed), undefined)
  story.post(zed, { kind: 'accept' })
  t.equal(roleIn(story.roster(), zed), undefined, 'an invitation that was declined is over')
  story.join(alice, [zed, 'member'])
  t.ok(story.roster().posters.has(zed.device.device))
  story.post(zed, { kind: 'leave', cutOffs: [end(zed, 3)] })
  t.equal(roleIn(story.roster(), zed), undefined)
  t.strictSame(story.roster().cutOffs, [end(zed, 3)])
})

const actions: readonly {
  readonly what: string
  readonly least: Role
  readonly done: (at: Gardeners, by: Someone) => (roster: GroupRoster) => boolean
}[] = [
  {
    what: 'add a member',
    least: 'admin',
    done: ({ story, zed }, by) => {
      story.post(by, add(zed))
      return (roster) => roleIn(roster, zed) === 'invited'
    },
  },
  {
    what: 'add an admin',
    least: 'owner',
    done: ({ story, zed }, by) => {
      story.post(by, add(zed, 'admin'))
      return (roster) => roleIn(roster, zed) === 'invited'
    },
  },
  {
    what: 'make an invite',
    least: 'admin',
    done: ({ story }, by) => {
      story.invite(by)
      return ({ invites }) => invites.length === 1
    },
  },
  {
    what: 'let in who shows an invite',
    least: 'reader',
    done: ({ story, alice, zed }, by) => {
      story.admit(by, zed, story.invite(alice))
      return (roster) => roleIn(roster, zed) === 'member'
    },
  },
  {
    what: "take back another's invite",
    least: 'admin',
    done: ({ story, alice }, by) => {
      const invite = story.invite(alice)
      story.post(by, { kind: 'revokeInvite', invite: invite.id })
      return ({ invites }) => invites.length === 0
    },
  },
  {
    what: 'remove a member',
    least: 'admin',
    done: ({ story, dave }, by) => {
      story.post(by, out(dave))
      return (roster) => roleIn(roster, dave) === undefined
    },
  },
  {
    what: 'remove an admin',
    least: 'owner',
    done: ({ story, carol }, by) => {
      story.post(by, out(carol))
      return (roster) => roleIn(roster, carol) === undefined
    },
  },
  {
    what: 'let a reader speak',
    least: 'admin',
    done: ({ story, erin }, by) => {
      story.post(by, role(erin, 'member'))
      return (roster) => roleIn(roster, erin) === 'member'
    },
  },
  {
    what: 'make somebody an admin',
    least: 'owner',
    done: ({ story, erin }, by) => {
      story.post(by, role(erin, 'admin'))
      return (roster) => roleIn(roster, erin) === 'admin'
    },
  },
  {
    what: 'change the name',
    least: 'admin',
    done: ({ story }, by) => {
      story.post(by, say([['name', 'Gardeners']]))
      return ({ settings }) => settings.name === 'Gardeners'
    },
  },
  {
    what: 'change the rules',
    least: 'owner',
    done: ({ story }, by) => {
      story.post(by, say([['invite', 'member']]))
      return ({ settings }) => settings.invite === 'member'
    },
  },
  {
    what: 'end a feed of somebody who was removed',
    least: 'admin',
    done: ({ story, alice, zed }, by) => {
      story.join(alice, [zed, 'member'])
      story.post(alice, out(zed))
      story.post(by, { kind: 'cutOff', cutOffs: [end(zed, 1)] })
      return ({ cutOffs }) => cutOffs.length === 1
    },
  },
  {
    what: 'make an epoch',
    least: 'reader',
    done: ({ story }, by) => {
      story.mint(by)
      return ({ epochs }) => epochs.size === 1
    },
  },
  {
    what: 'close the group',
    least: 'owner',
    done: ({ story }, by) => {
      story.post(by, { kind: 'close' })
      return ({ closed, posters }) => closed && posters.size === 0
    },
  },
]

for (const { what, least, done } of actions) {
  t.test(`${what}: ${least} or more`, async (t) => {
    const names = { alice: 'owner', bob: 'owner', carol: 'admin', dave: 'member', erin: 'reader' } as const
    for (const [name, given] of Object.entries(names)) {
      const at = gardeners()
      const by = at[name as keyof typeof names]
      const happened = done(at, by)
      // Who would act on themselves is not asked here.
      const actsOnSelf = (what.includes('remove a') || what.includes('speak')) && !happened(at.story.roster())
      const isSelf = (what === 'remove an admin' && name === 'carol') || (what === 'remove a member' && name === 'dave')
      if (!isSelf) t.equal(happened(at.story.roster()), rankOf(given) >= rankOf(least), name)
      else t.ok(actsOnSelf, `${name} leaves, and is not removed by themselves`)
    }
    const at = gardeners()
    const happened = done(at, at.zed)
    t.notOk(happened(at.story.roster()), 'a stranger')
    const invited = gardeners()
    invited.story.post(invited.alice, add(invited.zed, 'owner'))
    const mayNot = done(invited, invited.zed)
    if (!what.includes('add') && !what.includes('let in') && !what.includes('removed')) {
      t.notOk(mayNot(invited.story.roster()), 'somebody who has not accepted')
    }
  })
}

t.test('a higher role may do all that a lower one may', async (t) => {
  for (const [at, low] of rolesUpwards.entries()) {
    for (const high of rolesUpwards.slice(at)) {
      t.ok(rankOf(mostGiven[high]) >= rankOf(mostGiven[low]))
      for (const other of rolesUpwards) {
        t.ok(!mayRule(low, other) || mayRule(high, other), `${low} ${high} ${other}`)
        t.ok(!mayGive(low, other) || mayGive(high, other), `${low} ${high} ${other}`)
      }
    }
  }
  t.ok(rolesUpwards.every((given) => mayRule('owner', given)))
  t.strictSame(Object.keys(groupRights).length, 10)
})

t.test('an admin neither removes nor lowers another admin, and makes none', async (t) => {
  const { alice, carol, dave, erin, story } = gardeners()
  story.post(alice, role(dave, 'admin'))
  story.post(dave, out(carol))
  story.post(dave, role(carol, 'reader'))
  story.post(dave, role(erin, 'admin'))
  t.equal(roleIn(story.roster(), carol), 'admin')
  t.equal(roleIn(story.roster(), erin), 'reader')
  story.post(dave, role(dave, 'member'))
  t.equal(roleIn(story.roster(), dave), 'member', 'but may step down')
  story.post(dave, role(dave, 'admin'))
  t.equal(roleIn(story.roster(), dave), 'member', 'and not up again')
})

t.test('settings open and shut what they say, and what they mean nothing by changes nothing', async (t) => {
  const { alice, dave, erin, zed, story } = gardeners([['invite', 'member']])
  story.post(dave, add(zed))
  t.equal(roleIn(story.roster(), zed), 'invited')
  story.post(alice, say([['change', 'member']]))
  story.post(dave, say([['name', 'Growers']]))
  story.post(erin, say([['name', 'Readers']]))
  t.equal(story.roster().settings.name, 'Growers')
  story.post(
    alice,
    say([
      ['post', 'reader'],
      ['history', 'sometimes'],
      ['avatar', 'red'],
      ['name', 'x'.repeat(65)],
    ]),
  )
  const { settings } = story.roster()
  t.match(settings, { post: 'member', history: 'joining', avatar: undefined, name: 'Growers' })
  story.post(
    alice,
    say([
      ['avatar', '#12ab34'],
      ['description', 'About'],
      ['history', 'everything'],
    ]),
  )
  t.match(story.roster().settings, { avatar: { color: '#12ab34' }, description: 'About', history: 'everything' })
})

t.test('in a broadcast group only admins post, and who may not any more ends where the setting says', async (t) => {
  const { alice, carol, dave, erin, bob, story } = gardeners()
  const cutOffs = [end(dave, 4), end(alice, 5)]
  story.post(alice, { kind: 'settings', settings: [['post', 'admin']], cutOffs })
  const roster = story.roster()
  t.ok(roster.settings.isBroadcast)
  t.strictSame(roster.posters, new Set([alice, bob, carol].map(({ device }) => device.device)))
  t.strictSame(roster.cutOffs, [end(dave, 4)], 'only of those who lose the right')
  t.strictSame(roster.standingOf(dave.device.device, end(dave).generation), { upTo: [entryIdAt(4)] })
  t.equal(roster.standingOf(dave.device.device, generationOf(fill(77, 8))), 'none')
  t.equal(roster.standingOf(alice.device.device, end(alice).generation), 'all')
  t.equal(roster.standingOf(erin.device.device, end(erin).generation), 'none')
})

t.test('settings said at one time: the stricter rule, else the later word', async (t) => {
  const { alice, bob, story, seen } = gardeners()
  story.post(
    alice,
    say([
      ['invite', 'owner'],
      ['history', 'everything'],
      ['name', 'First'],
    ]),
    seen,
  )
  story.post(
    bob,
    say([
      ['invite', 'member'],
      ['history', 'joining'],
      ['name', 'Second'],
    ]),
    seen,
  )
  t.match(story.roster().settings, { invite: 'owner', history: 'joining', name: 'Second' })
  story.post(
    bob,
    say([
      ['invite', 'member'],
      ['name', 'Third'],
    ]),
  )
  t.match(story.roster().settings, { invite: 'member', name: 'Third' }, 'and what has seen both replaces both')
})

t.test('an avatar is a colour or a picture, and what is neither is none', async (t) => {
  const picture = { id: blobIdOf(fill(1)), key: fill(2), size: 5, type: 'image/png', name: 'us.png', hash: fill(3) }
  for (const avatar of [undefined, { color: '#12ab34' }, { picture }]) {
    t.strictSame(readAvatar(avatarValue(avatar)), avatar)
  }
  for (const wrong of ['red', '#12AB34', '!', avatarValue({ picture }).slice(1)]) t.equal(readAvatar(wrong), undefined)
  t.throws(() => avatarValue({ picture: { ...picture, name: 'x'.repeat(255) } }), { code: 'TOO_LARGE' })
})
