/** Whether everything that npm installs is named by exact version and by hash. */

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

export type Manifest = Readonly<Partial<Record<(typeof kinds)[number], Readonly<Record<string, string>>>>>

interface Locked extends Manifest {
  readonly version?: string
  readonly integrity?: string
  /** Absent, or where the package was fetched from. */
  readonly resolved?: string
  readonly inBundle?: boolean
}

export interface LockFile {
  /** By path; the empty one is the project itself. */
  readonly packages: Readonly<Record<string, Locked>>
}

const exact = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.-]+)?$/

/** Names whose version is a range, a tag or a place. */
export const inexact = (manifest: Manifest): string[] =>
  kinds.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).flatMap(([name, version]) => (exact.test(version) ? [] : [name])),
  )

const registry = 'registry.npmjs.org'

type Versions = Readonly<Record<string, string>>

const holds = (one: Versions, other: Versions): boolean =>
  Object.entries(other).every(([name, version]) => one[name] === version)

const same = (one: Versions = {}, other: Versions = {}): boolean => holds(one, other) && holds(other, one)

/** One sentence for each package that the lock file does not hold to one content. */
export function unpinned({ packages }: LockFile, manifest: Manifest): string[] {
  const { '': root = {}, ...others } = packages
  const found = kinds
    .filter((kind) => !same(root[kind], manifest[kind]))
    .map((kind) => `${kind} differ from package.json`)
  for (const [path, { integrity, resolved, inBundle }] of Object.entries(others)) {
    // What lies inside another package is covered by the hash of that.
    if (integrity === undefined && inBundle !== true) found.push(`${path} has no integrity`)
    const host = resolved === undefined ? registry : new URL(resolved).host
    if (host !== registry) found.push(`${path} comes from ${host}`)
  }
  return found
}
