import { e } from '../../i18n/e2ee';
import { fullName } from '../format';
import type { RoomState } from '../state';
import { ask, dialog } from './dialogs';
import { h, icon, Rendered } from './dom';

/** The lock in the top line: says that the call is encrypted, opens the safety code. */
export function lockButton(open: () => void): HTMLButtonElement {
  return h(
    'button',
    { class: 'chip chip--lock', type: 'button', title: e.openCode, 'aria-label': e.openCode, onclick: open },
    icon('lock'),
    h('span', { class: 'chip--lock__long', 'aria-hidden': 'true' }, e.lock),
    h('span', { class: 'chip--lock__short', 'aria-hidden': 'true' }, e.lockShort),
  );
}

/** What the device check says about the encryption of this room; null in a plain one. */
export function encryptionNote(protection: RoomState['protection']): HTMLElement | null {
  if (protection === 'none') return null;
  if (protection === 'on') return h('p', { class: 'check__lock' }, icon('lock'), h('span', {}, e.check.on));
  return h(
    'div',
    { class: 'check__lock check__lock--barred', role: 'alert' },
    icon('circle-alert'),
    h('div', {}, h('strong', {}, e.check.barredTitle), h('p', {}, e.check.barred)),
  );
}

/** Show the code to read aloud; the result keeps it current while it is open. */
export function openSafetyCode(state: RoomState): (state: RoomState) => void {
  const place = h('div', { class: 'safety', role: 'status' });
  const rendered = new Rendered(place);
  const show = (now: RoomState): void => {
    const { code, missing } = now.encryption;
    const names = now.room.participants
      .filter((one) => missing.includes(one.info.participant_id))
      .map((one) => fullName(one.info))
      .join(', ');
    rendered.show(`${code.join()}|${names}`, () => [
      code.length > 0
        ? h('p', { class: 'safety__code' }, ...code.flatMap((group) => [h('span', {}, group), ' ']))
        : h('p', { class: 'soft' }, e.code.none),
      names !== '' && h('p', {}, e.code.missing(names)),
    ]);
  };
  show(state);
  const element = dialog(
    e.code.title,
    h('p', {}, e.code.about),
    place,
    h('p', {}, e.code.read),
    h('p', { class: 'soft' }, e.code.changes),
    h('p', { class: 'soft' }, e.code.clear),
  );
  ask(element);
  return (now) => {
    if (element.open) show(now);
  };
}
