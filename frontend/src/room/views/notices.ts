import { r } from '../../i18n/room';
import { myself, viewOf, type RoomState } from '../state';
import { button, h, icon, Rendered } from './dom';

export interface NoticeActions {
  unblockSound(): void;
  cameraOff(): void;
}

interface Notice {
  readonly key: string;
  readonly text: string;
  readonly tone: 'warn' | 'bad' | 'good';
  readonly action?: { label: string; run: () => void };
}

/** What is not as it should be, said in the open, most important first. At most two at a time. */
export function noticesOf(state: RoomState, online: boolean, actions: NoticeActions): Notice[] {
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
  if (view === 'live') {
    if (state.media === 'rebuilding') notices.push({ key: 'media', text: r.notice.mediaRebuilding, tone: 'warn' });
    if (state.media === 'joining') notices.push({ key: 'media', text: r.notice.mediaJoining, tone: 'good' });
    if (state.media === 'refused') notices.push({ key: 'media', text: r.notice.mediaRefused, tone: 'bad' });
    if (state.me && state.quality[state.me] === 'poor' && state.sending.camera && myself(state)?.state === 'in_room') {
      notices.push({
        key: 'poor',
        text: r.notice.poor,
        tone: 'warn',
        action: { label: r.notice.poorAction, run: actions.cameraOff },
      });
    }
  }
  return notices.slice(0, 2);
}

export class Notices {
  readonly element = h('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });
  private readonly rendered = new Rendered(this.element);

  constructor(private readonly actions: NoticeActions) {}

  update(state: RoomState): void {
    const notices = noticesOf(state, navigator.onLine, this.actions);
    this.rendered.show(JSON.stringify(notices), () =>
      notices.map(({ key, text, tone, action }) =>
        h(
          'div',
          { class: `line-bar line-bar--${tone}`, 'data-notice': key },
          icon(key === 'sound' ? 'volume-x' : key === 'poor' ? 'signal-low' : 'refresh-cw'),
          h('span', {}, text),
          action && button(key === 'sound' ? 'button--primary' : '', null, action.label, action.run),
        ),
      ),
    );
  }
}
