import { t } from '../../i18n';
import { r } from '../../i18n/room';
import { fullName } from '../format';
import type { LocalMedia } from '../media/local';
import type { RoomParticipant } from '../../protocol/messages.gen';
import type { IconName } from '../../ui/icons';
import { DeviceChoice } from './device-choice';
import { button, h, icon } from './dom';

/** A dialog of the room, not shown yet. */
export function dialog(title: string, ...body: Node[]): HTMLDialogElement {
  const id = `dialog-${Math.random().toString(36).slice(2)}`;
  const element = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': id },
    h(
      'div',
      { class: 'dialog__head' },
      h('h2', { id }, title),
      h(
        'button',
        { class: 'button button--quiet button--icon', type: 'button', 'data-closes': true },
        icon('x'),
        h('span', { class: 'visually-hidden' }, t.close),
      ),
    ),
    h('div', { class: 'dialog__body' }, ...body),
  );
  return element;
}

/** Show once and forget. */
export function ask(element: HTMLDialogElement): void {
  document.body.append(element);
  element.addEventListener('close', () => element.remove());
  element.showModal();
}

/** Leave alone or end for all: only asked of those who can do both. */
export function askLeave(leave: () => void, end: (reason: 'finished' | 'interrupted') => void): void {
  const option = (className: string, name: IconName, label: string, text: string, run: () => void): HTMLElement =>
    h(
      'button',
      { class: `option ${className}`, type: 'button', onclick: () => (element.close(), run()) },
      icon(name),
      h('span', {}, h('strong', {}, label), h('span', { class: 'option__about' }, text)),
    );
  const element = dialog(
    r.leave.title,
    option('', 'door-open', r.leave.leave, r.leave.leaveText, leave),
    option('', 'circle-check', r.leave.end, r.leave.endText, () => end('finished')),
    option('', 'circle-pause', r.leave.interrupt, r.leave.interruptText, () => end('interrupted')),
    h(
      'div',
      { class: 'dialog__close' },
      button('button--quiet', null, r.leave.stay, () => element.close()),
    ),
  );
  ask(element);
}

export function askRemove(participant: RoomParticipant, remove: () => void): void {
  const element = dialog(
    r.remove.title(fullName(participant.info)),
    h('p', {}, r.remove.text),
    h(
      'div',
      { class: 'button-row' },
      button('button--danger-solid', 'user-x', r.remove.do, () => (element.close(), remove())),
      button('', null, r.remove.cancel, () => element.close()),
    ),
  );
  ask(element);
}

/** The device dialog lives as long as it is open, so that its meter does not listen in vain. */
export function openDevices(local: LocalMedia, examine: (() => void) | null, ...more: Node[]): () => void {
  const choice = new DeviceChoice(local, examine ? 'consultation' : 'guest');
  // On a narrow screen there is no room for a control of its own.
  const exam = examine && button('', 'stethoscope', r.exam.title, () => (element.close(), examine()));
  const element = dialog(r.devices.title, h('p', { class: 'soft' }, r.devices.about), choice.element, ...(exam ? [exam] : []), ...more);
  choice.update();
  element.addEventListener('close', () => choice.stop());
  ask(element);
  return () => {
    if (element.open) choice.update();
  };
}
