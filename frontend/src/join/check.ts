/** Camera and microphone, tried before the waiting room. Words come from the page, so that they are translated once. */

const HEARD = 0.06;
const LISTEN_MS = 4000;

export type Cause = 'denied' | 'missing' | 'in_use' | 'old';

/** Why devices could not be opened, by the name of the browser's error (W3C Media Capture, 10.2.2). */
export function causeOf(name: string): Cause {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    default:
      return 'in_use';
  }
}

/** The level of a stretch of sound, 0 to 1, from bytes around 128: quiet speech is well above a tenth. */
export function levelOf(samples: Uint8Array): number {
  let sum = 0;
  for (const sample of samples) sum += ((sample - 128) / 128) ** 2;
  return Math.min(1, Math.sqrt(sum / Math.max(1, samples.length)) * 4);
}

export class Check {
  /** The check whose devices are open now. */
  static current: Check | null = null;
  private readonly video: HTMLVideoElement;
  private readonly start: HTMLButtonElement;
  private stream: MediaStream | null = null;
  private sound: AudioContext | null = null;
  private frame = 0;

  constructor(private readonly root: HTMLElement) {
    this.video = root.querySelector('video') as HTMLVideoElement;
    this.start = root.querySelector('[data-start]') as HTMLButtonElement;
  }

  /** Offer the button: devices are asked for by a touch, never by the page. */
  ready(): void {
    // The type says that it is always there; an old browser, or a page without HTTPS, has none.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!devices?.getUserMedia || !('RTCPeerConnection' in window)) return this.say('camera', 'camera.old');
    this.start.hidden = false;
    this.start.addEventListener('click', () => void this.open());
    addEventListener('pagehide', () => this.stop());
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.stream?.getTracks().forEach((track) => track.stop());
    void this.sound?.close();
    this.stream = this.sound = null;
  }

  private async open(): Promise<void> {
    this.stop();
    this.start.disabled = true;
    try {
      this.stream = await this.ask();
      Check.current = this;
      const [picture] = this.stream.getVideoTracks();
      if (picture) {
        this.video.srcObject = this.stream;
        this.video.hidden = false;
        await this.video.play().catch(() => undefined);
        this.say('camera', null);
      } else {
        this.video.hidden = true;
        this.say('camera', 'camera.missing');
      }
      this.listen(this.stream);
      this.start.hidden = true;
    } catch (error) {
      this.video.hidden = true;
      this.say('camera', `camera.${causeOf((error as DOMException).name)}`);
      const label = this.start.lastChild;
      if (label) label.textContent = this.words('start.again');
    } finally {
      this.start.disabled = false;
    }
  }

  /** Both, or sound alone where there is no camera: a visit can be heard. */
  private async ask(): Promise<MediaStream> {
    const video = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } };
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: true, video });
    } catch (error) {
      if (causeOf((error as DOMException).name) !== 'missing') throw error;
      return await navigator.mediaDevices.getUserMedia({ audio: true });
    }
  }

  private listen(stream: MediaStream): void {
    this.sound = new AudioContext();
    const analyser = this.sound.createAnalyser();
    analyser.fftSize = 1024;
    this.sound.createMediaStreamSource(stream).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    const meter = this.root.querySelector('.meter') as HTMLElement;
    const bar = meter.firstElementChild as HTMLElement;
    const since = performance.now();
    let heard = false;
    const look = (): void => {
      analyser.getByteTimeDomainData(samples);
      const level = levelOf(samples);
      bar.style.setProperty('--level', String(level));
      meter.setAttribute('aria-valuenow', String(Math.round(level * 100)));
      if (!heard && level > HEARD) {
        heard = true;
        this.say('microphone', 'microphone.heard');
      } else if (!heard && performance.now() - since > LISTEN_MS) this.say('microphone', 'microphone.silent');
      this.frame = requestAnimationFrame(look);
    };
    look();
  }

  private say(where: 'camera' | 'microphone', words: string | null): void {
    const line = this.root.querySelector(`[data-say="${where}"]`) as HTMLElement;
    const text = words === null ? '' : this.words(words);
    if (line.textContent === text) return;
    line.textContent = text;
    line.hidden = text === '';
  }

  private words(name: string): string {
    return this.root.querySelector<HTMLTemplateElement>(`[data-words="${name}"]`)?.content.textContent ?? '';
  }
}
