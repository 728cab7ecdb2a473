/** A certificate authority of a test's own, and a certificate for this machine that it signed: X.509 (RFC 5280) by hand, P-256. */

import { createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

export interface TestCertificates {
  /** What a client has to trust, PEM. */
  readonly ca: string
  /** What a server shows, for `localhost`, 127.0.0.1 and `names`, PEM. */
  readonly cert: string
  /** Its private key, PEM. */
  readonly key: string
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Uint8Array.from([tag, ...size]), body])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const objectId = (...bytes: readonly number[]): Buffer => der(0x06, Uint8Array.from(bytes))
const bits = (bytes: Uint8Array): Buffer => der(0x03, Uint8Array.of(0), bytes)

/** ecdsa-with-SHA256 */
const algorithm = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))

/** A name of one part, the common name. */
const nameOf = (common: string): Buffer =>
  sequence(der(0x31, sequence(objectId(0x55, 0x04, 0x03), der(0x0c, Buffer.from(common)))))

const extension = (last: number, isCritical: boolean, value: Uint8Array): Buffer =>
  sequence(objectId(0x55, 0x1d, last), ...(isCritical ? [der(0x01, Uint8Array.of(255))] : []), der(0x04, value))

const basicConstraints = (isAuthority: boolean): Buffer =>
  extension(0x13, true, isAuthority ? sequence(der(0x01, Uint8Array.of(255))) : sequence())

const alternativeNames = (names: readonly string[]): Buffer =>
  extension(
    0x11,
    false,
    sequence(...names.map((name) => der(0x82, Buffer.from(name))), der(0x87, Uint8Array.of(127, 0, 0, 1))),
  )

function certificate(
  issuer: { readonly name: string; readonly key: KeyObject },
  subject: { readonly name: string; readonly key: KeyObject },
  extensions: readonly Uint8Array[],
): string {
  const serial = randomBytes(16)
  // Positive, and in as few bytes as there are.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, serial),
    algorithm,
    nameOf(issuer.name),
    sequence(der(0x18, Buffer.from('20200101000000Z')), der(0x18, Buffer.from('21200101000000Z'))),
    nameOf(subject.name),
    createPublicKey(subject.key).export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  )
  const whole = sequence(body, algorithm, bits(sign('sha256', body, issuer.key)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

/** New ones at each call. */
export function createCertificates(names: readonly string[] = []): TestCertificates {
  const authority = { name: 'An authority of a test', key: newKey() }
  const server = { name: 'localhost', key: newKey() }
  return {
    ca: certificate(authority, authority, [basicConstraints(true)]),
    cert: certificate(authority, server, [basicConstraints(false), alternativeNames(['localhost', ...names])]),
    key: server.key.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}
