/** Shapes of the local API: files that come with messages. */

/** A file, as a message refers to it and as far as it is here. */
export interface Attachment {
  /** Of the blob. */
  id: string
  /** As the sender calls it, for display only: never a path. May be empty. */
  name: string
  /** Media type, as the sender says. */
  type: string
  /** Bytes. */
  size: number
  /** `whole`: all of it is here, and verified. `coming`: it is being fetched. `missing`: nobody who has it is linked, or it waits to be asked for. */
  state: 'whole' | 'coming' | 'missing'
  /** Bytes that are here. */
  held: number
  /** What a page may show in place, by the first bytes of what is here and not by what the sender says; absent for what can only be saved. */
  shows?: 'picture' | 'video' | 'audio'
  /** Of a picture, in pixels, as it says of itself. */
  width?: number
  height?: number
  /**
   * Where it can be fetched. On TCP the address stands for its session for 10 minutes: it proves itself, for `<img>` and `<video>`.
   * Absent in `last` of a conversation.
   */
  url?: string
}
