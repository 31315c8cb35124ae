import { t } from '../../i18n';
import { h } from '../../ui/dom';
import { differences, readFields } from './fields';
import type { Fields } from './saver';

/** Put both versions side by side on top of the form; `choose(true)` keeps what is typed here. */
export function showConflict(form: HTMLFormElement, text: string, theirs: Fields, choose: (keepMine: boolean) => void): void {
  form.querySelector('.conflict')?.remove();
  const decide = (keepMine: boolean): void => {
    panel.remove();
    choose(keepMine);
  };
  const side = (title: string, body: string): HTMLElement =>
    h('div', { class: 'conflict__side' }, h('h4', {}, title), body || t.autosave.empty);
  const panel = h(
    'section',
    { class: 'conflict', role: 'alert', tabindex: '-1' },
    h('p', {}, h('strong', {}, text)),
    ...differences(form, readFields(form), theirs).map((one) =>
      h(
        'div',
        {},
        h('h3', {}, one.label),
        h('div', { class: 'conflict__pair' }, side(t.autosave.mine, one.mine), side(t.autosave.theirs, one.theirs)),
      ),
    ),
    h(
      'div',
      { class: 'button-row' },
      h('button', { class: 'button button--primary', type: 'button', onclick: () => decide(true) }, t.autosave.keepMine),
      h('button', { class: 'button', type: 'button', onclick: () => decide(false) }, t.autosave.takeTheirs),
    ),
  );
  form.prepend(panel);
  panel.focus();
}
