/**
 * Still pictures beside the sound, for lines that carry no moving ones: one of my camera every four seconds while somebody looks,
 * and the newest of the others'. They go over HTTP, keep to the size the server takes, and are kept nowhere.
 */

import type { StillReady } from '../../protocol/messages.gen';

export const EVERY_MS = 4_000;
export const MAX_BYTES = 60 * 1024;
const MAX_WIDTH = 640;
const MAX_HEIGHT = 480;
const QUALITIES = [0.6, 0.4, 0.25];
const PATIENCE_MS = 10_000;

/** The size a camera's picture is sent in: within 640×480, never enlarged, its proportions kept. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Looks at one camera, for as long as stills of it are wanted. */
export class Photographer {
  private readonly video = document.createElement('video');
  private readonly canvas = document.createElement('canvas');
  private track: MediaStreamTrack | null = null;

  /** A JPEG of what the camera sees now; null when it shows nothing yet, or cannot be made small enough. */
  async take(track: MediaStreamTrack): Promise<Blob | null> {
    const { video, canvas } = this;
    if (track !== this.track) {
      this.track = track;
      video.muted = video.playsInline = true;
      video.srcObject = new MediaStream([track]);
      await video.play().catch(() => {});
    }
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return null;
    Object.assign(canvas, fitted(video.videoWidth, video.videoHeight));
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
      if (blob && blob.size <= MAX_BYTES) return blob;
    }
    return null;
  }

  rest(): void {
    this.track = null;
    this.video.srcObject = null;
  }
}

export interface SenderPort {
  /** My camera while stills of it are wanted, else null. */
  camera(): MediaStreamTrack | null;
  take(track: MediaStreamTrack): Promise<Blob | null>;
  put(picture: Blob): Promise<void>;
  rest(): void;
}

/** Sends one still every four seconds; one that is late is not followed by another. */
export class StillSender {
  private nextAt = 0;
  private busy = false;
  private idle = true;

  constructor(private readonly port: SenderPort) {}

  tick(now: number): void {
    const camera = this.port.camera();
    if (!camera) {
      if (!this.idle && !this.busy) {
        this.idle = true;
        this.port.rest();
      }
      return;
    }
    if (this.busy || now < this.nextAt) return;
    this.idle = false;
    this.busy = true;
    this.nextAt = now + EVERY_MS;
    void this.send(camera).finally(() => (this.busy = false));
  }

  private async send(camera: MediaStreamTrack): Promise<void> {
    try {
      const picture = await this.port.take(camera);
      if (picture) await this.port.put(picture);
    } catch {
      // The next one will do; sound is what matters.
    }
  }
}

export async function putStill(url: string, csrfToken: string, picture: Blob): Promise<void> {
  await fetch(url, {
    method: 'PUT',
    body: picture,
    headers: { 'Content-Type': 'image/jpeg', 'X-CSRFToken': csrfToken, Accept: 'application/json' },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

/** A picture as it is shown. */
export interface Still {
  readonly url: string;
  readonly takenAt: string;
}

export interface ViewerPort {
  get(participant: string, seq: number | null): Promise<Blob | null>;
  /** A picture to show, or null when there is none any more. */
  show(participant: string, still: Still | null): void;
}

/** Fetches the newest still of those whose pictures do not move here, one at a time each. */
export class StillViewer {
  private readonly shown = new Map<string, { url: string; seq: number }>();
  private readonly newest = new Map<string, StillReady>();
  private readonly busy = new Set<string>();
  private looking: ReadonlySet<string> = new Set();

  constructor(private readonly port: ViewerPort) {}

  /** Whose stills are looked at now. Of nobody else anything is fetched or kept. */
  look(participants: ReadonlySet<string>): void {
    for (const one of this.looking) if (!participants.has(one)) this.forget(one);
    this.looking = participants;
    for (const one of participants) void this.fetch(one);
  }

  ready(message: StillReady): void {
    this.newest.set(message.participant_id, message);
    void this.fetch(message.participant_id);
  }

  private async fetch(participant: string): Promise<void> {
    const wanted = this.newest.get(participant);
    const shown = this.shown.get(participant);
    if (!wanted || !this.looking.has(participant) || this.busy.has(participant) || shown?.seq === wanted.seq) return;
    this.busy.add(participant);
    let picture: Blob | null = null;
    try {
      picture = await this.port.get(participant, shown?.seq ?? null);
    } catch {
      // The next one is announced in a few seconds.
    }
    this.busy.delete(participant);
    if (!picture || !this.looking.has(participant)) return;
    const url = URL.createObjectURL(picture);
    this.shown.set(participant, { url, seq: wanted.seq });
    this.port.show(participant, { url, takenAt: wanted.taken_at });
    if (shown) URL.revokeObjectURL(shown.url);
    void this.fetch(participant); // a newer one may have been announced meanwhile
  }

  private forget(participant: string): void {
    const shown = this.shown.get(participant);
    this.shown.delete(participant);
    this.newest.delete(participant);
    this.port.show(participant, null);
    if (shown) URL.revokeObjectURL(shown.url);
  }
}

/** The newest still of a participant; null when what is here is still the newest, or there is none. */
export async function getStill(url: string, seq: number | null): Promise<Blob | null> {
  const response = await fetch(url, {
    headers: { Accept: 'image/jpeg', ...(seq === null ? {} : { 'If-None-Match': `"${seq}"` }) },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return response.status === 200 ? response.blob() : null;
}
