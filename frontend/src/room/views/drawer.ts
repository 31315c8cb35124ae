import { htmx } from '../../behaviours/htmx';
import { r } from '../../i18n/room';
import type { Boot } from '../boot';
import { unread, type Drawer as Which, type RoomState } from '../state';
import { Chat, type ChatActions } from './chat';
import { button, h, icon } from './dom';
import { firstPicture } from './first-picture';

export interface DrawerActions extends ChatActions {
  open(which: Which): void;
}

type Tab = Exclude<Which, null>;

const CASE_WAITS_MS = 700;

/** One drawer beside (or under) the picture: the case with its questions and notes, or the chat. */
export class Drawer {
  readonly element: HTMLElement;
  private readonly chat: Chat;
  private readonly panel = h('div', {
    class: 'drawer__panel',
    id: 'drawer-case',
    role: 'tabpanel',
    'aria-labelledby': 'tab-case',
    tabindex: '0',
  });
  private readonly chatPanel: HTMLElement;
  private readonly tabs: Record<Tab, HTMLButtonElement>;
  private readonly count = h('span', { class: 'count count--urgent', hidden: true });
  private loaded = false;
  private me: string | null = null;
  /** Begins when the drawer is first on screen, which is when one enters. */
  private entered: Promise<void> | null = null;

  constructor(
    private readonly boot: Boot,
    private readonly actions: DrawerActions,
  ) {
    this.chat = new Chat(boot, actions);
    this.chatPanel = h(
      'div',
      { class: 'drawer__panel drawer__panel--chat', id: 'drawer-chat', role: 'tabpanel', 'aria-labelledby': 'tab-chat' },
      this.chat.element,
    );
    const tab = (which: Tab, label: string, ...more: Node[]): HTMLButtonElement =>
      h(
        'button',
        {
          class: 'tab',
          type: 'button',
          role: 'tab',
          id: `tab-${which}`,
          'aria-controls': `drawer-${which}`,
          onclick: () => actions.open(which),
          onkeydown: (event) => this.onKey(event as KeyboardEvent),
        },
        label,
        ...more,
      );
    this.tabs = { case: tab('case', r.drawer.case), chat: tab('chat', r.drawer.chat, this.count) };
    this.element = h(
      'aside',
      { class: 'drawer', 'aria-label': r.drawer.label },
      h(
        'div',
        { class: 'drawer__head' },
        h('div', { class: 'tabs', role: 'tablist', 'aria-label': r.drawer.label }, boot.kind !== 'guest' && this.tabs.case, this.tabs.chat),
        h(
          'button',
          {
            class: 'button button--quiet button--icon',
            type: 'button',
            title: r.drawer.close,
            onclick: () => actions.open(null),
          },
          icon('x'),
          h('span', { class: 'visually-hidden' }, r.drawer.close),
        ),
      ),
      this.panel,
      this.chatPanel,
    );
  }

  update(state: RoomState): void {
    this.me = state.me;
    this.entered ??= firstPicture(document, () => this.me, CASE_WAITS_MS);
    this.element.hidden = state.drawer === null;
    for (const which of ['case', 'chat'] as const) {
      this.tabs[which].setAttribute('aria-selected', String(state.drawer === which));
      this.tabs[which].tabIndex = state.drawer === which ? 0 : -1;
    }
    this.panel.hidden = state.drawer !== 'case';
    this.chatPanel.hidden = state.drawer !== 'chat';
    const n = unread(state);
    this.count.hidden = n === 0;
    this.count.textContent = String(n);
    this.chat.update(state);
    if (state.drawer === 'case' && !this.loaded) {
      this.loaded = true;
      void this.load();
    }
  }

  focusTab(): void {
    this.tabs[this.chatPanel.hidden ? 'case' : 'chat'].focus();
  }

  focusChat(): void {
    this.chat.focus();
  }

  giveBackChat(text: string): void {
    this.chat.giveBack(text);
  }

  private onKey(event: KeyboardEvent): void {
    if ((event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') || this.boot.kind === 'guest') return;
    const other = event.currentTarget === this.tabs.case ? 'chat' : 'case';
    this.actions.open(other);
    this.tabs[other].focus();
  }

  private async load(): Promise<void> {
    const state = (iconName: 'loader-circle' | 'cloud-off', title: string, ...more: Node[]): HTMLElement =>
      h(
        'div',
        { class: 'state' },
        icon(iconName, iconName === 'loader-circle' ? 'spin' : ''),
        h('p', { class: 'state__title' }, title),
        ...more,
      );
    this.panel.replaceChildren(state('loader-circle', r.panel.loading));
    await this.entered;
    try {
      const response = await fetch(this.boot.panel_url, { headers: { 'HX-Request': 'true' }, redirect: 'error' });
      if (!response.ok) throw new Error(String(response.status));
      htmx.swap(this.panel, await response.text(), { swapStyle: 'innerHTML', swapDelay: 0, settleDelay: 0 });
    } catch {
      this.panel.replaceChildren(
        state(
          'cloud-off',
          r.panel.failed,
          h('p', {}, r.panel.failedText),
          button('button--primary', 'refresh-cw', r.panel.retry, () => void this.load()),
        ),
      );
    }
  }
}
