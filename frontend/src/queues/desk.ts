/** The page of a room: who is in, whose turn is next and why, and the buttons. Everything can be done from the keyboard. */

import { isTyping } from '../behaviours/shell';
import { q } from '../i18n/queues';
import type { Foreseen, OnNumber, QueueAction, QueueWelcome, Reason, ServerMessage, TicketInfo } from '../protocol/queues.gen';
import { announce } from '../ui/announce';
import { h, icon, type Child } from '../ui/dom';
import type { IconName } from '../ui/icons';
import { toast } from '../ui/toast';
import type { Line, QueueConnection } from './connection';
import { clockText } from './format';
import { choose } from './choose';
import { connect, readBoot, type Boot } from './start';
import { after, inRoom, type QueueState } from './state';

interface DeskBoot extends Boot {
  readonly room_id: string;
  readonly reasons: Readonly<Record<Reason, string>>;
}

type OnNumberName = OnNumber['do'];

const SHOWN = 30;

export class Desk {
  private readonly boot = readBoot<DeskBoot>();
  private readonly connection: QueueConnection;
  private state: QueueState | null = null;
  private welcome: QueueWelcome | null = null;
  private heardAt = new Date();
  private lost = false;
  /** Keys of actions that are under way: their buttons wait. */
  private readonly busy = new Set<string>();
  private readonly undoing = new Set<string>();

  constructor(private readonly place: HTMLElement) {
    this.connection = connect(this.boot.socket_url, (message) => this.hear(message), (line, code) => this.lineIs(line, code));
    document.addEventListener('keydown', (event) => this.press(event));
  }

  private hear(message: ServerMessage): void {
    this.heardAt = new Date();
    if (message.type === 'welcome') this.welcome = message;
    if (message.type === 'done') {
      this.busy.delete(message.key);
      if (this.undoing.delete(message.key)) toast(q.desk.undone, { icon: 'undo-2' });
    }
    if (message.type === 'refused') {
      this.busy.delete(message.key);
      toast(message.text || q.noAnswer, { icon: 'triangle-alert', stay: 10_000 });
    }
    if (message.type === 'problem') toast(message.text, { icon: 'triangle-alert' });
    const before = this.current()?.code;
    this.state = after(this.state, message);
    this.draw();
    const now = this.current();
    if (now && now.code !== before && now.state === 'called') announce(q.board.called(now.code, this.roomName()));
  }

  private current(): TicketInfo | null {
    return this.state && inRoom(this.state, this.boot.room_id);
  }

  private roomName(): string {
    return this.state?.area.rooms.find(({ room_id }) => room_id === this.boot.room_id)?.name ?? '';
  }

  /** The numbers this room calls, in the order they will be called. */
  private coming(): { ticket: TicketInfo; foreseen: Foreseen }[] {
    const { state } = this;
    const mine = state?.area.rooms.find(({ room_id }) => room_id === this.boot.room_id)?.services ?? [];
    return (state?.forecast?.services ?? [])
      .filter(({ service_id }) => mine.includes(service_id))
      .flatMap(({ next }) => next)
      .flatMap((foreseen) => {
        const ticket = state?.tickets.get(foreseen.ticket_id);
        const waits = ticket && ['waiting', 'returned', 'skipped'].includes(ticket.state);
        return waits && [null, this.boot.room_id].includes(ticket.room_id) ? [{ ticket, foreseen }] : [];
      });
  }

  private act(action: QueueAction): void {
    const key = this.connection.act(action);
    this.busy.add(key);
    if (action.do === 'undo') this.undoing.add(key);
    this.draw();
  }

  private on(name: OnNumberName, ticket: TicketInfo): void {
    this.act({ do: name, room_id: this.boot.room_id, ticket_id: ticket.ticket_id });
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    this.place.querySelector<HTMLButtonElement>(`[data-hotkey="${event.key.toLowerCase()}"]:not(:disabled)`)?.click();
  }

  private draw(): void {
    const { state } = this;
    if (!state) return;
    const focused = (document.activeElement as HTMLElement | null)?.dataset['id'];
    const coming = this.coming();
    const children = [h('div', { class: 'queue-desk' }, this.drawCurrent(coming.length), this.drawLists(coming))];
    if (this.lost) {
      const text = q.desk.lost(clockText(this.heardAt, this.boot.language));
      children.unshift(h('div', { class: 'notice notice--warn section', role: 'alert' }, icon('cloud-off'), text));
    }
    this.place.replaceChildren(...children);
    if (focused) this.place.querySelector<HTMLElement>(`[data-id="${focused}"]`)?.focus();
  }

  private drawCurrent(waiting: number): HTMLElement {
    const ticket = this.current();
    const waits = this.busy.size > 0;
    const next = this.button('next', 'bell-ring', waiting > 0 ? q.desk.next : q.desk.nobody, 'button--primary button--large button--wide', {
      hotkey: 'n',
      off: waits || waiting === 0,
      run: () => this.act({ do: 'call_next', room_id: this.boot.room_id, service_id: null }),
    });
    const undo = this.button('undo', 'undo-2', q.desk.undo, 'button--quiet', {
      hotkey: 'u',
      off: waits,
      run: () => this.act({ do: 'undo', room_id: this.boot.room_id }),
    });
    return h(
      'section',
      { class: 'card stack queue-now', 'aria-label': this.roomName(), 'data-state': ticket?.state ?? 'free' },
      ticket ? this.drawTicket(ticket) : h('p', { class: 'queue-now__free' }, q.desk.free),
      next,
      ticket && this.drawActions(ticket, waits),
      undo,
    );
  }

  private drawTicket(ticket: TicketInfo): HTMLElement {
    const service = this.state?.area.services.find(({ service_id }) => service_id === ticket.service_id);
    return h(
      'div',
      { class: 'queue-now__ticket' },
      h('p', { class: 'queue-now__code' }, ticket.code),
      h('p', { class: 'queue-now__label' }, ticket.label),
      h('p', { class: 'soft' }, [q.state[ticket.state], ticket.calls > 1 && q.desk.times(ticket.calls), service?.name].filter(Boolean).join(' · ')),
    );
  }

  private drawActions(ticket: TicketInfo, waits: boolean): HTMLElement {
    const { desk } = q;
    const one = (name: OnNumberName, picture: IconName, label: string, hotkey?: string): HTMLElement =>
      this.button(name, picture, label, '', { ...(hotkey ? { hotkey } : {}), off: waits, run: () => this.on(name, ticket) });
    const called = ticket.state === 'called';
    return h(
      'div',
      { class: 'button-row' },
      called && one('recall', 'volume-2', desk.recall, 'r'),
      called && one('start', 'log-in', desk.start, 'e'),
      called && one('skip', 'user-x', desk.skip, 'v'),
      one('finish', 'check', desk.finish, 'f'),
      one('put_back', 'rotate-ccw', desk.putBack),
      this.button('send', 'door-open', desk.send, '', { off: waits, run: () => this.send(ticket) }),
      this.button('move', 'arrow-right', desk.move, '', { off: waits, run: () => this.moveOn(ticket) }),
    );
  }

  private drawLists(coming: { ticket: TicketInfo; foreseen: Foreseen }[]): HTMLElement {
    const known = new Set(coming.map(({ ticket }) => ticket.ticket_id));
    const mine = this.state?.area.rooms.find(({ room_id }) => room_id === this.boot.room_id)?.services ?? [];
    const away = [...(this.state?.tickets.values() ?? [])].filter(
      (ticket) => ticket.state === 'skipped' && mine.includes(ticket.service_id) && !known.has(ticket.ticket_id),
    );
    return h(
      'div',
      { class: 'stack' },
      h('section', { class: 'card stack' }, h('h2', {}, `${q.desk.list} (${coming.length})`),
        h('ol', { class: 'queue-list' }, ...coming.slice(0, SHOWN).map(({ ticket, foreseen }) => this.row(ticket, foreseen)))),
      away.length > 0 &&
        h('section', { class: 'card stack' }, h('h2', {}, `${q.desk.absent} (${away.length})`), h('ul', { class: 'queue-list' }, ...away.map((ticket) => this.row(ticket, null)))),
    ); // prettier-ignore
  }

  private row(ticket: TicketInfo, foreseen: Foreseen | null): HTMLElement {
    const off = this.busy.size > 0;
    const reasons = foreseen?.reasons.map((reason) => this.boot.reasons[reason]).join(', ');
    const about = [
      foreseen?.why && q.why[foreseen.why],
      reasons,
      ticket.from_online && q.desk.online,
      q.desk.since(clockText(ticket.taken_at, this.boot.language)),
    ];
    return h(
      'li',
      { class: 'queue-row', 'data-series': ticket.series },
      h('span', { class: 'queue-row__code' }, ticket.code),
      h('span', { class: 'queue-row__who' }, h('span', {}, ticket.label), h('span', { class: 'soft small' }, about.filter(Boolean).join(' · '))),
      h(
        'span',
        { class: 'queue-row__actions' },
        ticket.state === 'skipped' &&
          this.button(`back-${ticket.code}`, 'rotate-ccw', q.desk.putBack, 'button--quiet', { off, run: () => this.on('put_back', ticket) }),
        this.button(`call-${ticket.code}`, 'bell-ring', q.desk.call, 'button--quiet', { off, run: () => this.on('call', ticket) }),
        this.button(`cancel-${ticket.code}`, 'x', q.desk.cancel, 'button--quiet button--icon', { off, hush: true, run: () => this.on('cancel', ticket) }),
      ),
    );
  }

  private button(
    id: string,
    picture: IconName,
    label: string,
    className: string,
    how: { hotkey?: string; off?: boolean; hush?: boolean; run: () => void },
  ): HTMLButtonElement {
    const children: Child[] = [icon(picture), h('span', { class: how.hush ? 'visually-hidden' : '' }, label)];
    if (how.hotkey) children.push(h('kbd', { class: 'queue-key', 'aria-hidden': 'true' }, how.hotkey.toUpperCase()));
    return h(
      'button',
      { class: `button ${className}`, type: 'button', 'data-id': id, 'data-hotkey': how.hotkey, disabled: how.off ?? false, onclick: how.run },
      ...children,
    );
  }

  private send(ticket: TicketInfo): void {
    const rooms = (this.state?.area.rooms ?? []).filter(
      ({ room_id, services }) => room_id !== this.boot.room_id && services.includes(ticket.service_id),
    );
    choose(q.desk.chooseRoom, rooms.map(({ room_id, name }) => ({ id: room_id, text: name })), (id) =>
      this.act({ do: 'send', room_id: this.boot.room_id, ticket_id: ticket.ticket_id, to_room_id: id }),
    );
  }

  private moveOn(ticket: TicketInfo): void {
    const here = (this.state?.area.services ?? [])
      .filter(({ service_id }) => service_id !== ticket.service_id)
      .map(({ service_id, name }) => ({ id: service_id, text: name }));
    const elsewhere = (this.welcome?.elsewhere ?? []).map(({ service_id, name, area }) => ({ id: service_id, text: `${name} · ${area}` }));
    choose(q.desk.chooseService, [...here, ...elsewhere], (id) =>
      this.act({ do: 'move', room_id: this.boot.room_id, ticket_id: ticket.ticket_id, service_id: id }),
    );
  }

  private lineIs(line: Line, code?: number): void {
    this.lost = line !== 'open';
    document.body.dataset['line'] = line;
    if (line === 'closed') toast(code === 4401 ? q.signedOut : q.closed, { icon: 'triangle-alert', stay: 0 });
    this.draw();
  }
}
