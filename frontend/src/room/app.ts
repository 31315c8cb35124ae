/** The room, put together: one state, the socket, the media session, the screens; and the effects between them. */

import { r } from '../i18n/room';
import { startClock } from '../net/clock';
import type { Action, Quality, ServerMessage } from '../protocol/messages.gen';
import { announce } from '../ui/announce';
import { toast } from '../ui/toast';
import { Awake } from './awake';
import type { Boot } from './boot';
import { LineKeeper } from './line-keeper';
import { Connection } from './connection';
import { Encryption, supportsEncryption } from './e2ee/encryption';
import { spoken } from './effects';
import { onKey } from './keys';
import { freshConnection } from './media/fresh';
import type { RemoteMedia } from './media/peer';
import { MediaSession } from './media/session';
import { Monitor } from './media/monitor';
import { Speakers } from './media/speakers';
import { OwnMedia } from './own-media';
import { webSocket } from './socket';
import { initialState, myself, viewOf, type Drawer, type RoomState } from './state';
import { Store } from './store';
import { askLeave, askRemove } from './views/dialogs';
import { openLine } from './views/line-panel';
import { openSafetyCode } from './views/safety';
import { Screen } from './views/screen';
import { Wakefulness } from './wake';

const RTC: RTCConfiguration = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' };
const WIDE = '(min-width: 64rem)';

const peopleIn = (state: RoomState): number => state.room.participants.filter((one) => one.state === 'in_room').length;

export class RoomApp {
  readonly store: Store;
  readonly media: MediaSession;
  private readonly connection: Connection;
  private readonly own: OwnMedia;
  private readonly speakers: Speakers;
  private readonly monitor: Monitor;
  private fresh = false;
  private readonly screen: Screen;
  private readonly keeper: LineKeeper;
  private readonly wakefulness = new Wakefulness(() => this.networkChanged());
  private readonly awake = new Awake();
  /** In an encrypted room every connection is its work; null in a plain room, and where this browser cannot encrypt. */
  private readonly encryption: Encryption | null;
  private remote: RemoteMedia = new Map();
  private toldQuality: Quality = 'good';
  private updateCode: (state: RoomState) => void = () => {};

  constructor(
    private readonly boot: Boot,
    place: HTMLElement,
  ) {
    const able = boot.encrypted && supportsEncryption();
    const protection = !boot.encrypted ? 'none' : able ? 'on' : 'barred';
    this.store = new Store(initialState(boot.session_id, !this.guest && matchMedia(WIDE).matches ? 'case' : null, protection));
    this.encryption = able
      ? new Encryption(boot.session_id, {
          send: (message) => this.connection.send(message),
          status: (status) => this.store.local({ kind: 'encryption', status }),
        })
      : null;
    this.connection = new Connection({
      open: () => webSocket(boot.ws_url),
      now: () => performance.now(),
      random: Math.random,
      newKey: () => crypto.randomUUID(),
      deliver: (message) => this.receive(message),
      line: (line, code) => {
        this.store.local({ kind: 'line', line, ...(code === undefined ? {} : { code }) });
        // A new socket opens and the media connection is quiet: there is another network.
        if (line === 'open' && this.monitor.quiet) this.media.silent();
        this.media.setLine(line === 'open');
      },
    });
    this.media = new MediaSession({
      create: () => this.encryption?.connect(RTC) ?? this.connect(),
      now: () => performance.now(),
      random: Math.random,
      newId: () => crypto.randomUUID(),
      tracks: () => this.own.local.tracks,
      send: (message) => this.connection.send(message),
      status: (status) => this.store.local({ kind: 'media', status }),
      remote: (media, slots) => {
        this.remote = media;
        this.speakers.update(media);
        this.store.local({ kind: 'slots', slots });
      },
    });
    this.own = new OwnMedia(boot, {
      changed: () => this.store.local({ kind: 'sending', sending: this.own.local.sending }),
      send: (kind, track) => void this.media.replaceTrack(kind, track),
      barred: () => this.barred,
      live: () => viewOf(this.store.state) === 'live',
      rebuild: () => this.media.rebuild(),
    });
    this.speakers = new Speakers(place, (blocked) => {
      if (this.store.state.soundBlocked !== blocked) this.store.local({ kind: 'sound_blocked', blocked });
    });
    this.monitor = new Monitor({
      peer: () => this.media.peer,
      expected: () => this.remote.size > 0 || this.own.local.tracks.microphone !== null,
      silent: () => {
        this.media.silent();
        this.connection.doubt();
      },
      hushed: () => {
        this.fresh = false;
        this.connection.knock();
      },
      speaking: (participants) => this.store.local({ kind: 'speaking', participants }),
      quality: (quality) => {
        this.store.local({ kind: 'my_quality', quality });
        this.tellQuality();
      },
      uplink: (bitrate) => this.media.tellUplink(bitrate),
    });
    this.screen = new Screen(boot, this.own.local, place, {
      ready: () => this.ready(),
      admit: (participant_id) => this.command({ do: 'admit', participant_id }),
      markPatient: (present) => this.command({ do: 'mark_patient', present }),
      microphone: () => void this.own.toggleMicrophone(),
      camera: () => void this.own.toggleCamera(),
      share: () => this.own.chooseShare(),
      keepSound: () => this.toggleSound(),
      line: () => this.openLine(),
      devices: () => this.own.openDevices(),
      drawer: (which) => this.toggleDrawer(which),
      open: (drawer) => this.store.local({ kind: 'drawer', drawer }),
      leave: () => this.askLeave(),
      post: (text, document_id) => this.command({ do: 'post_chat', text, document_id }),
      page: (page) => this.store.local({ kind: 'chat_page', page }),
      pin: (participant) => this.store.local({ kind: 'pinned', participant }),
      remove: (who) => askRemove(who, () => this.command({ do: 'remove', participant_id: who.info.participant_id })),
      unblockSound: () => void this.speakers.unblock(),
      again: () => this.again(),
      safetyCode: () => (this.updateCode = openSafetyCode(this.store.state)),
    });
    const { store, media } = this;
    this.keeper = new LineKeeper({ boot, store, media, place, camera: () => this.own.local.tracks.camera });
    this.store.listen((state, before) => this.changed(state, before));
  }

  start(): void {
    startClock(() => {
      this.connection.tick();
      this.media.tick();
      this.monitor.tick(performance.now());
      this.screen.tick();
      this.keeper.tick(performance.now());
      this.wakefulness.tick(performance.now());
    });
    this.connection.start();
    addEventListener('online', () => this.networkChanged());
    addEventListener('offline', () => this.screen.update(this.store.state, this.remote));
    this.followNetwork();
    addEventListener('pageshow', (event) => {
      // Out of the back-forward cache the connections are dead: begin anew, straight into the call.
      if (event.persisted) location.reload();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.own.local.revive();
    });
    // A page that was frozen has heard nothing meanwhile, and its connection may be gone.
    document.addEventListener('resume', () => this.networkChanged());
    document.addEventListener('keydown', (event) =>
      onKey(event, this.store.state, {
        microphone: () => void this.own.toggleMicrophone(),
        camera: () => void this.own.toggleCamera(),
        share: () => this.guest || this.own.chooseShare(),
        sound: () => this.toggleSound(),
        drawer: (which) => (this.guest && which === 'case') || this.toggleDrawer(which),
        leaveText: () => this.screen.leaveText(),
        unpin: () => this.store.local({ kind: 'pinned', participant: null }),
      }),
    );
    addEventListener('pagehide', () => this.media.closeAll());
    this.screen.update(this.store.state, this.remote);
    void this.own.open().then(() => {
      // A reload in the middle of a call goes straight back into it.
      // And whoever tried their devices on the page before has done so.
      const checked = this.guest && sessionStorage.getItem('room-checked');
      sessionStorage.removeItem('room-checked');
      if ((checked || sessionStorage.getItem(this.readyKey)) && this.store.state.intent === 'checking') this.ready();
    });
  }

  /** Nothing of this machine is sent into a room that is encrypted when it cannot encrypt. */
  private get barred(): boolean {
    const { protection, room } = this.store.state;
    return protection === 'barred' || (room.encrypted && protection === 'none');
  }

  private get guest(): boolean {
    return this.boot.kind === 'guest';
  }

  private get readyKey(): string {
    return `room-ready:${this.boot.session_id}`;
  }

  private command(action: Action): void {
    const key = this.connection.command(action);
    this.store.local({ kind: 'queued', key, action });
  }

  private ready(): void {
    sessionStorage.setItem(this.readyKey, '1');
    this.store.local({ kind: 'ready' });
    this.arrive();
  }

  /** Take a place in the waiting room unless I have one already (a reload during the call). */
  private arrive(): void {
    const { state } = this.store;
    const mine = myself(state);
    const asked = Object.values(state.pending).some((action) => action.do === 'arrive');
    if (state.known && !asked && (!mine || mine.state === 'left')) this.command({ do: 'arrive' });
  }

  private receive(message: ServerMessage): void {
    const refused = message.type === 'refused' ? this.store.state.pending[message.key] : undefined;
    this.store.dispatch({ from: 'server', message, now: Date.now() });
    if (refused?.do === 'post_chat' && refused.text) this.screen.giveBackChat(refused.text);
    switch (message.type) {
      case 'welcome':
        // Also when my place was given up while the line was down.
        if (this.store.state.intent === 'in') this.arrive();
        this.tellQuality();
        this.encryption?.reconnected();
        break;
      case 'e2ee_key':
      case 'e2ee_wrapped':
        this.encryption?.heard(message);
        break;
      case 'media_offer':
        void this.media.onOffer(message);
        break;
      case 'media_slots':
        this.media.onSlots(message);
        break;
      case 'media_wanted':
        this.media.onWanted(message);
        break;
      case 'still_ready':
        this.keeper.stillReady(message);
        break;
      case 'media_lost':
        this.media.onLost(message);
        break;
      case 'refused':
      case 'problem':
        toast(message.text, { icon: 'circle-alert' });
        announce(message.text);
        break;
      default:
        break;
    }
  }

  /** Effects of a changed state. */
  private changed(state: RoomState, before: RoomState): void {
    const mine = myself(state);
    const over = viewOf(state) === 'ended';
    const inRoom = mine?.state === 'admitted' || mine?.state === 'in_room' || mine?.state === 'away';
    this.encryption?.follow(state);
    this.media.want(over || !state.known || this.barred ? 'none' : state.intent === 'in' && inRoom ? 'live' : 'standby');
    this.media.moved(state.room.epoch);
    this.tellSending(state);
    if (over && viewOf(before) !== 'ended') this.finish();
    if (peopleIn(state) > peopleIn(before)) this.tellQuality();
    this.awake.want(viewOf(state) === 'live');
    for (const { text, show } of spoken(before.room, state.room, state.me)) {
      announce(text);
      if (show && (viewOf(state) === 'live' || viewOf(state) === 'waiting')) toast(text, { icon: 'info' });
    }
    if (state.line === 'open' && before.line === 'reconnecting') announce(r.notice.back);
    this.speakers.setSpeaker(this.own.local.choice.speakerId);
    this.own.update();
    this.updateCode(state);
    this.screen.update(state, this.remote);
    this.keeper.changed(state);
  }

  /** The others' screens follow my buttons: one command at a time, until the log says what I send. */
  private tellSending(state: RoomState): void {
    const mine = myself(state);
    if (!mine || (mine.state !== 'in_room' && mine.state !== 'admitted') || state.intent !== 'in') return;
    if (Object.values(state.pending).some((action) => action.do === 'set_media')) return;
    const { microphone, camera, screen, exam, auscultation } = state.sending;
    const told = mine.exam === exam && mine.auscultation === auscultation;
    if (told && mine.microphone === microphone && mine.camera === camera && mine.screen === screen) return;
    this.command({ do: 'set_media', microphone, camera, screen, exam, auscultation });
  }

  /** Quality is stored nowhere: who comes in later, or a new server, hears it from me. Good is what they assume. */
  private tellQuality(): void {
    const { me, quality } = this.store.state;
    const mine = me ? quality[me] : undefined;
    if (mine && (mine !== 'good' || this.toldQuality !== 'good')) {
      if (this.connection.send({ type: 'report_quality', quality: mine })) this.toldQuality = mine;
    }
  }

  private finish(): void {
    sessionStorage.removeItem(this.readyKey);
    this.media.want('none');
    this.own.local.stop();
    document.querySelectorAll('[data-passing]').forEach((passing) => passing.remove());
    document.querySelectorAll('dialog[open]').forEach((dialog) => (dialog as HTMLDialogElement).close());
  }

  private askLeave(): void {
    if (this.store.state.permissions.end_call && viewOf(this.store.state) === 'live') {
      askLeave(
        () => this.leave(),
        (reason) => this.command({ do: 'end_call', reason }),
      );
    } else this.leave();
  }

  private leave(): void {
    this.command({ do: 'leave' });
    this.store.local({ kind: 'leaving' });
  }

  /** Come back after leaving, or take the room over from the other window. */
  private again(): void {
    this.store.local({ kind: 'returning' });
    sessionStorage.setItem(this.readyKey, '1');
    void this.own.open();
    if (this.connection.up) this.arrive();
    else {
      this.store.local({ kind: 'line', line: 'connecting' });
      this.connection.start();
    }
  }

  private toggleSound(): void {
    const on = !this.store.state.soundOnly;
    this.keeper.keepSound(on);
    announce(on ? r.say.keepingSound : r.say.showingPictures);
  }

  private openLine(): void {
    const stats = async (): Promise<Record<string, unknown>[]> =>
      [...((await this.media.peer?.connection.getStats())?.values() ?? [])] as Record<string, unknown>[];
    openLine(() => this.store.state, stats);
  }

  private toggleDrawer(which: Drawer): void {
    const { drawer } = this.store.state;
    this.store.local({ kind: 'drawer', drawer: drawer === which ? null : which });
    if (which === 'chat' && drawer !== 'chat') queueMicrotask(() => this.screen.focusChat());
  }

  /** From Wi-Fi to mobile or back. The event also fires for every new estimate of speed, which is no change of network. */
  private followNetwork(): void {
    const network = (navigator as { connection?: EventTarget & { readonly type?: string } }).connection;
    let type = network?.type;
    network?.addEventListener('change', () => {
      if (network.type === type) return;
      type = network.type;
      this.networkChanged();
    });
  }

  /** Nothing comes any more: it may be another network. If that was not it, the next try is an ordinary one. */
  private connect(): RTCPeerConnection {
    this.fresh = this.monitor.quiet && !this.fresh;
    return this.fresh ? freshConnection(RTC) : new RTCPeerConnection(RTC);
  }

  private networkChanged(): void {
    this.connection.networkChanged();
    this.media.rebuild();
  }
}
