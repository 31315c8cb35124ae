/** How a camera is sent: which simulcast layers its height allows, how fast each may be, and which are on. Pure. */

export interface Layer {
  readonly rid: string;
  /** The picture is sent so many times smaller. */
  readonly scale: number;
  readonly maxBitrate: number;
}

const BITRATE: Readonly<Record<string, number>> = { q: 150_000, h: 500_000, f: 1_200_000 };
const layer = (rid: string, scale: number): Layer => ({ rid, scale, maxBitrate: BITRATE[rid] ?? 0 });

/**
 * The layers for a camera of a height. libwebrtc sends three from 960×540, two from 480×270, else one, and leaves out the *last*
 * rids; so the factors follow the height, or a small camera would lose its only sharp picture.
 */
export function layersFor(height: number): readonly Layer[] {
  if (height >= 540) return [layer('q', 4), layer('h', 2), layer('f', 1)];
  if (height >= 270) return [layer('q', 2), layer('h', 1)];
  return [layer('q', 1)];
}

export interface Wish {
  /** Height of the camera's picture in pixels. */
  readonly height: number;
  /** The rids anybody can use; null while nobody has said. */
  readonly wanted: readonly string[] | null;
  /** No moving picture is to leave, whoever wants one. */
  readonly silenced: boolean;
}

/** Set a camera's encodings as wished. One without rid stands for a browser that sends a single picture. */
export function setEncodings(encodings: readonly RTCRtpEncodingParameters[], { height, wanted, silenced }: Wish): void {
  const layers = layersFor(height);
  for (const encoding of encodings) {
    if (encoding.rid === undefined) {
      encoding.active = !silenced;
      encoding.maxBitrate = BITRATE['f'] ?? 0;
      continue;
    }
    const mine = layers.find((one) => one.rid === encoding.rid);
    encoding.active = !silenced && mine !== undefined && (wanted?.includes(mine.rid) ?? true);
    encoding.scaleResolutionDownBy = mine?.scale ?? 1;
    if (mine) encoding.maxBitrate = mine.maxBitrate;
  }
}
