import { d } from '../../i18n/exam-device';
import type { Boot } from '../boot';
import { button, h, icon } from './dom';

interface Pass {
  readonly url: string;
  readonly token: string;
  readonly url_with_token: string;
  readonly seconds: number;
}

/** In the device dialog: a code for a machine that shows its picture in the room by WHIP. The code is shown this once. */
export function examDevice(boot: Boot): HTMLElement {
  const told = h('div', { class: 'stack stack--tight', role: 'status' });
  const issue = button('', 'scan-line', d.issue, () => void make());

  async function make(): Promise<void> {
    issue.disabled = true;
    say(d.issuing);
    try {
      const response = await fetch(boot.devices_url, {
        method: 'POST',
        headers: { 'X-CSRFToken': boot.csrf_token, Accept: 'application/json' },
      });
      const answer = (await response.json()) as Partial<Pass> & { text?: string };
      told.replaceChildren(...(response.ok ? shown(answer as Pass) : [h('p', { class: 'notice notice--bad' }, answer.text ?? d.failed)]));
    } catch {
      told.replaceChildren(h('p', { class: 'notice notice--bad' }, d.failed));
    }
    issue.disabled = false;
    say(d.again);
  }

  function say(words: string): void {
    const place = issue.querySelector('span');
    if (place) place.textContent = words;
  }

  return h(
    'details',
    { class: 'exam-device' },
    h('summary', {}, icon('scan-line'), h('span', {}, d.title)),
    h('div', { class: 'stack' }, h('p', { class: 'soft' }, d.about), issue, told),
  );
}

function shown(pass: Pass): HTMLElement[] {
  return [
    field(d.url, pass.url),
    field(d.token, pass.token),
    field(d.urlWithToken, pass.url_with_token),
    h('p', { class: 'field__hint' }, d.once(Math.round(pass.seconds / 60))),
  ];
}

let count = 0;

/** Something to be copied: by the button, or by hand where the browser does not let us. */
function field(label: string, value: string): HTMLElement {
  const id = `exam-device-${++count}`;
  const input = h('input', { id, type: 'text', readonly: true, value, autocomplete: 'off', spellcheck: 'false' });
  const copy = button('', null, d.copy, () => {
    input.select();
    void navigator.clipboard?.writeText(value).then(
      () => {
        const words = copy.querySelector('span');
        if (words) words.textContent = d.copied;
      },
      () => {},
    );
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { class: 'field__label', for: id }, label),
    h('div', { class: 'button-row' }, input, copy),
  );
}
