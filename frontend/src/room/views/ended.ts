import { r } from '../../i18n/room';
import { CloseCode } from '../../protocol/messages.gen';
import type { IconName } from '../../ui/icons';
import type { Boot, RoomKind } from '../boot';
import { elapsed } from '../format';
import type { RoomState } from '../state';
import { button, h, icon, Rendered } from './dom';

export interface EndedActions {
  again(): void;
}

type Next = 'case' | 'answer' | 'again' | 'here' | 'reload' | 'signIn' | 'worklist';

export interface Ending {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  /** What to do next; the first is the main action. */
  readonly next: readonly Next[];
}

/** Why it is over for me, and what comes next. */
export function endingOf(state: RoomState, side: 'hub' | 'spoke', kind: RoomKind = 'consultation'): Ending {
  const ending = endingFor(state, side);
  // A guest has one page: the appointment's.
  if (kind !== 'guest') return ending;
  const next = ending.next.filter((one) => one !== 'worklist');
  return { ...ending, next: next.length > 0 ? next : ['case'] };
}

function endingFor(state: RoomState, side: 'hub' | 'spoke'): Ending {
  const e = r.ended;
  if (state.room.state === 'ended' || state.closeCode === CloseCode.ROOM_OVER) {
    const forCase: readonly Next[] = side === 'hub' ? ['answer', 'worklist'] : ['case', 'worklist'];
    switch (state.room.end_reason) {
      case 'interrupted':
        return { icon: 'circle-pause', title: e.interrupted, text: e.interruptedText, next: forCase };
      case 'abandoned':
        return { icon: 'circle-pause', title: e.abandoned, text: e.abandonedText, next: forCase };
      case 'cancelled':
        return { icon: 'circle-x', title: e.cancelled, text: e.cancelledText, next: forCase };
      case 'finished':
      case null:
        return { icon: 'circle-check', title: e.finished, text: e.finishedText, next: forCase };
    }
  }
  if (state.intent === 'removed') return { icon: 'user-x', title: e.removed, text: e.removedText, next: ['case', 'worklist'] };
  if (state.intent === 'left') return { icon: 'door-open', title: e.left, text: e.leftText, next: ['again', 'case'] };
  switch (state.closeCode) {
    case CloseCode.SIGNED_OUT:
      return { icon: 'lock', title: e.signedOut, text: e.signedOutText, next: ['signIn'] };
    case CloseCode.NOT_ALLOWED:
    case CloseCode.NOT_FOUND:
      return { icon: 'lock', title: e.notAllowed, text: e.notAllowedText, next: ['worklist'] };
    case CloseCode.SUPERSEDED:
      return { icon: 'monitor-x', title: e.superseded, text: e.supersededText, next: ['here', 'case'] };
    default:
      return { icon: 'triangle-alert', title: e.broken, text: e.brokenText, next: ['reload', 'case'] };
  }
}

/** The end: why, and what comes next. */
export class EndedView {
  readonly element = h('section', { class: 'ended' });
  private readonly rendered = new Rendered(this.element);

  constructor(
    private readonly boot: Boot,
    private readonly actions: EndedActions,
  ) {}

  update(state: RoomState): void {
    const ending = endingOf(state, this.boot.me.side, this.boot.kind);
    const { live_since, ended_at } = state.room;
    const lasted = live_since && ended_at ? elapsed(Date.parse(ended_at) - Date.parse(live_since)) : '';
    this.rendered.show(JSON.stringify([ending, lasted]), () => [
      h('span', { class: 'ended__icon' }, icon(ending.icon, 'icon--large')),
      h('h1', { tabindex: '-1' }, ending.title),
      h('p', { class: 'soft' }, ending.text),
      lasted && h('p', { class: 'ended__lasted' }, r.ended.duration(lasted)),
      h('div', { class: 'button-row' }, ...ending.next.map((next, i) => this.action(next, i === 0))),
    ]);
  }

  private action(next: Next, main: boolean): HTMLElement {
    const className = main ? 'button--primary button--large' : 'button--large';
    const link = (href: string, label: string): HTMLElement => h('a', { class: `button ${className}`, href }, label);
    switch (next) {
      case 'case':
        return link(this.boot.leave_url, r.ended.toCase);
      case 'answer':
        return link(this.boot.leave_url, r.ended.toCaseAnswer);
      case 'worklist':
        return link('/', r.ended.worklist);
      case 'signIn':
      case 'reload':
        // The server sends whoever is signed out to the sign-in page, and back here after it.
        return button(className, 'refresh-cw', next === 'signIn' ? r.ended.signIn : r.ended.reload, () => location.reload());
      case 'again':
      case 'here':
        return button(className, 'log-in', next === 'again' ? r.ended.again : r.ended.here, () => this.actions.again());
    }
  }
}
