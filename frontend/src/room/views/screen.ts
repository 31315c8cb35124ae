import { r } from '../../i18n/room';
import type { Boot } from '../boot';
import type { LocalMedia } from '../media/local';
import type { RemoteMedia } from '../media/peer';
import { myself, viewOf, type RoomState, type View } from '../state';
import { Bar } from './bar';
import { Board, Knock, type BoardActions } from './board';
import { CheckView } from './check';
import { Controls, type ControlActions } from './controls';
import { h } from './dom';
import { Drawer, type DrawerActions } from './drawer';
import { EndedView, type EndedActions } from './ended';
import { Notices, type NoticeActions } from './notices';
import { Stage } from './stage';
import type { TileActions } from './tile';

export type ScreenActions = BoardActions &
  ControlActions &
  DrawerActions &
  TileActions &
  NoticeActions &
  EndedActions & { ready(): void; line(): void; safetyCode(): void };

/** Which of the room's screens is shown, and what is on it. */
export class Screen {
  private readonly root: HTMLElement;
  private readonly bar: Bar;
  private readonly notices: Notices;
  private readonly check: CheckView;
  private readonly board: Board;
  private readonly knock: Knock;
  private readonly stage: Stage;
  private readonly drawer: Drawer;
  private readonly controls: Controls;
  private readonly ended: EndedView;
  private readonly frame: HTMLElement;
  private readonly heading = h('h1', { class: 'visually-hidden', tabindex: '-1', hidden: true }, r.lead.live);
  private view: View | null = null;
  private second = 0;

  constructor(
    boot: Boot,
    private readonly local: LocalMedia,
    place: HTMLElement,
    actions: ScreenActions,
  ) {
    this.bar = new Bar(boot, () => actions.line(), actions.safetyCode);
    this.notices = new Notices(actions, boot.phone);
    this.check = new CheckView(local, boot.kind, actions.ready);
    this.board = new Board(boot, actions);
    this.knock = new Knock(actions);
    this.stage = new Stage(boot.me.side, actions);
    this.drawer = new Drawer(boot, actions);
    this.controls = new Controls(boot.kind, actions);
    this.ended = new EndedView(boot, actions);
    this.frame = h(
      'div',
      { class: 'frame' },
      // Scrolls on a small window, so the keyboard must reach it.
      h('div', { class: 'frame__main', tabindex: '0' }, this.heading, this.knock.element, this.board.element, this.stage.element),
      this.drawer.element,
    );
    const main = h(
      'main',
      { class: 'room__main', id: 'content', tabindex: '-1' },
      this.check.element,
      this.frame,
      this.ended.element,
    );
    this.root = h('div', { class: 'room' }, this.bar.element, this.notices.element, main, this.controls.element);
    place.replaceChildren(this.root);
  }

  update(state: RoomState, remote: RemoteMedia): void {
    const view = viewOf(state);
    const framed = view === 'waiting' || view === 'live';
    this.check.element.hidden = view !== 'check';
    this.frame.hidden = !framed;
    this.controls.element.hidden = !framed;
    this.ended.element.hidden = view !== 'ended';
    this.root.dataset['view'] = view;
    this.root.dataset['drawer'] = state.drawer ?? 'none';

    this.bar.update(state);
    this.notices.update(state);
    if (view === 'check') this.check.update(state);
    if (view === 'ended') this.ended.update(state);
    if (framed) {
      // Alone in the room, the board says what is waited for; with somebody else, the pictures are the room.
      const company =
        view === 'live' &&
        state.room.participants.some(
          (one) => one.info.participant_id !== state.me && (one.state === 'in_room' || one.state === 'away'),
        );
      const begins = company && this.heading.hidden;
      this.heading.hidden = !company;
      this.board.element.hidden = company;
      this.stage.element.hidden = !company && !myself(state);
      this.knock.update(state, company);
      this.stage.element.classList.toggle('stage--self', !company);
      this.board.update(state);
      this.stage.update(state, remote, this.local.tracks);
      const wasInDrawer = this.drawer.element.contains(document.activeElement);
      this.drawer.update(state);
      this.controls.update(state);
      if (wasInDrawer && state.drawer === null) this.controls.focusDrawer();
      // The button that was pressed to get here is gone with the board: the focus must not fall to the top of the page.
      if (begins && (document.activeElement === document.body || this.board.element.contains(document.activeElement)))
        this.heading.focus();
    }
    if (view !== this.view) this.turn(view);
  }

  /** Once a second is enough for a clock of seconds; `tick` comes more often. */
  tick(): void {
    const second = Math.floor(performance.now() / 500);
    if (second === this.second) return;
    this.second = second;
    this.bar.tick();
  }

  /** From a text field of the drawer to the drawer's tab. */
  leaveText(): void {
    this.drawer.focusTab();
  }

  focusChat(): void {
    this.drawer.focusChat();
  }

  giveBackChat(text: string): void {
    this.drawer.giveBackChat(text);
  }

  private turn(view: View): void {
    const first = this.view === null;
    if (this.view === 'check') this.check.leave();
    this.view = view;
    document.title = `${r.lead[view]} · ${r.title}`;
    // A new screen is announced by moving to its heading; not on load, where the page itself does it.
    if (!first) this.root.querySelector<HTMLElement>('main h1:not([hidden], [hidden] *)')?.focus();
  }
}
