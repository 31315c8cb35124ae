/** What the page does about thin lines: keeps the sound by hand, sends and fetches stills, tells tile sizes, says what changed. */

import { r } from '../i18n/room';
import type { StillReady } from '../protocol/messages.gen';
import { announce } from '../ui/announce';
import type { Boot } from './boot';
import { Calm, seenOf } from './lines';
import type { MediaSession } from './media/session';
import { getStill, Photographer, putStill, StillSender, StillViewer } from './media/stills';
import { viewOf, type RoomState } from './state';
import type { Store } from './store';
import { sentenceOf } from './views/line-words';
import { Heights, heightsBySlot } from './views/heights';

export interface KeeperPort {
  readonly boot: Boot;
  readonly store: Store;
  readonly media: MediaSession;
  readonly place: HTMLElement;
  camera(): MediaStreamTrack | null;
}

export class LineKeeper {
  private readonly photographer = new Photographer();
  private readonly sender: StillSender;
  private readonly viewer: StillViewer;
  private readonly heights = new Heights(() => this.tellHeights());
  private readonly calm = new Calm();
  private told = '';

  constructor(private readonly port: KeeperPort) {
    const { boot, store } = port;
    this.sender = new StillSender({
      camera: () => this.photographed(),
      take: (track) => this.photographer.take(track),
      put: (picture) => putStill(boot.still_url, boot.csrf_token, picture),
      rest: () => this.photographer.rest(),
    });
    this.viewer = new StillViewer({
      get: (participant, seq) => getStill(`${boot.stills_url}${participant}/`, seq),
      show: (participant, still) => store.local({ kind: 'still', participant, still }),
    });
    // A reload in the middle of a call must not switch the pictures on again unasked.
    if (sessionStorage.getItem(this.key)) this.keepSound(true);
  }

  /** My camera while somebody looks at stills of it. They pass the server, which sees no picture of an encrypted room. */
  private photographed(): MediaStreamTrack | null {
    const { media, store } = this.port;
    const wanted = media.peer?.stills && !store.state.soundOnly && !store.state.room.encrypted;
    return wanted ? this.port.camera() : null;
  }

  private get key(): string {
    return `room-sound:${this.port.boot.session_id}`;
  }

  /** By hand: sound only, both ways, until taken back; kept over reconnects and reloads. */
  keepSound(on: boolean): void {
    if (on) sessionStorage.setItem(this.key, '1');
    else sessionStorage.removeItem(this.key);
    this.port.media.keepSound(on);
    this.port.store.local({ kind: 'sound_only', on });
  }

  stillReady(message: StillReady): void {
    this.viewer.ready(message);
  }

  changed(state: RoomState): void {
    const live = viewOf(state) === 'live';
    const others = state.room.participants.filter(
      (one) => one.info.participant_id !== state.me && one.state === 'in_room' && one.camera,
    );
    const ids = others.map((one) => one.info.participant_id);
    this.viewer.look(new Set(live ? ids.filter((id) => seenOf(state, id).rung === 'still') : []));
    this.heights.watch(this.port.place.querySelectorAll('.stage .tile'));
    this.tellHeights();
  }

  tick(now: number): void {
    this.sender.tick(now);
    const { state } = this.port.store;
    const sentences = new Map<string, string>();
    if (viewOf(state) === 'live') {
      for (const participant of state.room.participants) {
        if (participant.state === 'in_room') sentences.set(participant.info.participant_id, sentenceOf(state, participant)?.text ?? '');
      }
    }
    const news = this.calm.hear(sentences, now);
    if (news) announce(news.text || r.line.fine);
  }

  private tellHeights(): void {
    const { media, store } = this.port;
    const peer = media.peer;
    if (!peer) return;
    const heights = heightsBySlot(store.state.slots, this.heights.now());
    const signature = `${peer.id}${JSON.stringify(heights)}`;
    if (heights.length > 0 && signature !== this.told && media.tellHeights(heights)) this.told = signature;
  }
}
