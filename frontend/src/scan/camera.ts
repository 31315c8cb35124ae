/** A camera that looks for a code: permission, picture, decoding in a worker. The page sees states, never pictures. */

export type CameraState = 'asking' | 'starting' | 'looking' | 'found' | 'denied' | 'none' | 'busy' | 'insecure' | 'broken';

type Message = { kind: 'ready' } | { kind: 'broken' } | { kind: 'read'; text: string | null };

/** Pixels of the longer side that are decoded: enough for a card held at a hand's breadth, cheap enough for an old PC. */
const LONGER_SIDE = 960;

/** What a refusal of `getUserMedia` means for a person. */
export function causeOf(error: unknown): CameraState {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'broken';
}

export class CodeCamera {
  private stream: MediaStream | null = null;
  private worker: Worker | null = null;
  private readonly canvas = document.createElement('canvas');
  private stopped = true;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly show: (state: CameraState) => void,
    private readonly found: (text: string) => void,
  ) {}

  async start(): Promise<void> {
    this.stopped = false;
    // No camera for pages without TLS.
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media) return this.show('insecure');
    this.show('asking');
    let stream: MediaStream;
    try {
      stream = await media.getUserMedia({
        video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
    } catch (error) {
      return this.show(causeOf(error));
    }
    if (this.isStopped()) return stream.getTracks().forEach((track) => track.stop());
    this.stream = stream;
    this.show('starting');
    this.video.srcObject = stream;
    stream.getVideoTracks()[0]?.addEventListener('ended', () => !this.isStopped() && this.fail('busy'));
    await this.video.play().catch(() => undefined);
    this.worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
    this.worker.onerror = () => this.fail('broken');
    this.worker.onmessage = (event: MessageEvent<Message>) => this.onMessage(event.data);
  }

  stop(): void {
    this.stopped = true;
    this.worker?.terminate();
    this.worker = null;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  private isStopped(): boolean {
    return this.stopped;
  }

  private fail(state: CameraState): void {
    this.stop();
    this.show(state);
  }

  private onMessage(message: Message): void {
    if (this.stopped) return;
    if (message.kind === 'broken') return this.fail('broken');
    if (message.kind === 'ready') {
      this.show('looking');
      return this.look();
    }
    if (message.text) {
      this.stop();
      this.show('found');
      return this.found(message.text);
    }
    requestAnimationFrame(() => this.look());
  }

  /** Send the next picture; the worker's answer asks for another, so an old PC is never ahead of itself. */
  private look(): void {
    if (this.stopped) return;
    const { videoWidth: width, videoHeight: height } = this.video;
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    if (!width || !context) return void setTimeout(() => this.look(), 100);
    const scale = Math.min(1, LONGER_SIDE / Math.max(width, height));
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    const picture = context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    this.worker?.postMessage(picture, [picture.data.buffer]);
  }
}
