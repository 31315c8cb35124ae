/**
 * The room's own media code, without the room: what the bars of a bad line are measured on.
 *
 * `MediaSession`, `Peer` and `Monitor` are the product's; signaling is a plain WebSocket to `tests/net/host.py` that is opened
 * again when it stops answering. `roomDebug.stats` is what the real room gives, too, so one sampler reads both.
 */

import { Backoff } from '../../../frontend/src/net/backoff';
import type { IceServer, LineRung, ServerMessage } from '../../../frontend/src/protocol/messages.gen';
import { Monitor } from '../../../frontend/src/room/media/monitor';
import type { Tracks } from '../../../frontend/src/room/media/peer';
import { MediaSession } from '../../../frontend/src/room/media/session';
import { getStill, Photographer, putStill, StillSender, StillViewer } from '../../../frontend/src/room/media/stills';

const PING_MS = 1_000;
const PATIENCE_MS = 5_000;
const CONNECT_MS = 3_000;

const query = new URLSearchParams(location.search);
const participant = query.get('participant') ?? 'nobody';
const [width, height] = (query.get('size') ?? '1280x720').split('x').map(Number) as [number, number];

interface Debug {
  stats(): Promise<unknown[]>;
  join(): void;
  leave(): void;
  status: string[];
  errors: string[];
  /** Still pictures of others that came. */
  stills: number;
  /** Milliseconds from `join` to the first picture shown and the first sound heard. */
  picture: number | null;
  sound: number | null;
}

let joinedAt = 0;

const debug: Debug = {
  stats: async () => (session.peer ? [...(await session.peer.connection.getStats()).values()] : []),
  join: () => {
    joinedAt = performance.now();
    debug.picture = debug.sound = null;
    session.want('live');
  },
  leave: () => session.want('none'),
  status: [],
  errors: [],
  stills: 0,
  picture: null,
  sound: null,
};
Object.assign(window, { roomDebug: debug });
addEventListener('error', (event) => debug.errors.push(event.message));
addEventListener('unhandledrejection', (event) => debug.errors.push(String(event.reason)));

let iceServers: IceServer[] = [];
let tracks: Tracks = { microphone: null, camera: null, screen: null };
let socket: WebSocket | null = null;
let openedAt = 0;
let heardAt = 0;
let pingedAt = 0;
let openAgainAt = 0;
const backoff = new Backoff(Math.random, 300, 1_500);

const session = new MediaSession({
  create: () => new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' }),
  now: () => performance.now(),
  random: Math.random,
  newId: () => crypto.randomUUID(),
  tracks: () => tracks,
  send: (message) => {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  },
  status: (status) => debug.status.push(status),
  remote: (media) => {
    const wanted = [...media.values()].flatMap((one) => Object.values(one));
    show(wanted.filter((track) => track !== undefined));
  },
});

const monitor = new Monitor({
  peer: () => session.peer,
  expected: () => tracks.microphone !== null || elements.size > 0,
  silent: () => session.silent(),
  hushed: () => undefined,
  speaking: () => undefined,
  quality: () => undefined,
  uplink: (bitrate) => session.tellUplink(bitrate),
});

/** How far the lines have come down, by participant; what `room/lines.ts` reads. */
const lines = new Map<string, { readonly down: LineRung; readonly up: LineRung }>();
const stillUrl = (of: string): string => `http://${location.hostname}:8081/${of}`;
const photographer = new Photographer();
const sender = new StillSender({
  camera: () => (session.peer?.stills ? tracks.camera : null),
  take: (track) => photographer.take(track),
  put: (picture) => putStill(stillUrl(participant), '', picture),
  rest: () => photographer.rest(),
});
const viewer = new StillViewer({
  get: (of, seq) => getStill(stillUrl(of), seq),
  show: (_, still) => void (debug.stills += still ? 1 : 0),
});

/** Whose pictures do not move here, by their line or mine; their stills are looked at instead. */
function look(): void {
  const mine = lines.get(participant)?.down;
  const others = [...lines].filter(([id, { up }]) => id !== participant && up !== 'sound' && mine !== 'sound' && (up === 'still' || mine === 'still'));
  viewer.look(new Set(others.map(([id]) => id)));
}

const elements = new Map<MediaStreamTrack, HTMLMediaElement>();

/** Play what arrives: a browser decodes only what somebody hears or sees. */
function show(wanted: readonly MediaStreamTrack[]): void {
  for (const [track, element] of elements) {
    if (wanted.includes(track)) continue;
    element.remove();
    elements.delete(track);
  }
  for (const track of wanted) {
    if (elements.has(track)) continue;
    const element = document.createElement(track.kind as 'audio' | 'video');
    element.autoplay = true;
    element.muted = track.kind === 'video';
    element.srcObject = new MediaStream([track]);
    element.style.width = '640px';
    document.body.append(element);
    void element.play().catch(() => undefined);
    elements.set(track, element);
    if (element instanceof HTMLVideoElement) element.requestVideoFrameCallback(() => (debug.picture ??= performance.now() - joinedAt));
    else void untilHeard();
  }
}

async function untilHeard(): Promise<void> {
  while (debug.sound === null) {
    const rows = (await debug.stats()) as { type: string; totalAudioEnergy?: number }[];
    if (rows.some((row) => row.type === 'inbound-rtp' && (row.totalAudioEnergy ?? 0) > 0)) debug.sound = performance.now() - joinedAt;
    await new Promise((again) => setTimeout(again, 50));
  }
}

function open(): void {
  const one = (socket = new WebSocket(`ws://${location.host}/ws?participant=${participant}`));
  openedAt = performance.now();
  one.onopen = () => {
    heardAt = performance.now();
    backoff.reset();
    session.setLine(true);
  };
  one.onmessage = ({ data }) => {
    heardAt = performance.now();
    receive(JSON.parse(data as string) as ServerMessage | { type: 'pong' });
  };
  one.onclose = () => {
    if (one === socket) drop();
  };
}

function drop(): void {
  const one = socket;
  socket = null;
  one?.close();
  session.setLine(false);
  openAgainAt = performance.now() + backoff.next();
}

function receive(message: ServerMessage | { type: 'pong' }): void {
  if (message.type === 'media_offer') void session.onOffer({ ...message, ice_servers: iceServers });
  else if (message.type === 'media_slots') session.onSlots(message);
  else if (message.type === 'media_wanted') session.onWanted(message);
  else if (message.type === 'media_line') {
    lines.set(message.participant_id, message);
    look();
  } else if (message.type === 'still_ready') {
    if (message.participant_id !== participant) viewer.ready(message);
  } else if (message.type === 'media_lost') session.onLost(message);
}

function tick(): void {
  const now = performance.now();
  if (!socket) {
    if (now >= openAgainAt) open();
  } else if (socket.readyState === WebSocket.OPEN) {
    if (now - heardAt > PATIENCE_MS) drop();
    else if (now - pingedAt > PING_MS) {
      pingedAt = now;
      socket.send(JSON.stringify({ type: 'ping' }));
    }
  } else if (now - openedAt > CONNECT_MS) drop();
  session.tick();
  monitor.tick(now);
  sender.tick(now);
}

function networkChanged(): void {
  drop();
  openAgainAt = performance.now();
  session.rebuild();
}

addEventListener('online', networkChanged);
const network = (navigator as { connection?: EventTarget & { readonly type?: string } }).connection;
let type = network?.type;
network?.addEventListener('change', () => {
  // Chromium also tells every new estimate of the line's speed.
  if (network.type === type) return;
  type = network.type;
  networkChanged();
});

async function start(): Promise<void> {
  if (query.has('turn')) iceServers = (await (await fetch('/ice')).json()) as IceServer[];
  if (!query.has('listen')) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width, height, frameRate: Number(query.get('fps') ?? 20) },
    });
    tracks = {
      microphone: stream.getAudioTracks()[0] ?? null,
      camera: stream.getVideoTracks()[0] ?? null,
      screen: null,
    };
  }
  open();
  setInterval(tick, 100);
  document.title = 'ready';
}

void start();
