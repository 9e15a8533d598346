import type { Input, InputVideoTrack, Source } from "mediabunny";
import { PrumergeError } from "../../errors.js";
import { noVideo } from "../../video/file-kind.js";
import { checkFrame, checkSeconds, type VideoLimits } from "../../video/limits.js";
import type { Deadline } from "./deadline.js";
import type { Turn } from "./frame-picture.js";
import type { Mediabunny } from "./load-mediabunny.js";

/** A video file whose header was read, and whose frames this browser decodes. */
export interface ClipFile {
  readonly media: Mediabunny;
  readonly track: InputVideoTrack;
  readonly config: VideoDecoderConfig;
  readonly codec: string;
  readonly turn: Turn;
  readonly limits: VideoLimits;
  readonly where: string;
  readonly deadline: Deadline;
}

/**
 * Opens a video file, hands it to `read` and closes it; what its header says is refused here where that is too much already.
 *
 * @throws PrumergeError INVALID_VIDEO for what is no video, or of a kind that this browser decodes not; LIMIT_EXCEEDED; ABORTED
 */
export async function withClip<Result>(
  media: Mediabunny,
  source: Source,
  given: Pick<ClipFile, "limits" | "where" | "deadline">,
  read: (clip: ClipFile) => Promise<Result>,
): Promise<Result> {
  const { deadline, where } = given;
  deadline.check();
  const { MP4, QTFF, MATROSKA, WEBM, MPEG_TS } = media;
  // No playlists among them: they name other files.
  const input = new media.Input({ source, formats: [MP4, QTFF, MATROSKA, WEBM, MPEG_TS] });
  const close = () => input.dispose();
  deadline.signal.addEventListener("abort", close, { once: true });
  try {
    return await read({ media, ...given, ...(await describe(media, input, given)) });
  } catch (cause) {
    deadline.check();
    if (PrumergeError.isInstance(cause)) throw cause;
    throw new PrumergeError("INVALID_VIDEO", "a video file is damaged, or of a kind that is not read", {
      where,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  } finally {
    deadline.signal.removeEventListener("abort", close);
    close();
  }
}

async function describe(
  media: Mediabunny,
  input: Input,
  { limits, where }: Pick<ClipFile, "limits" | "where">,
): Promise<Pick<ClipFile, "track" | "config" | "codec" | "turn">> {
  await input.getFormat().catch((cause: unknown) => {
    if (cause instanceof media.UnsupportedInputFormatError) throw otherContainer(where);
    throw cause;
  });
  const [track] = await input.getVideoTracks();
  if (track === undefined) {
    const [sound] = await input.getAudioTracks();
    if (sound !== undefined) throw noVideo(where, "sound without pictures");
    const help = "The file may have been cut off: fetch it again.";
    throw noVideo(where, "no pictures, or no index of them", help);
  }
  checkFrame(await track.getCodedWidth(), await track.getCodedHeight(), limits, where);
  const seconds = await input.getDurationFromMetadata([track]);
  if (seconds !== null) checkSeconds(seconds, limits, where);
  const codec = await track.getCodec();
  const config = codec === null ? null : await track.getDecoderConfig();
  if (codec === null || config === null) throw undecoded(where, String(await track.getInternalCodecId()));
  const decoder = withUsualColours(config);
  const { supported } = await VideoDecoder.isConfigSupported(decoder).catch(() => ({ supported: false }));
  if (supported !== true) throw undecoded(where, `${codec} (${config.codec})`);
  const turn = { degrees: await track.getRotation(), flipped: await track.getFlip() };
  return { track, config: decoder, codec, turn };
}

/** Where nothing says how colours are stored they are taken for BT.601, like ffmpeg does, and not for what the browser guesses. */
function withUsualColours(config: VideoDecoderConfig): VideoDecoderConfig {
  const { matrix, fullRange } = config.colorSpace ?? {};
  if (matrix !== undefined && matrix !== null) return config;
  const usual = "smpte170m" as const;
  const colorSpace = { primaries: usual, transfer: usual, matrix: usual, fullRange: fullRange ?? false };
  return { ...config, colorSpace };
}

function otherContainer(where: string): PrumergeError {
  return new PrumergeError("INVALID_VIDEO", "not a video that is read in a browser", {
    where,
    expected: "MP4, MOV, WebM, MKV or an MPEG transport stream",
    found: "another kind of file",
    help: "Convert it first: ffmpeg -i clip.avi clip.mp4.",
  });
}

function undecoded(where: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_VIDEO", "this browser does not decode the video", {
    where,
    expected: "H.264, VP8, VP9 or AV1, as most browsers have them",
    found,
    help: "Convert it (ffmpeg -i clip.mp4 -c:v libvpx-vp9 clip.webm), or ask a server or a program in Node about it.",
  });
}
