import { r } from '../../i18n/room';
import { setText } from '../../ui/dom';
import type { IconName } from '../../ui/icons';
import type { RoomKind } from '../boot';
import { unread, type Drawer, type RoomState } from '../state';
import { h, icon } from './dom';

export interface ControlActions {
  microphone(): void;
  camera(): void;
  share(): void;
  keepSound(): void;
  devices(): void;
  drawer(which: Drawer): void;
  leave(): void;
}

/** One control: icon over a short word, full name for screen readers and the tool tip. */
export class Control {
  readonly element: HTMLButtonElement;
  private shown = '';

  constructor(
    private readonly word: string,
    private readonly key: string,
    run: () => void,
    className = '',
  ) {
    this.element = h('button', { class: `control ${className}`, type: 'button', onclick: run });
    if (key) this.element.setAttribute('aria-keyshortcuts', key);
  }

  show(name: IconName, label: string, pressed: boolean | null, badge = 0): void {
    const signature = `${name}|${label}|${pressed}|${badge}`;
    if (signature === this.shown) return;
    this.shown = signature;
    // The full name holds the word shown, so that people who speak to their PC can say what they read.
    this.element.replaceChildren(
      icon(name),
      ...(this.word ? [h('span', { class: 'control__word', 'aria-hidden': 'true' }, this.word)] : []),
      ...(badge > 0 ? [h('span', { class: 'count count--urgent' }, String(badge))] : []),
    );
    this.element.setAttribute('aria-label', badge > 0 ? `${label}, ${r.controls.unread(badge)}` : label);
    this.element.title = this.key ? `${label} (${this.key})` : label;
    if (pressed !== null) this.element.setAttribute('aria-pressed', String(pressed));
  }
}

/** The controls under the thumb. Leaving stands apart from muting. */
export class Controls {
  readonly element: HTMLElement;
  private readonly microphone: Control;
  private readonly camera: Control;
  private readonly share: Control;
  private readonly sound: Control;
  private readonly devices: Control;
  private readonly case: Control;
  private readonly chat: Control;
  private readonly leave: Control;

  constructor(kind: RoomKind, actions: ControlActions) {
    this.microphone = new Control(r.controls.short.microphone, 'M', () => actions.microphone());
    this.camera = new Control(r.controls.short.camera, 'V', () => actions.camera());
    this.share = new Control(r.controls.short.share, 'S', () => actions.share(), 'control--wide-only');
    this.sound = new Control(r.controls.short.sound, 'A', () => actions.keepSound(), 'control--sound');
    this.devices = new Control(r.controls.devices, '', () => actions.devices());
    this.case = new Control(r.controls.case, 'B', () => actions.drawer('case'));
    this.chat = new Control(r.controls.chat, 'C', () => actions.drawer('chat'));
    this.leave = new Control(r.controls.short.leave, '', () => actions.leave(), 'control--leave');
    this.element = h(
      'nav',
      { class: 'controls', 'aria-label': r.controls.label },
      h(
        'div',
        { class: 'controls__group' },
        this.microphone.element,
        this.camera.element,
        this.sound.element,
        kind !== 'guest' && this.share.element,
        this.devices.element,
      ),
      h('div', { class: 'controls__group' }, kind !== 'guest' && this.case.element, this.chat.element),
      h('div', { class: 'controls__group controls__group--leave' }, this.leave.element),
    );
    this.share.element.setAttribute('aria-haspopup', 'dialog');
  }

  /** Where the focus goes when the drawer closes under it. */
  focusDrawer(): void {
    (this.case.element.isConnected ? this.case : this.chat).element.focus();
  }

  update(state: RoomState): void {
    const { microphone, camera, screen } = state.sending;
    this.microphone.show(microphone ? 'mic' : 'mic-off', microphone ? r.controls.mute : r.controls.unmute, microphone);
    this.camera.show(camera ? 'video' : 'video-off', camera ? r.controls.cameraOff : r.controls.cameraOn, camera);
    this.share.show(screen ? 'monitor-x' : 'monitor-up', screen ? r.controls.unshare : r.controls.share, null);
    const { soundOnly } = state;
    this.sound.show('ear', soundOnly ? r.controls.showPictures : r.controls.keepSound, soundOnly);
    this.devices.show('settings', r.controls.devices, null);
    this.case.show('clipboard-list', r.controls.case, state.drawer === 'case');
    this.chat.show('message-square', r.controls.chat, state.drawer === 'chat', unread(state));
    this.leave.show('phone-off', r.controls.leave, null);
    this.element.classList.toggle('controls--sharing', screen);
  }
}

/** Where a sentence about the call stands: header with patient, state and clock. */
export class Elapsed {
  readonly element = h('span', { class: 'elapsed', role: 'timer', 'aria-live': 'off' });
  show(text: string): void {
    setText(this.element, text);
    this.element.hidden = text === '';
  }
}
