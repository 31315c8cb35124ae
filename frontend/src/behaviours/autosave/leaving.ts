/**
 * Signing out, perhaps on a computer that others use: what the person typed goes to the server first and leaves this device.
 * What cannot be sent is neither lost nor left behind unasked.
 */

import { t } from '../../i18n';
import { h } from '../../ui/dom';
import { forgetOwn, keptKeys, ownPrefix } from './kept';

export interface Leaving {
  /** Try to send everything; resolves when the attempts are over, whether they worked or not. */
  send(): Promise<void>;
  /** Nothing of this page is to be kept or sent any more. */
  drop(): void;
  /** Sign out. */
  go(): void;
}

const PATIENCE_MS = 3_000;

/** Sign out at once when the server has everything, else ask. */
export async function leave(leaving: Leaving): Promise<void> {
  const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([leaving.send(), patience]);
  const left = keptKeys(ownPrefix()).length;
  if (left === 0) leaving.go();
  else ask(left, leaving);
}

function ask(left: number, leaving: Leaving): void {
  const decide = (then: () => void) => (): void => {
    dialog.close();
    then();
  };
  const wait = decide(() => void leave(leaving));
  const remove = decide(() => {
    leaving.drop();
    forgetOwn();
    leaving.go();
  });
  const dialog = h(
    'dialog',
    { class: 'dialog', id: 'leaving', 'aria-labelledby': 'leaving-title', onclose: () => dialog.remove() },
    h('div', { class: 'dialog__head' }, h('h2', { id: 'leaving-title' }, t.leaving.title(left))),
    h('div', { class: 'dialog__body' }, h('p', {}, t.leaving.text)),
    h(
      'div',
      { class: 'dialog__actions' },
      h('button', { class: 'button', type: 'button', onclick: () => dialog.close() }, t.leaving.stay),
      h('button', { class: 'button button--danger', type: 'button', onclick: remove }, t.leaving.remove),
      h('button', { class: 'button button--primary', type: 'button', onclick: wait }, t.leaving.wait),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
