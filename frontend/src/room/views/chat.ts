import { t } from '../../i18n';
import { r } from '../../i18n/room';
import { MAX_CHAT_CHARACTERS, type ChatLine } from '../../protocol/messages.gen';
import type { Boot } from '../boot';
import { clockTime, fileSize, fullName } from '../format';
import { firstShown, type ChatPage, type RoomState } from '../state';
import { ChatHistory } from './chat-history';
import { button, h, icon, Keyed } from './dom';

export interface ChatActions {
  post(text: string, documentId: string | null): void;
  /** Older messages have been read. */
  page(page: ChatPage): void;
}

interface Line {
  readonly who: string;
  readonly mine: boolean;
  readonly time: string;
  readonly text: string;
  readonly document: ChatLine['document'];
}

/** Text and files of the call, kept with the case. What is being sent is shown as such, and stays until the log has it. */
export class Chat {
  readonly element: HTMLElement;
  private readonly list = h('ol', { class: 'chat__lines', 'aria-label': r.drawer.chat });
  private readonly lines: Keyed<Line, { element: HTMLElement }>;
  private readonly empty = h(
    'div',
    { class: 'state' },
    icon('message-square'),
    h('p', { class: 'state__title' }, r.chat.empty),
    h('p', {}, r.chat.emptyText),
  );
  private readonly input: HTMLTextAreaElement;
  private readonly uploads = h('div', { class: 'stack stack--tight', role: 'status' });
  private readonly history: ChatHistory;
  private newest = '';

  constructor(
    private readonly boot: Boot,
    private readonly actions: ChatActions,
  ) {
    this.history = new ChatHistory(boot.chat_url, (page) => actions.page(page));
    this.lines = new Keyed<Line, { element: HTMLElement }>(
      this.list,
      (line) => ({ element: this.line(line) }),
      () => {},
    );
    this.input = h('textarea', {
      rows: 2,
      maxlength: MAX_CHAT_CHARACTERS,
      'aria-label': r.chat.write,
      placeholder: r.chat.write,
      onkeydown: (event) => this.onKey(event as KeyboardEvent),
      onpaste: (event) => this.onPaste(event as ClipboardEvent),
    });
    const file = h('input', {
      type: 'file',
      multiple: true,
      hidden: true,
      accept: 'image/*,application/pdf',
      onchange: (event) => {
        const chosen = event.target as HTMLInputElement;
        this.upload([...(chosen.files ?? [])]);
        chosen.value = '';
      },
    });
    const form = h(
      'form',
      { class: 'chat__form', onsubmit: (event) => (event.preventDefault(), this.send()) },
      this.input,
      h(
        'div',
        { class: 'chat__tools' },
        file,
        button('button--quiet', 'paperclip', r.chat.attach, () => file.click()),
        h('button', { class: 'button button--primary' }, icon('send'), h('span', {}, r.chat.send)),
      ),
    );
    this.element = h('div', { class: 'chat' }, h('div', { class: 'chat__scroll' }, this.history.element, this.empty, this.list), this.uploads, form);
    this.element.addEventListener('dragover', (event) => event.preventDefault());
    this.element.addEventListener('drop', (event) => {
      event.preventDefault();
      this.upload([...(event.dataTransfer?.files ?? [])]);
    });
  }

  focus(): void {
    this.input.focus();
  }

  /** Give back what could not be sent, before whatever was typed since. */
  giveBack(text: string): void {
    this.input.value = [text, this.input.value].filter(Boolean).join('\n');
  }

  update(state: RoomState): void {
    const names = new Map(state.room.participants.map((one) => [one.info.participant_id, fullName(one.info)]));
    const said = [...state.earlier, ...state.room.chat].map((line): [string, Line] => [
      line.message_id,
      {
        who: line.participant_id === state.me ? r.me : (names.get(line.participant_id) ?? ''),
        mine: line.participant_id === state.me,
        time: clockTime(line.at),
        text: line.text,
        document: line.document,
      },
    ]);
    // The log gives a line its command's key as id: once it is said, it is no longer going, and its row is another.
    const known = new Set(said.map(([id]) => id));
    const going = Object.entries(state.pending).flatMap(([key, action]): [string, Line][] =>
      action.do === 'post_chat' && !known.has(key)
        ? [[`going:${key}`, { who: r.me, mine: true, time: r.chat.sending, text: action.text, document: null }]]
        : [],
    );
    const all = [...said, ...going];
    const scroll = this.list.parentElement as HTMLElement;
    const toEnd = scroll.scrollHeight - scroll.scrollTop;
    const before = this.list.childElementCount;
    this.history.update(firstShown(state));
    this.lines.show(all);
    this.empty.hidden = all.length > 0;
    const newest = all.at(-1)?.[0] ?? '';
    if (newest !== this.newest) scroll.scrollTop = scroll.scrollHeight;
    // Older messages come in above what is being read.
    else if (all.length > before) scroll.scrollTop = scroll.scrollHeight - toEnd;
    this.newest = newest;
  }

  private line({ who, mine, time, text, document }: Line): HTMLElement {
    return h(
      'li',
      { class: mine ? 'line line--mine' : 'line' },
      h('p', { class: 'line__who' }, h('strong', {}, who), h('span', { class: 'soft small' }, time)),
      text && h('p', { class: 'prose-plain' }, text),
      document &&
        h(
          'a',
          {
            class: 'file',
            href: `${this.boot.documents_url}${document.document_id}/`,
            target: '_blank',
            rel: 'noopener',
            title: r.chat.download,
          },
          icon(document.content_type.startsWith('image/') ? 'image' : 'file-text'),
          h(
            'span',
            {},
            h('span', { class: 'file__name' }, document.name),
            ' ',
            h('span', { class: 'file__about' }, fileSize(document.size)),
          ),
        ),
    );
  }

  private onKey(event: KeyboardEvent): void {
    // `isComposing`: Enter that ends a Telex word must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  private onPaste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.upload(files);
  }

  private send(): void {
    const text = this.input.value.trim();
    if (!text) return;
    this.actions.post(text, null);
    this.input.value = '';
  }

  private upload(files: File[]): void {
    for (const file of files) void this.uploadOne(file);
  }

  private async uploadOne(file: File): Promise<void> {
    const progress = h('p', { class: 'soft small' }, r.chat.uploading(file.name));
    this.uploads.append(progress);
    const body = new FormData();
    body.set('file', file);
    try {
      const response = await fetch(this.boot.upload_url, {
        method: 'POST',
        body,
        headers: { 'X-CSRFToken': this.boot.csrf_token, Accept: 'application/json' },
      });
      const answer = (await response.json()) as { document_id?: string; text?: string };
      if (!response.ok || !answer.document_id) throw new Error(answer.text ?? '');
      this.actions.post('', answer.document_id);
      progress.remove();
    } catch (error) {
      const why =
        error instanceof Error && error.name === 'Error' && error.message ? error.message : r.chat.uploadFailed(file.name);
      progress.replaceWith(this.failed(file, why));
    }
  }

  private failed(file: File, why: string): HTMLElement {
    const notice = h(
      'div',
      { class: 'notice notice--warn' },
      icon('triangle-alert'),
      h(
        'div',
        {},
        h('p', {}, why),
        h(
          'div',
          { class: 'notice__actions' },
          button('', 'refresh-cw', r.panel.retry, () => (notice.remove(), this.upload([file]))),
          button('button--quiet', 'x', t.close, () => notice.remove()),
        ),
      ),
    );
    return notice;
  }
}
