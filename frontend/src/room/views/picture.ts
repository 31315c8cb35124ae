import { h } from './dom';

/**
 * A moving picture that changes its source without going black: the new stream waits behind the old one until its first frame.
 */
export class Picture {
  readonly element: HTMLElement;
  private track: MediaStreamTrack | null = null;
  private video: HTMLVideoElement | null = null;

  constructor(className = '') {
    this.element = h('div', { class: `picture ${className}` });
  }

  get shown(): MediaStreamTrack | null {
    return this.track;
  }

  show(track: MediaStreamTrack | null): void {
    if (track === this.track) return;
    this.track = track;
    const old = this.video;
    if (!track) {
      this.video = null;
      this.element.replaceChildren();
      return;
    }
    const video = h('video', { playsinline: true, autoplay: true, muted: true, 'aria-hidden': 'true' });
    video.muted = true; // the attribute alone does not mute a script-made element
    video.srcObject = new MediaStream([track]);
    this.video = video;
    this.element.prepend(video);
    const settle = (): void => {
      clearTimeout(timer);
      old?.remove();
    };
    const timer = setTimeout(settle, 1_500);
    video.addEventListener('loadeddata', settle, { once: true });
    video.play().catch(() => {}); // muted video may always play; a rejection means it was replaced meanwhile
  }
}
