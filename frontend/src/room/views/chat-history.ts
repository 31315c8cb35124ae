/** The way to messages that are too old to come with the room. */

import { r } from '../../i18n/room';
import type { ChatPage } from '../state';
import { button, h } from './dom';

export class ChatHistory {
  readonly element: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly failed = h('p', { class: 'soft small', role: 'status' });
  private first = 0;

  constructor(
    private readonly url: string,
    private readonly read: (page: ChatPage) => void,
  ) {
    this.more = button('button--quiet', 'history', '', () => void this.load());
    this.element = h('div', { class: 'chat__earlier', hidden: true }, this.more, this.failed);
  }

  /** `first`: the place of the oldest message shown. */
  update(first: number): void {
    this.first = first;
    this.element.hidden = first === 0;
    const words = this.more.querySelector('span');
    if (words) words.textContent = r.chat.earlier(first);
  }

  private async load(): Promise<void> {
    this.more.setAttribute('aria-busy', 'true');
    this.failed.textContent = '';
    try {
      const response = await fetch(`${this.url}${this.first}/`, { headers: { Accept: 'application/json' } });
      if (!response.ok) throw new Error(`status ${response.status}`);
      this.read((await response.json()) as ChatPage);
    } catch {
      this.failed.textContent = r.chat.earlierFailed;
    } finally {
      this.more.removeAttribute('aria-busy');
    }
  }
}
