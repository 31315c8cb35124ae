import { r } from '../../i18n/room';
import type { Quality, RoomParticipant } from '../../protocol/messages.gen';
import { setText } from '../../ui/dom';
import type { IconName } from '../../ui/icons';
import { clockSeconds, fullName, initial } from '../format';
import type { Still } from '../media/stills';
import { bars, h, icon, Rendered } from './dom';
import type { Sentence } from './line-words';
import { Picture } from './picture';

export interface TileItem {
  readonly participant: RoomParticipant;
  readonly kind: 'camera' | 'screen';
  readonly track: MediaStreamTrack | null;
  readonly quality: Quality | undefined;
  /** What to say about the line; null when there is nothing. */
  readonly line: Sentence | null;
  /** Whether moving pictures come; a track that has stopped would show its last one for ever. */
  readonly moving: boolean;
  readonly still: Still | undefined;
  readonly speaking: boolean;
  readonly mine: boolean;
  readonly pinned: boolean;
  readonly canPin: boolean;
  readonly canRemove: boolean;
}

export interface TileActions {
  pin(key: string | null): void;
  remove(participant: RoomParticipant): void;
}

/** A small button on the picture; the same element whatever it says, so that it keeps the focus. */
class Tool {
  readonly element: HTMLButtonElement;
  private shown = '';

  constructor(run: () => void) {
    this.element = h('button', { class: 'tile__tool', type: 'button', onclick: run });
  }

  show(name: IconName, label: string): void {
    if (this.shown === name + label) return;
    this.shown = name + label;
    this.element.replaceChildren(icon(name));
    this.element.title = label;
    this.element.setAttribute('aria-label', label);
  }
}

/** One person's picture (or shared screen) with name, role and facility, line and microphone. */
export class Tile {
  readonly element: HTMLElement;
  private readonly picture = new Picture();
  private readonly none = h('div', { class: 'tile__none' });
  private readonly noneShown = new Rendered(this.none);
  private readonly still = h('figure', { class: 'tile__still', hidden: true });
  private readonly stillPicture = h('img', { alt: '' });
  private readonly stillTime = h('figcaption');
  private readonly line = h('span', { class: 'tile__line', hidden: true });
  private readonly name = h('span', { class: 'tile__name' });
  private readonly about = h('span', { class: 'tile__about' });
  private readonly marks = h('span', { class: 'tile__marks' });
  private readonly marksShown = new Rendered(this.marks);
  private readonly pin: Tool;
  private readonly full = new Tool(() => void this.fullscreen());
  private readonly remove: Tool;
  private item: TileItem | null = null;

  constructor(key: string, actions: TileActions) {
    this.pin = new Tool(() => actions.pin(this.item?.pinned ? null : key));
    this.remove = new Tool(() => this.item && actions.remove(this.item.participant));
    this.still.append(this.stillPicture, this.stillTime);
    this.element = h(
      'article',
      { class: 'tile', 'data-key': key },
      this.picture.element,
      this.none,
      this.still,
      h('footer', { class: 'tile__label' }, h('span', { class: 'tile__who' }, this.name, this.about, this.line), this.marks),
      h('div', { class: 'tile__tools' }, this.pin.element, this.full.element, this.remove.element),
    );
  }

  update(item: TileItem): void {
    const { participant, kind, mine } = item;
    const { info, state } = participant;
    const who = mine ? r.me : fullName(info);
    const showing = kind === 'screen' || participant.camera || mine;
    const moving = item.moving || mine;
    this.picture.show(showing && moving && state !== 'away' ? item.track : null);
    this.showStill(showing && !moving && state !== 'away' ? item.still : undefined, who);
    this.picture.element.classList.toggle('picture--mirror', mine && kind === 'camera');
    this.element.classList.toggle('tile--speaking', item.speaking);
    this.element.classList.toggle('tile--screen', kind === 'screen');
    this.element.dataset['state'] = state;
    this.element.dataset['participant'] = info.participant_id;
    const ofScreen = participant.exam ? r.tile.examOf(who) : r.tile.screenOf(who);
    setText(this.name, kind === 'screen' ? ofScreen : who);
    setText(this.line, item.line?.text ?? '');
    this.line.hidden = item.line === null;
    this.line.className = `tile__line tile__line--${item.line?.step ?? 'good'}`;
    this.element.dataset['line'] = item.line?.step ?? 'good';
    setText(this.about, kind === 'screen' || mine ? '' : [r.role[info.role], info.facility].filter(Boolean).join(' · '));

    const why =
      state === 'away'
        ? r.tile.away
        : !showing || (mine && !item.track)
          ? r.tile.cameraOff
          : !moving
            ? r.tile.soundOnly
            : !item.track
              ? r.tile.noPicture
              : '';
    this.none.hidden = why === '' || !this.still.hidden;
    this.noneShown.show(why + info.name, () => [
      h('span', { class: 'tile__initial', 'aria-hidden': 'true' }, initial(info.name)),
      h('span', {}, why),
    ]);

    const mark = (shape: Node, label: string, className: string): HTMLElement =>
      h('span', { class: `tile__mark ${className}`, title: label }, shape, h('span', { class: 'visually-hidden' }, label));
    const quality = item.quality ?? 'good';
    this.marksShown.show(JSON.stringify([participant.microphone, participant.auscultation, quality, kind, state]), () =>
      kind === 'screen'
        ? []
        : [
            participant.auscultation && mark(icon('stethoscope'), r.tile.auscultation, 'tile__mark--exam'),
            !participant.microphone && mark(icon('mic-off'), r.tile.micOff, ''),
            state === 'away'
              ? mark(bars('none'), r.tile.away, 'tile__mark--poor')
              : mark(bars(quality), r.quality[quality], `tile__mark--${quality}`),
          ],
    );
    this.pin.show(item.pinned ? 'minimize-2' : 'pin', item.pinned ? r.tile.unpin(who) : r.tile.pin(who));
    this.pin.element.hidden = !item.canPin;
    this.full.show('maximize-2', `${r.tile.fullscreen}: ${who}`);
    this.remove.show('user-x', `${r.tile.remove}: ${who}`);
    this.remove.element.hidden = !item.canRemove || kind === 'screen';
    this.item = item;
  }

  dispose(): void {
    this.picture.show(null);
  }

  private showStill(still: Still | undefined, who: string): void {
    this.still.hidden = still === undefined;
    if (!still) return void this.stillPicture.removeAttribute('src');
    if (this.stillPicture.src === still.url) return;
    this.stillPicture.src = still.url;
    this.stillPicture.alt = r.tile.stillOf(who);
    setText(this.stillTime, r.tile.still(clockSeconds(still.takenAt)));
  }

  private async fullscreen(): Promise<void> {
    // Not everywhere (iPhone): then the button does nothing worse than nothing.
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.element.requestFullscreen?.().catch(() => {});
  }
}
