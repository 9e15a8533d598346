/** What protects the server; every one can be set, none can be turned off. */
export interface ServerLimits {
  /** Bytes of a request's body. Default 32 MiB. */
  readonly bodyBytes: number;
  /** Bytes of all bodies being received or worked on. Default 256 MiB. */
  readonly heldBytes: number;
  /** Bytes of one picture file. Default 16 MiB. */
  readonly pictureBytes: number;
  /** Width x height of one picture, known before it is decoded. Default 40 million. */
  readonly picturePixels: number;
  /** Bytes of one video file. Default 64 MiB. */
  readonly videoBytes: number;
  /** Length of one video. Default 600 s. */
  readonly videoSeconds: number;
  /** Width x height of a video's frames. Default 10 million, so that 4K is taken. */
  readonly videoPixels: number;
  /** Pixels of all frames of one video that are taken, 3 bytes each. Default 100 million. */
  readonly videoTakenPixels: number;
  /** Milliseconds that decoding one video may take. Default 60 s. */
  readonly videoMilliseconds: number;
  /** Pictures and videos of one request. Default 8. */
  readonly pictures: number;
  /** Characters of all texts of one request, before they are tokenised. Default 131,072. */
  readonly textCharacters: number;
  /** Tokens of one prompt, visual tokens included. Default: the model's context. */
  readonly promptTokens: number;
  /** Tokens of one answer. Default 2048. */
  readonly outputTokens: number;
  /** Requests worked on at the same time. Default 16. */
  readonly running: number;
  /** Requests that wait for their turn; one more is answered 429. Default 128. */
  readonly waiting: number;
  /** Open connections. Default 1024. */
  readonly connections: number;
  /** Milliseconds for a request's headers to come. Default 10 s. */
  readonly headersMilliseconds: number;
  /** Milliseconds for a whole request, body included, to come. Default 60 s. */
  readonly bodyMilliseconds: number;
  /** Milliseconds that a request may take altogether. Default 10 min. */
  readonly requestMilliseconds: number;
  /** Milliseconds that a client may leave an answer unread. Default 30 s. */
  readonly stalledMilliseconds: number;
  /** Milliseconds that requests under way get when the server is told to end. Default 30 s. */
  readonly drainMilliseconds: number;
  /** Milliseconds for a picture to be fetched, redirects included. Default 10 s. */
  readonly fetchMilliseconds: number;
}

const mebibyte = 2 ** 20;

export const defaultLimits: ServerLimits = {
  bodyBytes: 32 * mebibyte,
  heldBytes: 256 * mebibyte,
  pictureBytes: 16 * mebibyte,
  picturePixels: 40_000_000,
  videoBytes: 64 * mebibyte,
  videoSeconds: 600,
  videoPixels: 10_000_000,
  videoTakenPixels: 100_000_000,
  videoMilliseconds: 60_000,
  pictures: 8,
  textCharacters: 131_072,
  promptTokens: Number.MAX_SAFE_INTEGER,
  outputTokens: 2048,
  running: 16,
  waiting: 128,
  connections: 1024,
  headersMilliseconds: 10_000,
  bodyMilliseconds: 60_000,
  requestMilliseconds: 600_000,
  stalledMilliseconds: 30_000,
  drainMilliseconds: 30_000,
  fetchMilliseconds: 10_000,
};
