/** What the local API does and which free words it takes, by its own description, and what of it a test has asked for. */

interface Schema {
  /** Several where it may also be null. */
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly $ref?: string
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}

/** The parts of an OpenAPI document that are read here. */
export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

function wordsOf(schema: Schema, { components }: Described, at: string): string[] {
  const deeper = (each: Schema, place: string): string[] => wordsOf(each, { components, paths: {} }, place)
  if (schema.$ref !== undefined) return deeper(components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, at)
  const parts = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]
  const found = parts.flatMap((each) => deeper(each, at))
  if (schema.items !== undefined) found.push(...deeper(schema.items, at))
  for (const [name, each] of Object.entries(schema.properties ?? {})) found.push(...deeper(each, `${at} ${name}`))
  if ([schema.type ?? []].flat().includes('string') && schema.enum === undefined && schema.const === undefined)
    found.push(at)
  return [...new Set(found)]
}

/** `METHOD /path member`, for each member of a body that takes any words. */
export const wordsTaken = (api: Described): string[] =>
  Object.entries(api.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema
      return schema === undefined ? [] : wordsOf(schema, api, `${method.toUpperCase()} ${path}`)
    }),
  )

/** `METHOD /path`, for each request that may change something. */
export const changesOffered = (api: Described): string[] =>
  Object.entries(api.paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => method !== 'get')
      .map((method) => `${method.toUpperCase()} ${path}`),
  )

/** A request and its words, as changesOffered() and wordsTaken() call them. */
export function partsOf(api: Described, method: string, path: string, body: unknown): string[] {
  const asked = path.split('?')[0]?.split('/') ?? []
  const template = Object.keys(api.paths).find((each) => {
    const parts = each.replace(/^\/api\/v1/, '').split('/')
    return parts.length === asked.length && parts.every((part, at) => part.startsWith('{') || part === asked[at])
  })
  return [`${method} ${template}`, ...wordsWithin(body, `${method} ${template}`)]
}

function wordsWithin(value: unknown, at: string): string[] {
  if (typeof value === 'string') return [at]
  if (Array.isArray(value)) return value.flatMap((each) => wordsWithin(each, at))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => wordsWithin(each, `${at} ${name}`))
}
