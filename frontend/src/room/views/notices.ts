import { e } from '../../i18n/e2ee';
import { r } from '../../i18n/room';
import type { IconName } from '../../ui/icons';
import { myself, viewOf, type RoomState } from '../state';
import { button, h, icon, Rendered } from './dom';

export interface NoticeActions {
  unblockSound(): void;
  keepSound(): void;
  open(drawer: 'chat'): void;
}

/** The other side's telephone. */
export interface Phone {
  readonly place: string;
  readonly number: string;
}

interface Notice {
  readonly key: string;
  readonly text: string;
  readonly tone: 'warn' | 'bad' | 'good';
  readonly action?: { label: string; run: () => void };
}

/** What is not as it should be, said in the open, most important first. At most two at a time. */
export function noticesOf(state: RoomState, online: boolean, actions: NoticeActions, phone?: Phone): Notice[] {
  const notices: Notice[] = [];
  const view = viewOf(state);
  if (view === 'ended') return notices;
  if (state.soundBlocked) {
    notices.push({
      key: 'sound',
      text: r.notice.sound,
      tone: 'warn',
      action: { label: r.notice.soundAction, run: actions.unblockSound },
    });
  }
  if (state.line === 'reconnecting') {
    const text = view === 'live' ? r.notice.reconnecting : r.notice.reconnectingWaiting;
    notices.push({ key: 'line', text: online ? text : `${r.notice.offline} ${text}`, tone: 'warn' });
  }
  if (view === 'live' || view === 'waiting') {
    if (state.protection === 'barred') notices.push({ key: 'lock', text: e.notice.barred, tone: 'warn' });
  }
  if (view === 'live') {
    if (state.encryption.unreadable.length > 0) notices.push({ key: 'lock', text: e.notice.unreadable, tone: 'bad' });
    if (state.media === 'rebuilding') notices.push({ key: 'media', text: r.notice.mediaRebuilding, tone: 'warn' });
    if (state.media === 'joining') notices.push({ key: 'media', text: r.notice.mediaJoining, tone: 'good' });
    if (state.media === 'refused') notices.push({ key: 'media', text: r.notice.mediaRefused, tone: 'bad' });
    const line = state.me ? state.lines[state.me] : undefined;
    if (line?.down === 'writing' || line?.up === 'writing') {
      notices.push({
        key: 'writing',
        text: phone?.number ? r.notice.writingPhone(phone.place, phone.number) : r.notice.writing,
        tone: 'bad',
        action: { label: r.notice.writingAction, run: () => actions.open('chat') },
      });
    } else if (state.soundOnly) {
      notices.push({
        key: 'sound-only',
        text: r.notice.soundOnly,
        tone: 'warn',
        action: { label: r.notice.soundOnlyAction, run: actions.keepSound },
      });
    } else if (state.me && state.quality[state.me] === 'poor' && state.sending.camera && myself(state)?.state === 'in_room') {
      notices.push({
        key: 'poor',
        text: r.notice.poor,
        tone: 'warn',
        action: { label: r.notice.poorAction, run: actions.keepSound },
      });
    }
  }
  return notices.slice(0, 2);
}

const ICONS: Readonly<Record<string, IconName>> = {
  sound: 'volume-x',
  poor: 'signal-low',
  lock: 'lock',
  'sound-only': 'ear',
  writing: 'message-square',
};

export class Notices {
  readonly element = h('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });
  private readonly rendered = new Rendered(this.element);

  constructor(
    private readonly actions: NoticeActions,
    private readonly phone?: Phone,
  ) {}

  update(state: RoomState): void {
    const notices = noticesOf(state, navigator.onLine, this.actions, this.phone);
    this.rendered.show(JSON.stringify(notices), () =>
      notices.map(({ key, text, tone, action }) =>
        h(
          'div',
          { class: `line-bar line-bar--${tone}`, 'data-notice': key },
          icon(ICONS[key] ?? 'refresh-cw'),
          h('span', {}, text),
          action && button(key === 'sound' ? 'button--primary' : '', null, action.label, action.run),
        ),
      ),
    );
  }
}
