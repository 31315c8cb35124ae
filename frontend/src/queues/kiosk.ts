/**
 * The kiosk: what one needs, whether one goes first by law, the number. Works by touch, by keyboard and with a scanner that types.
 * After a while without anybody it begins again, so that nobody goes on where another stopped.
 *
 * A scan is told as a `kiosk:scan` event with the text read; whoever can do more with it (the reception's parser) prevents its
 * default and answers by `kiosk:name` or `kiosk:done`.
 */

import { q } from '../i18n/queues';
import type { Issued, Reason, ServerMessage, ServiceInfo } from '../protocol/queues.gen';
import { h, setText } from '../ui/dom';
import type { Line, QueueConnection } from './connection';
import { clockText } from './format';
import { qrPicture } from './qr';
import { Wedge } from './scan';
import { connect, readBoot, type Boot } from './start';
import { after, type QueueState } from './state';

interface KioskBoot extends Boot {
  readonly paper: 58 | 80;
  /** By the code of a reason, in the order of the law. */
  readonly reasons: Readonly<Record<Exclude<Reason, 'emergency'>, string>>;
}

const IDLE_MS = 60_000;
const TICKET_MS = 15_000;
const PRESS_MS = 120;

type Step =
  | { at: 'start' }
  | { at: 'emergency' }
  | { at: 'priority'; service: ServiceInfo }
  | { at: 'taking' }
  | { at: 'ticket'; issued: Issued };

export class Kiosk {
  private readonly boot = readBoot<KioskBoot>();
  private readonly connection: QueueConnection;
  private state: QueueState | null = null;
  private step: Step = { at: 'start' };
  private key = '';
  private name = '';
  private pressed: ReturnType<typeof setTimeout> | undefined;
  private idle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly place: HTMLElement) {
    document.body.dataset['paper'] = String(this.boot.paper);
    this.connection = connect(this.boot.socket_url, (message) => this.hear(message), (line, code) => this.lineIs(line, code));
    const wedge = new Wedge((text) => this.scanned(text));
    document.addEventListener('keydown', (event) => {
      this.stillHere();
      if (wedge.key(event.key, performance.now())) clearTimeout(this.pressed);
      else this.press(event);
    });
    document.addEventListener('pointerdown', () => this.stillHere());
    document.addEventListener('kiosk:name', (event) => (this.name = String((event as CustomEvent<string>).detail)));
    document.addEventListener('kiosk:done', () => this.go({ at: 'start' }));
  }

  private hear(message: ServerMessage): void {
    const first = this.state === null;
    const before = this.layout();
    this.state = after(this.state, message);
    if (message.type === 'done' && message.key === this.key && message.issued) {
      this.go({ at: 'ticket', issued: message.issued });
      this.print(message.issued);
    } else if (message.type === 'refused' && message.key === this.key) {
      this.go({ at: 'start' });
      this.warn(message.text || q.kiosk.failed);
    } else if (this.step.at === 'start' && (first || this.layout() !== before)) this.draw();
  }

  /** What the first screen shows of the state: drawn anew only when that changes, so that no focus is lost. */
  private layout(): string {
    const { area, forecast } = this.state ?? { area: null, forecast: null };
    return JSON.stringify([area, forecast?.services.map(({ service_id, waiting }) => [service_id, waiting])]);
  }

  private go(step: Step): void {
    this.step = step;
    if (step.at === 'start') this.name = '';
    this.stillHere();
    this.warn('');
    this.draw();
    this.place.querySelector<HTMLElement>('button')?.focus();
  }

  private stillHere(): void {
    clearTimeout(this.idle);
    if (this.step.at === 'start' || this.step.at === 'taking') return;
    this.idle = setTimeout(() => this.go({ at: 'start' }), this.step.at === 'ticket' ? TICKET_MS : IDLE_MS);
  }

  private draw(): void {
    const { step } = this;
    const parts: Record<Step['at'], () => HTMLElement[]> = {
      start: () => this.drawStart(),
      emergency: () => [
        h('h2', { class: 'kiosk__title kiosk__title--red' }, q.kiosk.emergencyTitle),
        h('p', { class: 'kiosk__text' }, q.kiosk.emergencyText(this.state?.area.emergency_place ?? '')),
        this.choice(q.kiosk.back, () => this.go({ at: 'start' })),
      ],
      priority: () => (step.at === 'priority' ? this.drawPriority(step.service) : []),
      taking: () => [h('p', { class: 'kiosk-wait', role: 'status' }, q.kiosk.taking)],
      ticket: () => (step.at === 'ticket' ? this.drawTicket(step.issued) : []),
    };
    this.place.dataset['step'] = step.at;
    this.place.replaceChildren(...parts[step.at]());
  }

  private drawStart(): HTMLElement[] {
    const { state } = this;
    if (!state) return [h('p', { class: 'kiosk-wait' }, q.kiosk.taking)];
    const waits = new Map(state.forecast?.services.map(({ service_id, waiting }) => [service_id, waiting]));
    const services = state.area.services.map((service, i) =>
      this.choice(service.name, () => this.go({ at: 'priority', service }), {
        about: q.kiosk.waiting(waits.get(service.service_id) ?? 0),
        number: i + 1,
      }),
    );
    return [
      h('h2', { class: 'kiosk__title' }, q.kiosk.choose),
      h('div', { class: 'kiosk__choices' }, ...services),
      this.choice(q.kiosk.emergency, () => this.go({ at: 'emergency' }), { look: 'red', number: 0 }),
      h('p', { class: 'kiosk__hint' }, h('span', { class: 'kiosk__scan', 'aria-hidden': 'true' }), q.kiosk.scanHint),
      h('p', { class: 'kiosk__keys' }, q.kiosk.keys),
    ];
  }

  private drawPriority(service: ServiceInfo): HTMLElement[] {
    const chosen = new Set<Reason>();
    const none = this.choice(q.kiosk.none, () => this.take(service, []), { look: 'main', number: 1 });
    const take = this.choice(q.kiosk.take, () => this.take(service, [...chosen]), { look: 'main' });
    take.hidden = true;
    const reasons = (Object.entries(this.boot.reasons) as [Reason, string][]).map(([reason, text], i) => {
      const button = this.choice(
        text,
        () => {
          if (chosen.has(reason)) chosen.delete(reason);
          else chosen.add(reason);
          button.setAttribute('aria-pressed', String(chosen.has(reason)));
          take.hidden = chosen.size === 0;
          none.hidden = chosen.size > 0;
        },
        { number: i + 2 },
      );
      button.setAttribute('aria-pressed', 'false');
      return button;
    });
    return [
      h('p', { class: 'kiosk__service' }, service.name),
      h('h2', { class: 'kiosk__title' }, q.kiosk.priorityTitle),
      none,
      h('p', { class: 'kiosk__hint' }, q.kiosk.priorityHint),
      h('div', { class: 'kiosk__choices' }, ...reasons),
      take,
      this.choice(q.kiosk.back, () => this.go({ at: 'start' }), { look: 'quiet' }),
    ];
  }

  private drawTicket(issued: Issued): HTMLElement[] {
    const wait = issued.low !== null && issued.high !== null ? q.minutes(issued.low, issued.high) : '';
    return [
      h('p', { class: 'kiosk__service' }, issued.service),
      h('h2', { class: 'kiosk__title' }, q.kiosk.yours),
      h('p', { class: 'kiosk__code', role: 'status' }, issued.code),
      h('p', { class: 'kiosk__text' }, [issued.ahead === null ? '' : q.kiosk.ahead(issued.ahead), wait].filter(Boolean).join(' · ')),
      h('div', { class: 'kiosk__qr' }, qrPicture(issued.qr, q.kiosk.follow) as unknown as HTMLElement),
      h('p', { class: 'kiosk__text' }, q.kiosk.printing),
      h('p', { class: 'kiosk__hint' }, q.kiosk.noPrinter),
      this.choice(q.kiosk.again, () => this.go({ at: 'start' }), { look: 'main', number: 1 }),
    ];
  }

  private choice(
    text: string,
    run: () => void,
    more: { about?: string; look?: string; number?: number } = {},
  ): HTMLButtonElement {
    return h(
      'button',
      { class: `kiosk-button kiosk-button--${more.look ?? 'plain'}`, type: 'button', 'data-key': more.number, onclick: run },
      more.number !== undefined && h('kbd', { class: 'kiosk-button__key', 'aria-hidden': 'true' }, String(more.number)),
      h('span', {}, text),
      more.about && h('span', { class: 'kiosk-button__about' }, more.about),
    );
  }

  private press(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.go({ at: 'start' });
    if (!/^[0-9]$/.test(event.key)) return;
    // A scanner's first digits come like a person's: wait until it is clear that no more follow.
    clearTimeout(this.pressed);
    this.pressed = setTimeout(() => {
      this.place.querySelector<HTMLElement>(`[data-key="${event.key}"]:not([hidden])`)?.click();
    }, PRESS_MS);
  }

  private take(service: ServiceInfo, reasons: readonly Reason[]): void {
    if (!this.connection.up) {
      this.warn(q.kiosk.lost);
      return;
    }
    this.key = this.connection.act({ do: 'take', service_id: service.service_id, reasons, name: this.name });
    this.go({ at: 'taking' });
  }

  private scanned(text: string): void {
    const event = new CustomEvent('kiosk:scan', { detail: text, cancelable: true });
    if (document.dispatchEvent(event)) this.warn(q.kiosk.scanned);
  }

  private print(issued: Issued): void {
    const paper = document.getElementById('paper');
    if (!paper) return;
    paper.replaceChildren(
      h('p', { class: 'paper-ticket__facility' }, issued.facility),
      h('p', {}, [issued.area, issued.place].filter(Boolean).join(' · ')),
      h('p', { class: 'paper-ticket__code' }, issued.code),
      h('p', { class: 'paper-ticket__service' }, issued.service),
      h('p', {}, issued.ahead === null ? '' : q.kiosk.ahead(issued.ahead)),
      qrPicture(issued.qr, q.kiosk.follow) as unknown as HTMLElement,
      h('p', {}, q.kiosk.follow),
      h('p', {}, q.kiosk.printedAt(clockText(issued.taken_at, this.boot.language))),
    );
    window.print();
  }

  private warn(text: string): void {
    const line = document.querySelector<HTMLElement>('[data-part="line"]');
    if (!line) return;
    line.hidden = text === '';
    setText(line, text);
  }

  private lineIs(line: Line, code?: number): void {
    document.body.dataset['line'] = line;
    if (line === 'open') this.warn('');
    if (line === 'lost') this.warn(q.kiosk.lost);
    if (line === 'closed') {
      this.warn(code === 4401 ? q.signedOut : q.closed);
      setTimeout(() => location.reload(), 60_000);
    }
  }
}
