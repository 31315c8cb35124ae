/** A dialog that asks for one of several. */

import { q } from '../i18n/queues';
import { h } from '../ui/dom';

export function choose(title: string, options: readonly { id: string; text: string }[], chosen: (id: string) => void): void {
  const dialog = h('dialog', { class: 'dialog', 'aria-label': title, onclose: () => dialog.remove() });
  const pick = (id: string) => (): void => {
    dialog.close();
    chosen(id);
  };
  dialog.append(
    h('div', { class: 'dialog__head' }, h('h2', {}, title)),
    h('div', { class: 'dialog__body stack' }, ...options.map(({ id, text }) => h('button', { class: 'button button--wide', type: 'button', onclick: pick(id) }, text))),
    h('div', { class: 'dialog__actions' }, h('button', { class: 'button button--quiet', type: 'button', onclick: () => dialog.close() }, q.desk.close)),
  ); // prettier-ignore
  document.body.append(dialog);
  dialog.showModal();
}
