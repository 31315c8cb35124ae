import { r } from '../../i18n/room';
import { canChooseSpeaker, listDevices, type InputKind } from '../media/devices';
import type { RoomKind } from '../boot';
import type { LocalMedia } from '../media/local';
import { meter, testTone } from '../media/sound';
import { button, h, icon, Rendered } from './dom';

/** Camera, microphone and speaker selects with meter and test tone: for the device check and for the dialog during the call. */
export class DeviceChoice {
  readonly element: HTMLElement;
  private readonly selects: Record<InputKind | 'speaker', HTMLSelectElement>;
  private readonly causes: Rendered;
  private readonly level = h(
    'div',
    { class: 'meter', role: 'meter', 'aria-label': r.check.level, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': 0 },
    h('span', { class: 'meter__bar' }),
  );
  private readonly over = new AbortController();
  private metered: MediaStreamTrack | null = null;
  private stopMeter: () => void = () => {};

  constructor(
    private readonly local: LocalMedia,
    kind: RoomKind = 'consultation',
  ) {
    const select = (kind: InputKind | 'speaker', run: (id: string | null) => void): HTMLSelectElement =>
      h('select', {
        id: `device-${kind}-${++count}`,
        onchange: (event) => run((event.target as HTMLSelectElement).value || null),
      });
    this.selects = {
      camera: select('camera', (id) => void local.choose('camera', id)),
      microphone: select('microphone', (id) => void local.choose('microphone', id)),
      speaker: select('speaker', (id) => local.chooseSpeaker(id)),
    };
    const tone = button('', 'volume-2', r.check.test, () => {
      const words = tone.querySelector('span');
      tone.disabled = true;
      if (words) words.textContent = r.check.testing;
      void testTone(local.choice.speakerId).finally(() => {
        tone.disabled = false;
        if (words) words.textContent = r.check.test;
      });
    });
    const causes = h('div', { class: 'stack stack--tight', role: 'status' });
    this.causes = new Rendered(causes);
    const field = (kind: InputKind | 'speaker', label: string, ...more: HTMLElement[]): HTMLElement =>
      h(
        'div',
        { class: 'field' },
        h('label', { class: 'field__label', for: this.selects[kind].id }, label),
        this.selects[kind],
        ...more,
      );
    const hint = h('p', { class: 'field__hint' }, r.check.speak);
    this.element = h(
      'div',
      { class: 'stack' },
      causes,
      field('camera', r.check.camera),
      field('microphone', r.check.microphone, this.level, hint),
      h('div', { class: 'device-speaker' }, field('speaker', r.check.speaker), tone),
      // Beside the room, so that the room stays as it is.
      // The line check is for people with an account.
      kind !== 'guest' && h('a', { class: 'button button--quiet', href: '/line-check/', target: '_blank', rel: 'noopener' }, icon('signal'), r.check.line),
    );
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.list(), { signal: this.over.signal });
  }

  /** Follow what is open now. */
  update(): void {
    void this.list();
    this.follow(this.local.tracks.microphone);
    const causes = this.local.causes;
    this.causes.show(JSON.stringify(causes), () => [
      ...(['camera', 'microphone'] as const).map((kind) => {
        const cause = causes[kind];
        return (
          cause &&
          h(
            'div',
            { class: 'notice notice--warn' },
            icon(kind === 'camera' ? 'video-off' : 'mic-off'),
            h('p', {}, r.cause[kind][cause]),
          )
        );
      }),
      (causes.camera ?? causes.microphone) &&
        button('', 'refresh-cw', r.check.retry, () => void this.local.open(Boolean(causes.microphone), Boolean(causes.camera))),
    ]);
  }

  stop(): void {
    this.over.abort();
    this.follow(null);
  }

  private follow(track: MediaStreamTrack | null): void {
    if (track === this.metered) return;
    this.stopMeter();
    this.metered = track;
    const bar = this.level.firstElementChild as HTMLElement;
    const show = (level: number): void => {
      bar.style.setProperty('--level', String(level));
      this.level.setAttribute('aria-valuenow', String(Math.round(level * 100)));
    };
    this.stopMeter = track ? meter(track, show) : () => {};
    if (!track) show(0);
  }

  private async list(): Promise<void> {
    const { cameras, microphones, speakers } = await listDevices();
    const fill = (
      select: HTMLSelectElement,
      devices: readonly MediaDeviceInfo[],
      current: string | null,
      fallback: string,
    ): void => {
      const options = devices.map((one) => h('option', { value: one.deviceId }, one.label || one.deviceId));
      const signature = JSON.stringify([devices.map((one) => [one.deviceId, one.label]), current]);
      if (select.dataset['signature'] === signature) return;
      select.dataset['signature'] = signature;
      select.replaceChildren(...(options.length > 0 ? options : [h('option', { value: '' }, fallback)]));
      select.disabled = options.length === 0;
      if (current && devices.some((one) => one.deviceId === current)) select.value = current;
    };
    const { tracks, choice } = this.local;
    fill(this.selects.camera, cameras, tracks.camera?.getSettings().deviceId ?? choice.cameraId, r.check.noDevice);
    fill(
      this.selects.microphone,
      microphones,
      tracks.microphone?.getSettings().deviceId ?? choice.microphoneId,
      r.check.noDevice,
    );
    fill(this.selects.speaker, canChooseSpeaker() ? speakers : [], choice.speakerId, r.check.defaultSpeaker);
  }
}

let count = 0;
