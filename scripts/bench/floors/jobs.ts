/** What the bench asks of a process that has the libraries and nothing around them. */

export type FloorJobs = {
  /** Listens on loopback, or on all interfaces with mDNS; answers its multiaddr with PeerId. `folder`: for its LevelDB. */
  start: { asks: { folder: string; mdns?: boolean }; answers: string }
  /** One durable record here, sent, one durable record there, echoed; in ms each. */
  echo: { asks: { to: string; count: number }; answers: number[] }
  /** As echo, with the cryptography that no message can do without. */
  message: { asks: { to: string; count: number }; answers: number[] }
  /** `message` behind a local HTTP request, until an event on a WebSocket. Answers the unix socket to ask at. */
  serveMessages: { asks: { to: string; socket: string }; answers: string }
  /** Records durable on both sides, in batches; ms for all. */
  flood: { asks: { to: string; count: number }; answers: number }
  /** So many bytes on one stream, ms until the far side has all. */
  stream: { asks: { to: string; bytes: number }; answers: number }
  /** TCP, Noise and yamux, ms each. */
  dial: { asks: { to: string; count: number }; answers: number[] }
  /** Keeps that many connections open to one address. */
  connect: { asks: { to: readonly string[] }; answers: number }
  /** Verifies one signature per run and writes its entries durably; ms until the first run is there, and all. */
  verify: { asks: { count: number }; answers: { firstMs: number; allMs: number } }
  /** Epoch ms at which the first peer was found by mDNS and connected. */
  linkedAt: { asks: object; answers: number }
  usage: { asks: object; answers: { rssBytes: number; cpuMicros: number } }
}
