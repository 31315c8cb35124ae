/**
 * The reception desk: whatever is scanned or typed goes to the server, the answer is drawn beside it, and the next thing to press has
 * the focus. Every step can be done by keyboard: Enter, digits for a choice, Esc to begin anew.
 *
 * `[data-desk]` around it all; `form[data-desk-read]` with `text` and `source`; `#desk-result`; in an answer `[data-desk-focus]`
 * takes the focus, `[data-desk-choice="1"]` is pressed by its digit, `[data-desk-scan]` is a field for the next scan.
 */

import { isTyping } from '../behaviours/shell';
import { s } from '../i18n/scan';
import { onScan, type Scan } from '../scan';
import { announce } from '../ui/announce';

export function startDesk(root: HTMLElement | null = document.querySelector('[data-desk]')): void {
  if (root) new Desk(root);
}

class Desk {
  private readonly form: HTMLFormElement;
  private readonly input: HTMLInputElement;
  private readonly source: HTMLInputElement;
  private readonly result: HTMLElement;
  private readonly offline: HTMLElement | null;
  private readonly refused: HTMLElement | null;
  /** The form whose answer never came: sent again by a press, nothing of it is lost. */
  private unsent: HTMLFormElement | null = null;
  /** The scan that has no answer yet: its text stands in no field. */
  private lastScan: Scan | null = null;

  constructor(root: HTMLElement) {
    this.form = root.querySelector('form[data-desk-read]') as HTMLFormElement;
    this.input = this.form.elements.namedItem('text') as HTMLInputElement;
    this.source = this.form.elements.namedItem('source') as HTMLInputElement;
    this.result = document.getElementById('desk-result') as HTMLElement;
    this.offline = root.querySelector('[data-desk-offline]');
    this.refused = root.querySelector('[data-desk-refused]');
    onScan((scan) => this.read(scan));
    root.addEventListener('keydown', (event) => this.onKey(event));
    document.addEventListener('keydown', (event) => this.onGlobalKey(event));
    root.addEventListener('click', (event) => this.onClick(event));
    const body = document.body;
    body.addEventListener('htmx:beforeRequest', (event) => this.onSend(event as CustomEvent));
    body.addEventListener('htmx:afterRequest', (event) => this.onAnswer(event as CustomEvent));
    body.addEventListener('htmx:responseError', (event) => this.onRefusal(event as CustomEvent));
    body.addEventListener('htmx:afterSettle', (event) => this.onSettle(event as CustomEvent));
    window.addEventListener('online', () => this.again());
  }

  /** A second card, while somebody is being received, goes to that person; everything else begins anew. */
  private read(scan: Scan): void {
    if (document.querySelector('dialog[open]:not([data-scan-camera])')) return;
    this.lastScan = scan;
    const second = this.result.querySelector<HTMLFormElement>('form[data-desk-scan]');
    const form = second ?? this.form;
    (form.elements.namedItem('text') as HTMLInputElement).value = scan.text;
    (form.elements.namedItem('source') as HTMLInputElement).value = scan.source;
    form.requestSubmit();
    if (form === this.form) {
      this.input.value = '';
      this.source.value = 'typed';
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^[1-9]$/.test(event.key) && !isTyping(event.target)) this.press(`[data-desk-choice="${event.key}"]`, event);
  }

  private onGlobalKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') this.begin();
    if (event.key === 'F2') this.focusInput(event);
    if (event.key === 'F4') this.press('[data-scan-open]', event);
    if (event.key === 'F8') this.press('[data-desk-walk-in]', event);
  }

  private onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('[data-desk-anew]')) this.begin();
    if (target?.closest('[data-desk-again]')) this.again();
  }

  private press(selector: string, event: KeyboardEvent): void {
    const button = document.querySelector<HTMLElement>(selector);
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  private focusInput(event: Event): void {
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }

  /** Next, please: an empty desk. What was typed into the field stays. */
  private begin(): void {
    const empty = document.getElementById('desk-empty') as HTMLTemplateElement | null;
    this.refused?.replaceChildren();
    this.result.replaceChildren(...(empty ? [empty.content.cloneNode(true)] : []));
    this.input.focus();
    this.input.select();
  }

  private again(): void {
    const form = this.unsent;
    this.unsent = null;
    if (form && this.lastScan) this.read(this.lastScan);
    else if (form?.isConnected) form.requestSubmit();
  }

  private onSend(event: CustomEvent<{ elt: HTMLElement }>): void {
    if (event.detail.elt instanceof HTMLFormElement && this.ours(event.detail.elt)) {
      this.result.setAttribute('aria-busy', 'true');
      this.refused?.replaceChildren();
      announce(s.desk.reading);
    }
  }

  private onAnswer(event: CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest }>): void {
    this.result.removeAttribute('aria-busy');
    const form = event.detail.elt;
    if (!(form instanceof HTMLFormElement) || !this.ours(form)) return;
    const lost = event.detail.xhr.status === 0 || event.detail.xhr.status >= 500;
    if (lost) this.unsent = form;
    else this.lastScan = null;
    if (this.offline) this.offline.hidden = !lost;
    if (!lost && form === this.form) this.input.value = '';
  }

  /** What cannot be done is said above; whoever is being received stays on the page. */
  private onRefusal(event: CustomEvent<{ xhr: XMLHttpRequest }>): void {
    const { status, responseText } = event.detail.xhr;
    if (!this.refused || status < 400 || status >= 500) return;
    const answer = new DOMParser().parseFromString(responseText, 'text/html').querySelector('.notice');
    if (answer) this.refused.replaceChildren(document.importNode(answer, true));
  }

  private onSettle(event: CustomEvent<{ target: HTMLElement }>): void {
    if (!this.result.contains(event.detail.target) && event.detail.target !== this.result) return;
    if (event.detail.target !== this.result) return; // a part that looks after itself, like the insurance line
    announce(s.desk.found);
    (this.result.querySelector<HTMLElement>('[data-desk-focus]') ?? this.input).focus();
  }

  private ours(form: HTMLFormElement): boolean {
    return form === this.form || this.result.contains(form);
  }
}
