/**
 * Keeps one media connection alive, whatever the network does.
 *
 * A change of network, a silent line or a moved room is answered with a *new* connection; the old one is closed only when the new
 * one is connected (make before break). There is no ICE restart. The socket may be down meanwhile: media flows on, and what
 * needs the socket waits for it.
 *
 * A room that moves to another media server is on both for a while, for not everybody gets there at once. So the old connection is
 * kept as `previous`, sending and shown, until the new one carries everybody whom the old one does, or a few seconds are over.
 *
 * The connection is made before it may be used, while this person still checks their devices or waits to be let in: on *standby*
 * it is up, but no track is attached, so no sound or picture leaves this machine, and nothing of it is shown. Going live is then
 * only attaching the tracks; the server does its part by itself when the person is let in. Whatever goes wrong on standby is
 * made good quietly.
 */

import { Backoff } from '../../net/backoff';
import type { ClientMessage, MediaLost, MediaOffer, MediaSlots, MediaTune, MediaWanted, SlotHeight } from '../../protocol/messages.gen';
import type { MediaStatus } from '../state';
import { IceLadder } from './ice';
import { KINDS, Peer, type PeerConnection, type RemoteMedia, type RemoteTracks, type Tracks, type UpKind } from './peer';

/** `standby`: have a connection ready. `live`: use it. */
export type Wanted = 'none' | 'standby' | 'live';

export interface MediaPort {
  create(): PeerConnection;
  now(): number;
  random(): number;
  newId(): string;
  tracks(): Tracks;
  /** False when the line is down. */
  send(message: ClientMessage & { type: 'media_join' | 'media_answer' | 'media_leave' | 'media_tune' }): boolean;
  status(status: MediaStatus): void;
  remote(media: RemoteMedia, slots: Peer['slots']): void;
}

const OFFER_PATIENCE_MS = 6_000;
const DISCONNECTED_MS = 2_000;
const CALM_AFTER_REBUILD_MS = 4_000;
const NEW_SOCKET_SPREAD_MS = 1_500;
const MOVED_SPREAD_MS = 200;
const ON_BOTH_MS = 5_000;
const NO_TRACKS: Tracks = { microphone: null, camera: null, screen: null };

export class MediaSession {
  private wanted: Wanted = 'none';
  private lineUp = false;
  private refused = false;
  private current: Peer | null = null;
  private next: Peer | null = null;
  private previous: Peer | null = null;
  private previousUntil = 0;
  private currentEpoch = 0;
  private toldEpoch = 0;
  private nextEpoch = 0;
  private answered = false;
  private startedAt = 0;
  private builtAt = -Infinity;
  private soundOnly = false;
  private disconnectedAt: number | null = null;
  private rebuildAt: number | null = null;
  /** Whether what is heard and seen now is interrupted; a rebuild out of caution is nobody's concern. */
  private broken = false;
  private readonly ice = new IceLadder();
  private readonly backoff: Backoff;
  /** Nobody sees that standby is not there yet, so it is not worth the server's trouble to hurry. */
  private readonly calmBackoff: Backoff;

  constructor(private readonly port: MediaPort) {
    this.backoff = new Backoff(() => port.random(), 300, 2_500);
    this.calmBackoff = new Backoff(() => port.random(), 2_000, 30_000);
  }

  /** The connection media flows on, for statistics. */
  get peer(): Peer | null {
    return this.live ? this.current : null;
  }

  private get live(): boolean {
    return this.wanted === 'live';
  }

  /** What this person is to have here: `live` once let in, `none` once the call is over for them. */
  want(wanted: Wanted): void {
    if (wanted === this.wanted) return;
    const was = this.wanted;
    this.wanted = wanted;
    if (wanted === 'none') this.closeAll();
    else if (was === 'standby') return this.goLive();
    else {
      // From live to standby the old connection is void: whoever is outside has none that is live.
      if (was === 'live') this.closeAll();
      this.refused = false;
      this.rebuildAt = this.port.now();
    }
    this.tell();
    this.tick();
  }

  private goLive(): void {
    this.builtAt = this.port.now();
    for (const peer of this.peers()) void peer.attach(this.tracks());
    // What standby was in no hurry to mend is wanted now.
    if (this.refused || this.rebuildAt !== null) this.rebuildAt = this.port.now();
    this.refused = false;
    this.tell();
    this.show();
    this.tick();
  }

  private tracks(): Tracks {
    return this.live ? this.port.tracks() : NO_TRACKS;
  }

  setLine(up: boolean): void {
    const back = up && !this.lineUp;
    this.lineUp = up;
    if (back) {
      // An offer asked for on the old socket will not come any more.
      if (this.next && !this.answered) this.abandon(0);
      // The server tells a connection's slots to the socket that asked for it: ask again on this one, not all at once.
      if (this.current) this.rebuildAt ??= this.port.now() + this.port.random() * NEW_SOCKET_SPREAD_MS;
    }
    this.tick();
  }

  /** Make a new connection beside the old one, as a precaution. */
  rebuild(): void {
    if (this.wanted === 'none' || this.refused || this.next || this.rebuildAt !== null) return;
    this.rebuildAt = this.port.now();
    this.tick();
  }

  /** Nothing arrives although it should. Ignored right after a rebuild, which needs a moment to flow. */
  silent(): void {
    if (this.port.now() - this.builtAt > CALM_AFTER_REBUILD_MS) this.mend();
  }

  /** The room lives under a newer epoch: connections of older ones are void. */
  moved(epoch: number): void {
    if (this.next && this.nextEpoch !== 0 && this.nextEpoch < epoch) this.abandon(0);
    // The old server may well go on until we are gone. If not, the silence will tell.
    else if (this.current && this.currentEpoch < epoch) this.rebuild();
    if (epoch > this.toldEpoch) {
      this.toldEpoch = epoch;
      // What was waited for is there: the rest of the wait is only spread.
      if (this.rebuildAt !== null)
        this.rebuildAt = Math.min(this.rebuildAt, this.port.now() + this.port.random() * MOVED_SPREAD_MS);
    }
  }

  async onOffer(message: MediaOffer): Promise<void> {
    const peer = this.next;
    if (!peer || peer.id !== message.connection_id || this.answered) return;
    this.answered = true;
    this.nextEpoch = message.epoch;
    this.startedAt = this.port.now();
    try {
      peer.take(this.ice.next(message.ice_servers));
      const sdp = await peer.answer(message.sdp, () => this.tracks());
      if (peer !== this.next) return;
      this.port.send({ type: 'media_answer', connection_id: peer.id, sdp });
      // A new connection knows nothing of what was chosen on the one before.
      if (this.soundOnly) this.tune(peer, { sound_only: true });
    } catch {
      // A browser that cannot take the offer now (a track ended under its hands) is asked again.
      if (peer === this.next) this.abandon(500);
    }
  }

  onSlots({ connection_id, slots }: MediaSlots): void {
    const peer = this.peers().find((one) => one.id === connection_id);
    if (!peer) return;
    peer.slots = slots;
    if (peer !== this.next) this.show();
  }

  onWanted({ connection_id, layers, stills }: MediaWanted): void {
    const peer = [this.current, this.next].find((one) => one?.id === connection_id);
    void peer?.want(layers, stills);
  }

  /** By hand: sound only, both ways, on this connection and every later one. */
  keepSound(on: boolean): void {
    if (this.soundOnly === on) return;
    this.soundOnly = on;
    for (const peer of [this.current, this.next]) {
      if (!peer) continue;
      void peer.keepSound(on);
      if (peer === this.current || this.answered) this.tune(peer, { sound_only: on });
    }
  }

  /** Tell what the browser believes it can send, bit/s. */
  tellUplink(bitrate: number): void {
    if (this.current) this.tune(this.current, { uplink_bitrate: Math.round(bitrate) });
  }

  /** Tell how high what shows each downward line is, in device pixels. False when it could not be told now. */
  tellHeights(heights: readonly SlotHeight[]): boolean {
    return this.current !== null && this.tune(this.current, { heights });
  }

  private tune(peer: Peer, part: Partial<Pick<MediaTune, 'sound_only' | 'uplink_bitrate' | 'heights'>>): boolean {
    const nothing = { sound_only: null, uplink_bitrate: null, heights: null };
    return this.port.send({ type: 'media_tune', connection_id: peer.id, ...nothing, ...part });
  }

  onLost({ connection_id, retry, retry_after_ms }: MediaLost): void {
    if (!retry && (connection_id === null || connection_id === this.next?.id || connection_id === this.current?.id)) {
      this.refused = true;
      this.closeAll();
      this.tell();
      return;
    }
    if (this.next && (connection_id === null || connection_id === this.next.id)) this.abandon(retry_after_ms);
    else if (connection_id === null || connection_id === this.current?.id) {
      this.broken = true;
      this.schedule(retry_after_ms);
    }
  }

  async replaceTrack(kind: UpKind, track: MediaStreamTrack | null): Promise<void> {
    if (this.live) await Promise.all(this.peers().map((peer) => peer.replaceTrack(kind, track)));
  }

  tick(): void {
    const now = this.port.now();
    if (this.wanted === 'none' || this.refused) return;
    if (this.next) {
      const patience = this.answered ? this.ice.patienceMs : OFFER_PATIENCE_MS;
      if (now - this.startedAt > patience) this.abandon(0);
    }
    if (this.previous && now > this.previousUntil) this.forgetPrevious();
    if (this.disconnectedAt !== null && now - this.disconnectedAt > DISCONNECTED_MS) {
      this.disconnectedAt = null;
      this.mend();
    }
    if (this.rebuildAt !== null && now >= this.rebuildAt && this.lineUp && !this.next) this.join();
  }

  /** Close everything, for good or until something else is wanted. */
  closeAll(): void {
    for (const peer of this.peers()) this.close(peer);
    this.current = this.next = this.previous = null;
    this.rebuildAt = this.disconnectedAt = null;
    this.broken = false;
    this.port.remote(new Map(), []);
  }

  private join(): void {
    this.rebuildAt = null;
    this.answered = false;
    this.nextEpoch = 0;
    this.startedAt = this.port.now();
    const peer: Peer = new Peer(this.port.newId(), this.port.create(), () => this.changed(peer));
    void peer.keepSound(this.soundOnly);
    this.next = peer;
    this.tell();
    if (!this.port.send({ type: 'media_join', connection_id: peer.id })) this.abandon(0);
  }

  /** Give up the attempt and try again after `afterMs`, or when the jitter says. */
  private abandon(afterMs: number): void {
    const peer = this.next;
    this.next = null;
    if (peer && this.answered) this.ice.failed();
    if (peer) this.close(peer);
    // A wait the server gives is spread already; only without one do we spread by ourselves.
    this.schedule(afterMs > 0 ? afterMs : (this.live ? this.backoff : this.calmBackoff).next());
  }

  private schedule(afterMs: number): void {
    this.rebuildAt = this.port.now() + afterMs;
    this.tell();
  }

  /** Make a new connection because the old one does not work. */
  private mend(): void {
    this.broken = true;
    this.rebuild();
    this.tell();
  }

  private tell(): void {
    if (!this.live) this.port.status('none');
    else if (this.refused) this.port.status('refused');
    else this.port.status(!this.current ? 'joining' : this.broken ? 'rebuilding' : 'connected');
  }

  private changed(peer: Peer): void {
    if (peer === this.next) {
      if (peer.state === 'connected') this.promote(peer);
      else if (peer.state === 'failed' || peer.state === 'closed') this.abandon(0);
      return;
    }
    if (peer === this.previous && peer.state !== 'connected') this.forgetPrevious();
    if (peer !== this.current) return;
    if (peer.state === 'failed' || peer.state === 'closed') this.mend();
    else if (peer.state === 'disconnected') this.disconnectedAt ??= this.port.now();
    else if (peer.state === 'connected') this.disconnectedAt = null;
  }

  private promote(peer: Peer): void {
    const old = this.current;
    const moved = this.currentEpoch < this.nextEpoch;
    this.current = peer;
    this.next = null;
    this.currentEpoch = this.nextEpoch;
    this.disconnectedAt = null;
    this.builtAt = this.port.now();
    this.ice.worked();
    this.backoff.reset();
    this.calmBackoff.reset();
    this.broken = false;
    this.tell();
    this.forgetPrevious();
    const keep = moved && this.live && old?.state === 'connected';
    if (keep) {
      this.previous = old;
      this.previousUntil = this.builtAt + ON_BOTH_MS;
    }
    this.show();
    if (old && !keep) this.close(old);
  }

  private show(): void {
    if (!this.live || !this.current) return;
    const media = new Map(this.current.remote());
    let missed = false;
    for (const [participant, tracks] of this.previous?.remote() ?? []) {
      const here: RemoteTracks = media.get(participant) ?? {};
      missed ||= KINDS.some((kind) => tracks[kind] && !here[kind]);
      media.set(participant, { ...tracks, ...here });
    }
    this.port.remote(media, this.current.slots);
    if (!missed) this.forgetPrevious();
  }

  private forgetPrevious(): void {
    const peer = this.previous;
    if (!peer) return;
    this.previous = null;
    this.show(); // first, so that no track that is still shown ends
    this.close(peer);
  }

  private close(peer: Peer): void {
    this.port.send({ type: 'media_leave', connection_id: peer.id });
    peer.close();
  }

  private peers(): Peer[] {
    return [this.previous, this.current, this.next].filter((peer) => peer !== null);
  }
}
