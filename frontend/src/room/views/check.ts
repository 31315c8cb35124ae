import { e } from '../../i18n/e2ee';
import { r } from '../../i18n/room';
import { setText } from '../../ui/dom';
import { fullName } from '../format';
import type { LocalMedia } from '../media/local';
import type { RoomKind } from '../boot';
import type { RoomState } from '../state';
import { Control } from './controls';
import { DeviceChoice } from './device-choice';
import { button, h, Rendered } from './dom';
import { Picture } from './picture';
import { encryptionNote } from './safety';

/** Device check: see oneself, hear oneself, choose; then into the waiting room. Nothing here can stop one from entering. */
export class CheckView {
  readonly element: HTMLElement;
  private readonly picture = new Picture('picture--mirror');
  private readonly noPicture = h('p', { class: 'preview__none' });
  private readonly choice: DeviceChoice;
  private readonly note = h('div', {});
  private readonly noteShown = new Rendered(this.note);
  private readonly enter: HTMLButtonElement;
  private readonly mine: HTMLElement[];
  private readonly who = h('p', { class: 'check__who', role: 'status' });
  private readonly microphone = new Control('', 'M', () => void this.local.setMicrophone(!this.local.sending.microphone));
  private readonly camera = new Control('', 'V', () => void this.local.setCamera(!this.local.sending.camera));

  constructor(
    private readonly local: LocalMedia,
    kind: RoomKind,
    ready: () => void,
  ) {
    this.choice = new DeviceChoice(local, kind);
    this.enter = button('button--primary button--large button--wide', 'log-in', r.check.enter, ready);
    const preview = h(
      'div',
      { class: 'preview' },
      this.picture.element,
      this.noPicture,
      h('div', { class: 'preview__toggles' }, this.microphone.element, this.camera.element),
    );
    const side = h('div', { class: 'check__side' }, this.choice.element);
    const about = h('p', { class: 'soft' }, r.check.about);
    this.mine = [preview, side, about];
    this.element = h(
      'section',
      { class: 'check', 'aria-labelledby': 'check-title' },
      h(
        'header',
        { class: 'check__head' },
        h('h1', { id: 'check-title', tabindex: '-1' }, r.check.title),
        about,
        this.note,
      ),
      preview,
      h('div', { class: 'check__enter' }, this.who, this.enter),
      side,
    );
  }

  update(state: RoomState): void {
    const { tracks, busy, sending } = this.local;
    const barred = state.protection === 'barred';
    this.noteShown.show(state.protection, () => [encryptionNote(state.protection)]);
    for (const part of this.mine) part.hidden = barred;
    const label = this.enter.querySelector('span');
    if (label) setText(label, barred ? e.check.enterWriting : r.check.enter);
    this.picture.show(tracks.camera);
    this.noPicture.hidden = tracks.camera !== null;
    setText(this.noPicture, busy ? r.check.entering : this.local.causes.camera ? r.check.noCamera : r.check.cameraOff);
    this.choice.update();
    this.microphone.show(
      sending.microphone ? 'mic' : 'mic-off',
      sending.microphone ? r.controls.mute : r.controls.unmute,
      sending.microphone,
    );
    this.camera.show(
      sending.camera ? 'video' : 'video-off',
      sending.camera ? r.controls.cameraOff : r.controls.cameraOn,
      sending.camera,
    );
    const here = state.room.participants.filter((one) => one.state !== 'left' && one.info.participant_id !== state.me);
    const names = here.map((one) => fullName(one.info)).join(', ');
    setText(this.who, !state.known ? '' : names ? r.check.someoneWaits(names) : r.check.nobodyYet);
  }

  leave(): void {
    this.choice.stop();
    this.picture.show(null);
  }
}
