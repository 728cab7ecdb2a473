/** The published vectors of draft-irtf-cfrg-cpace for CPACE-RISTR255-SHA512, initiator and responder. */

import t from 'tap'
import {
  cpaceKey,
  cpaceProofs,
  cpaceShare,
  drawScalar,
  generatorString,
  sharedPoint,
  type CpaceMessages,
} from '../../protocol/cpace.ts'
import { sha512 } from '../../protocol/crypto.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const text = (letters: string): Uint8Array => new Uint8Array(Buffer.from(letters))
const hexOf = (each: Uint8Array): string => Buffer.from(each).toString('hex')
const scalarOf = (littleEndian: string): bigint => BigInt(`0x${hexOf(bytes(littleEndian).toReversed())}`)

const inputs = {
  secret: text('Password'),
  channel: text('\u000bA_initiator\u000bB_responder'),
  session: bytes('7e4b4791d6a8ef019b936c79fb7f2c57'),
}
const ya = scalarOf('da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08')
const yb = scalarOf('d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d')
const shareA = 'd6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157'
const shareB = '3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258'
const messages: CpaceMessages = {
  initiator: { share: bytes(shareA), data: text('ADa') },
  responder: { share: bytes(shareB), data: text('ADb') },
}

t.test('the generator, the shares, the point and the key are those of the draft', (t) => {
  const padded = generatorString(inputs)
  t.equal(padded.length, 170)
  t.equal(hexOf(padded.subarray(0, 27)), '11435061636552697374726574746f3235350850617373776f7264')
  t.equal(hexOf(padded.subarray(27, 29)), '6400', 'the length of the padding, 100, and its first zero')
  t.equal(
    hexOf(sha512(padded)),
    'da6d3ddc8802fca9058755ffd3ebde08a9c2c74945901a258482a288b6663af06bf645c93cd1c51512307199c80e84908916d983b34af77205f90851a657ee27',
  )
  t.equal(
    hexOf(cpaceShare(inputs, 1n)),
    '222b6b195fe84b1652badb6f6a3ae3d24341e7306967f0b8115b40d5698c7e56',
    'once the generator',
  )
  t.equal(hexOf(cpaceShare(inputs, ya)), shareA)
  t.equal(hexOf(cpaceShare(inputs, yb)), shareB)
  const point = '80b69a8a76457ab6a4d7f887a4bf6b55a2f80ac19c333f917a05fc9887c8b40f'
  t.equal(hexOf(sharedPoint(ya, bytes(shareB))), point)
  t.equal(hexOf(sharedPoint(yb, bytes(shareA))), point)
  const key =
    'b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c3fa2068af7900447'
  t.equal(hexOf(cpaceKey(inputs.session, ya, bytes(shareB), messages)), key)
  t.equal(hexOf(cpaceKey(inputs.session, yb, bytes(shareA), messages)), key)
  t.end()
})

t.test('points of the draft that are none end the exchange, and so does the neutral one', (t) => {
  const scalar = scalarOf('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05')
  t.equal(
    hexOf(sharedPoint(scalar, bytes('2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c'))),
    '7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e',
    'a good one',
  )
  for (const wrong of ['2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c', '00'.repeat(32), '00', ''])
    t.throws(() => sharedPoint(scalar, bytes(wrong)), { code: 'BAD_SHAPE' }, wrong)
  t.end()
})

t.test('a scalar is one that the group has, whatever is drawn', (t) => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  t.equal(drawScalar(new Uint8Array(64)), 1n)
  t.equal(drawScalar(bytes((order - 2n).toString(16)).toReversed()), order - 1n, 'the last')
  t.equal(drawScalar(bytes((order - 1n).toString(16)).toReversed()), 1n, 'and around')
  t.end()
})

t.test('whatever differs on one side gives it another key, and neither proof fits', (t) => {
  const mine = cpaceProofs(inputs.session, cpaceKey(inputs.session, ya, bytes(shareB), messages), messages)
  t.notSame(mine.initiator, mine.responder)
  const responderWith = (other: Partial<typeof inputs>): ReturnType<typeof cpaceProofs> => {
    const own = { ...inputs, ...other }
    const share = cpaceShare(own, yb)
    const said = { ...messages, responder: { ...messages.responder, share } }
    const heard = cpaceProofs(inputs.session, cpaceKey(inputs.session, ya, share, said), said)
    const theirs = cpaceProofs(own.session, cpaceKey(own.session, yb, bytes(shareA), said), said)
    t.equal(Buffer.compare(heard.initiator, theirs.initiator) === 0, Object.keys(other).length === 0)
    return theirs
  }
  t.same(responderWith({}), mine)
  for (const other of [{ secret: text('password') }, { channel: text('C') }, { session: bytes('00') }])
    t.notSame(responderWith(other).responder, mine.responder)
  const changed = { ...messages, initiator: { ...messages.initiator, data: text('other') } }
  t.notSame(cpaceKey(inputs.session, ya, bytes(shareB), changed), cpaceKey(inputs.session, ya, bytes(shareB), messages))
  t.end()
})
