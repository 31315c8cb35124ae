import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { ClientMessage, IceServer, MediaSlots } from '../../protocol/messages.gen';
import { FakePeerConnection, track } from '../../test/peer';
import type { MediaStatus } from '../state';
import type { RemoteMedia, Tracks } from './peer';
import { MediaSession } from './session';

let now: number;
let up: boolean;
let made: FakePeerConnection[];
let sent: ClientMessage[];
let statuses: MediaStatus[];
let remote: RemoteMedia;
let tracks: { -readonly [K in keyof Tracks]: Tracks[K] };
let session: MediaSession;

const last = (): FakePeerConnection => made.at(-1) as FakePeerConnection;
const id = (n = made.length): string => `c${n}`;
const types = (): string[] => sent.map((message) => message.type);
const offer = (epoch = 1, connection_id = id(), ice_servers: IceServer[] = []): Promise<void> =>
  session.onOffer({ type: 'media_offer', connection_id, epoch, sdp: `offer ${connection_id}`, ice_servers });
const slots = (connection_id: string, list: MediaSlots['slots']): void =>
  session.onSlots({ type: 'media_slots', connection_id, slots: list });

function pass(milliseconds: number): void {
  for (let t = 0; t < milliseconds; t += 250) {
    now += 250;
    session.tick();
  }
}

async function connected(epoch = 1): Promise<FakePeerConnection> {
  session.want('live');
  await offer(epoch);
  last().become('connected');
  return last();
}

beforeEach(() => {
  now = 0;
  up = true;
  made = [];
  sent = [];
  statuses = [];
  remote = new Map();
  tracks = { microphone: track('mic', 'audio'), camera: null, screen: null };
  session = new MediaSession({
    create: () => {
      made.push(new FakePeerConnection());
      return last();
    },
    now: () => now,
    random: () => 0.5,
    newId: () => id(made.length + 1),
    tracks: () => tracks,
    send: (message) => up && sent.push(message) > 0,
    status: (status) => statuses.push(status),
    remote: (media) => (remote = media),
  });
  session.setLine(true);
});

describe('joining', () => {
  test('one offer, one answer, every upward line sendonly with or without a track', async () => {
    await connected();
    expect(sent).toEqual([
      { type: 'media_join', connection_id: 'c1' },
      { type: 'media_answer', connection_id: 'c1', sdp: 'answer to offer c1' },
    ]);
    expect(['m', 'c', 's'].map((mid) => last().by(mid).direction)).toEqual(['sendonly', 'sendonly', 'sendonly']);
    expect(['m', 'c', 's'].map((mid) => last().by(mid).sending?.id)).toEqual(['mic', undefined, undefined]);
    expect(last().by('a0').direction).toBe('inactive');
    expect(statuses).toEqual(['joining', 'joining', 'connected']);
  });

  test('sound goes before pictures', async () => {
    await connected();
    expect(last().by('m').parameters.encodings[0]).toEqual({ maxBitrate: 32_000, priority: 'high', networkPriority: 'high' });
  });

  test('a camera found later is sent on the line that is already there', async () => {
    await connected();
    await session.replaceTrack('camera', track('cam'));
    expect(last().by('c').sending?.id).toBe('cam');
    expect(types()).toEqual(['media_join', 'media_answer']);
  });

  test('waits for the line', () => {
    session.setLine(false);
    session.want('live');
    pass(2_000);
    expect(made).toHaveLength(0);
    session.setLine(true);
    expect(types()).toEqual(['media_join']);
  });

  test('an offer that does not come is asked for again', () => {
    session.want('live');
    pass(7_000);
    expect(types()).toEqual(['media_join', 'media_leave', 'media_join']);
    expect(made[0]?.closed).toBe(true);
  });

  test('an offer the browser cannot take is asked for again', async () => {
    session.want('live');
    last().refuseOffer = true;
    await offer();
    pass(1_000);
    expect(types()).toEqual(['media_join', 'media_leave', 'media_join']);
  });

  test('a connection that does not come up is tried again', async () => {
    session.want('live');
    await offer();
    last().become('failed');
    pass(500);
    await offer();
    pass(11_000);
    expect(made.length).toBeGreaterThanOrEqual(3);
  });

  test('an offer for another connection is not taken', async () => {
    session.want('live');
    await offer(1, 'someone else');
    expect(last().offer).toBeNull();
  });
});

describe('slots', () => {
  test('tell whose tracks arrive', async () => {
    await connected();
    slots('c1', [
      { slot: 'a0', participant: 'p', source: 'microphone' },
      { slot: 'v0', participant: 'p', source: 'camera' },
      { slot: 'v5', participant: 'q', source: 'screen' },
      { slot: 'v9', participant: 'q', source: 'camera' },
    ]);
    expect([...remote].map(([who, media]) => [who, Object.entries(media).map(([kind, one]) => `${kind} ${one?.id}`)])).toEqual([
      ['p', ['microphone remote-a0', 'camera remote-v0']],
      ['q', ['screen remote-v5']],
    ]);
  });

  test('of a connection not yet up are kept until it is', async () => {
    session.want('live');
    await offer();
    slots('c1', [{ slot: 'a0', participant: 'p', source: 'microphone' }]);
    expect(remote.size).toBe(0);
    last().become('connected');
    expect(remote.size).toBe(1);
  });
});

describe('rebuilding: make before break', () => {
  test('the old connection is closed only when the new one is connected', async () => {
    const old = await connected();
    session.rebuild();
    expect(made).toHaveLength(2);
    await offer();
    expect(old.closed).toBe(false);
    last().become('connected');
    expect(old.closed).toBe(true);
    expect(sent.at(-1)).toEqual({ type: 'media_leave', connection_id: 'c1' });
    expect(session.peer?.id).toBe('c2');
    expect(statuses).not.toContain('rebuilding'); // out of caution: nothing was interrupted
  });

  test('one attempt at a time', async () => {
    await connected();
    session.rebuild();
    session.rebuild();
    session.silent();
    expect(made).toHaveLength(2);
  });

  test('a failed connection is replaced at once, a disconnected one after two seconds', async () => {
    (await connected()).become('failed');
    expect(made).toHaveLength(2);
    expect(statuses.at(-1)).toBe('rebuilding');
    await offer();
    last().become('connected');
    last().become('disconnected');
    pass(1_750);
    expect(made).toHaveLength(2);
    pass(500);
    expect(made).toHaveLength(3);
  });

  test('a short disconnection heals by itself', async () => {
    const peer = await connected();
    peer.become('disconnected');
    pass(1_000);
    peer.become('connected');
    pass(5_000);
    expect(made).toHaveLength(1);
  });

  test('silence right after a rebuild is normal, later it is not', async () => {
    await connected();
    session.silent();
    expect(made).toHaveLength(1);
    pass(5_000);
    session.silent();
    expect(made).toHaveLength(2);
  });

  test('a room under a newer epoch needs a new connection, once', async () => {
    await connected(1);
    session.moved(1);
    expect(made).toHaveLength(1);
    session.moved(2);
    session.moved(2);
    expect(made).toHaveLength(2);
    await offer(2);
    last().become('connected');
    session.moved(2);
    expect(made).toHaveLength(2);
  });

  test('an attempt under an older epoch is given up', async () => {
    session.want('live');
    await offer(1);
    session.moved(2);
    expect(made[0]?.closed).toBe(true);
    pass(1_000);
    expect(made).toHaveLength(2);
  });

  test('media_lost waits as long as it is told', async () => {
    await connected();
    session.onLost({ type: 'media_lost', connection_id: 'c1', code: 'lost', retry: true, retry_after_ms: 2_000 });
    pass(1_750);
    expect(made).toHaveLength(1);
    pass(500);
    expect(made).toHaveLength(2);
  });

  test('a room moved to a living node cuts the wait short', async () => {
    await connected(1);
    session.onLost({ type: 'media_lost', connection_id: 'c1', code: 'lost', retry: true, retry_after_ms: 5_000 });
    session.moved(2);
    pass(250);
    expect(made).toHaveLength(2);
  });

  test('media_lost without retry ends media until it is wanted anew', async () => {
    const peer = await connected();
    session.onLost({ type: 'media_lost', connection_id: 'c1', code: 'removed', retry: false, retry_after_ms: 0 });
    expect(peer.closed).toBe(true);
    expect(statuses.at(-1)).toBe('refused');
    pass(10_000);
    expect(made).toHaveLength(1);
    session.want('none');
    session.want('live');
    expect(made).toHaveLength(2);
  });

  test('media_lost of a connection long gone changes nothing', async () => {
    await connected();
    session.onLost({ type: 'media_lost', connection_id: 'c0', code: 'lost', retry: false, retry_after_ms: 0 });
    expect(session.peer?.id).toBe('c1');
  });
});

describe('a room that moves to another media server', () => {
  const mic = (participant: string, slot = 'a0') => ({ slot, participant, source: 'microphone' }) as const;
  const heard = (): Record<string, MediaStreamTrack | undefined> =>
    Object.fromEntries([...remote].map(([who, media]) => [who, media.microphone]));
  const sound = (peer: FakePeerConnection, slot = 'a0'): MediaStreamTrack => peer.by(slot).receiver.track;

  async function moved(): Promise<[FakePeerConnection, FakePeerConnection]> {
    const old = await connected(1);
    slots('c1', [mic('p'), mic('q', 'a1')]);
    session.moved(2);
    await offer(2);
    last().become('connected');
    return [old, last()];
  }

  test('is heard on both until the new one carries everybody', async () => {
    const [old, fresh] = await moved();
    expect(heard()).toEqual({ p: sound(old), q: sound(old, 'a1') });
    slots('c2', [mic('q')]);
    expect(heard()).toEqual({ p: sound(old), q: sound(fresh) });
    expect([old.by('m').sending?.id, fresh.by('m').sending?.id]).toEqual(['mic', 'mic']);
    expect(old.closed).toBe(false);
    slots('c2', [mic('q'), mic('p', 'a1')]);
    expect(heard()).toEqual({ q: sound(fresh), p: sound(fresh, 'a1') });
    expect(old.closed).toBe(true);
    expect(sent.at(-1)).toEqual({ type: 'media_leave', connection_id: 'c1' });
    expect(statuses).not.toContain('rebuilding');
  });

  test('does not wait for whoever leaves the old one', async () => {
    const [old, fresh] = await moved();
    slots('c2', [mic('q')]);
    slots('c1', [mic('q', 'a1')]);
    expect(heard()).toEqual({ q: sound(fresh) });
    expect(old.closed).toBe(true);
  });

  test('waits five seconds for the others at most', async () => {
    const [old, fresh] = await moved();
    slots('c2', [mic('q')]);
    pass(5_000);
    expect(old.closed).toBe(false);
    pass(250);
    expect(old.closed).toBe(true);
    expect(heard()).toEqual({ q: sound(fresh) });
  });

  test('gives up an old one that breaks, and says nothing of it', async () => {
    const [old, fresh] = await moved();
    slots('c2', [mic('q')]);
    old.become('failed');
    expect(heard()).toEqual({ q: sound(fresh) });
    expect(made).toHaveLength(2);
    expect(statuses.at(-1)).toBe('connected');
  });

  test('a new microphone goes to both', async () => {
    const [old, fresh] = await moved();
    await session.replaceTrack('microphone', track('other'));
    expect([old.by('m').sending?.id, fresh.by('m').sending?.id]).toEqual(['other', 'other']);
  });

  test('the end of the call closes both', async () => {
    const [old, fresh] = await moved();
    session.want('none');
    expect([old.closed, fresh.closed]).toEqual([true, true]);
    expect(remote.size).toBe(0);
  });

  test('from a server that is dead it is said to be interrupted once nothing is heard', async () => {
    await connected(1);
    pass(5_000);
    session.moved(2);
    expect(statuses.at(-1)).toBe('connected');
    session.silent();
    expect(statuses.at(-1)).toBe('rebuilding');
  });
});

describe('while the socket is down', () => {
  test('media flows on, and the new socket gets a new connection', async () => {
    const old = await connected();
    up = false;
    session.setLine(false);
    pass(10_000);
    expect(old.closed).toBe(false);
    up = true;
    session.setLine(true);
    pass(1_500);
    expect(made).toHaveLength(2);
    expect(old.closed).toBe(false);
    await offer();
    last().become('connected');
    expect(old.closed).toBe(true);
  });

  test('an offer asked for on the old socket is asked for again on the new one', () => {
    session.want('live');
    session.setLine(false);
    session.setLine(true);
    pass(1_000);
    expect(types()).toEqual(['media_join', 'media_leave', 'media_join']);
  });
});

describe('standby', () => {
  async function standingBy(): Promise<FakePeerConnection> {
    session.want('standby');
    await offer();
    last().become('connected');
    return last();
  }
  const mic = { slot: 'a0', participant: 'p', source: 'microphone' } as const;
  const sending = (peer: FakePeerConnection): (string | undefined)[] => ['m', 'c', 's'].map((mid) => peer.by(mid).sending?.id);

  test('is a whole connection without a track: nothing leaves this machine, nothing is shown', async () => {
    const peer = await standingBy();
    expect(types()).toEqual(['media_join', 'media_answer']);
    expect(['m', 'c', 's'].map((mid) => peer.by(mid).direction)).toEqual(['sendonly', 'sendonly', 'sendonly']);
    await session.replaceTrack('camera', track('cam')); // switched on at the device check
    slots('c1', [mic]);
    expect(sending(peer)).toEqual([undefined, undefined, undefined]);
    expect(remote.size).toBe(0);
    expect(session.peer).toBeNull(); // no statistics, so no judgement of the line
    expect(new Set(statuses)).toEqual(new Set(['none']));
  });

  test('going live attaches the tracks and shows what is there, on the same connection', async () => {
    const peer = await standingBy();
    slots('c1', [mic]);
    tracks.camera = track('cam');
    session.want('live');
    expect(sending(peer)).toEqual(['mic', 'cam', undefined]);
    expect(remote.size).toBe(1);
    expect(session.peer?.id).toBe('c1');
    expect(statuses.at(-1)).toBe('connected');
    expect(made).toHaveLength(1);
    await session.replaceTrack('camera', null);
    expect(sending(peer)).toEqual(['mic', undefined, undefined]);
  });

  test.each([
    ['before the offer comes', async (): Promise<void> => (session.want('live'), offer())],
    [
      'while the browser takes the offer',
      async (): Promise<void> => {
        const answering = offer();
        session.want('live');
        await answering;
      },
    ],
    ['after the answer', async (): Promise<void> => (await offer(), session.want('live'))],
  ])('going live %s loses no track', async (_when, goLive) => {
    session.want('standby');
    await goLive();
    expect(statuses.at(-1)).toBe('joining');
    last().become('connected');
    await Promise.resolve();
    expect(sending(last())).toEqual(['mic', undefined, undefined]);
    expect(made).toHaveLength(1);
    expect(statuses.at(-1)).toBe('connected');
  });

  test('failing is mended quietly and calmly', async () => {
    (await standingBy()).become('failed');
    expect(made).toHaveLength(2);
    await offer();
    last().become('failed');
    pass(500);
    expect(made).toHaveLength(2); // live it would have been tried again by now
    pass(15_000);
    expect(made.length).toBeGreaterThan(2);
    expect(new Set(statuses)).toEqual(new Set(['none']));
  });

  test('what waits to be mended is mended at once when it is needed', async () => {
    await standingBy();
    session.onLost({ type: 'media_lost', connection_id: 'c1', code: 'draining', retry: true, retry_after_ms: 9_000 });
    session.want('live');
    expect(made).toHaveLength(2);
  });

  test('a refusal is not shown, and tried again when the person is let in', async () => {
    const peer = await standingBy();
    session.onLost({ type: 'media_lost', connection_id: 'c1', code: 'replaced', retry: false, retry_after_ms: 0 });
    expect(peer.closed).toBe(true);
    pass(60_000);
    expect(made).toHaveLength(1);
    expect(statuses.at(-1)).toBe('none');
    session.want('live');
    expect(made).toHaveLength(2);
    expect(statuses.at(-1)).toBe('joining');
  });

  test('a room under a newer epoch and a new socket need a new connection here too', async () => {
    await standingBy();
    session.moved(2);
    expect(made).toHaveLength(2);
    await offer(2);
    last().become('connected');
    session.setLine(false);
    session.setLine(true);
    pass(1_500);
    expect(made).toHaveLength(3);
    await offer(2);
    last().become('connected');
    expect(made.filter((one) => !one.closed)).toEqual([last()]);
  });

  test('out of the call and back to waiting: the live connection goes, a new one stands by', async () => {
    const peer = await connected();
    session.want('standby');
    expect(peer.closed).toBe(true);
    expect(statuses.at(-1)).toBe('none');
    await offer();
    last().become('connected');
    expect(made).toHaveLength(2);
    expect(sending(last())).toEqual([undefined, undefined, undefined]);
  });

  test('nothing is made after the end', async () => {
    const peer = await standingBy();
    session.want('none');
    expect(peer.closed).toBe(true);
    pass(60_000);
    expect(made).toHaveLength(1);
  });
});

test('not wanted any more: everything is closed and said so', async () => {
  const peer = await connected();
  session.rebuild();
  session.want('none');
  expect(peer.closed).toBe(true);
  expect(made.every((one) => one.closed)).toBe(true);
  expect(types().filter((type) => type === 'media_leave')).toHaveLength(2);
  pass(10_000);
  expect(made).toHaveLength(2);
});

test('two hundred rebuilds leave one connection open', async () => {
  await connected();
  for (let i = 0; i < 200; i += 1) {
    session.rebuild();
    await offer();
    last().become('connected');
  }
  expect(made.filter((one) => !one.closed)).toHaveLength(1);
});

describe('ways round a network that blocks', () => {
  const urls = ['turn:t:3478?transport=udp', 'turn:t:3478?transport=tcp'];
  const turn = [{ urls, username: 'u', credential: 'c' }];

  test('a connection that is not up in six seconds is made anew through TURN over TCP', async () => {
    session.want('live');
    await offer(1, id(), turn);
    expect(last().configuration).toEqual({ bundlePolicy: 'max-bundle', iceServers: turn, iceTransportPolicy: 'all' });
    pass(6_250);
    expect(made[0]?.closed).toBe(true);
    pass(3_000);
    await offer(1, id(), turn);
    expect(last().configuration).toEqual({
      bundlePolicy: 'max-bundle',
      iceServers: [{ ...turn[0], urls: [urls[1]] }],
      iceTransportPolicy: 'relay',
    });
  });

  test('once connected, the next connection begins with all ways', async () => {
    session.want('live');
    await offer(1, id(), turn);
    pass(9_250);
    await offer(1, id(), turn);
    last().become('connected');
    session.rebuild();
    await offer(1, id(), turn);
    expect(last().configuration.iceTransportPolicy).toBe('all');
  });
});

describe('thin lines', () => {
  const tunes = (): ClientMessage[] => sent.filter((message) => message.type === 'media_tune');
  const nothing = { type: 'media_tune', sound_only: null, uplink_bitrate: null, heights: null };
  const active = (peer: FakePeerConnection, mid: string): (boolean | undefined)[] =>
    peer.by(mid).parameters.encodings.map((one) => one.active);

  test('layers nobody can use are not sent', async () => {
    const peer = await connected();
    session.onWanted({ type: 'media_wanted', connection_id: 'c1', layers: ['q'], stills: true });
    await Promise.resolve();
    await vi.waitFor(() => expect(active(peer, 'c')).toEqual([true, false, false]));
    expect(session.peer?.stills).toBe(true);
  });

  test('keeping the sound stops every picture on this connection and on every later one', async () => {
    const first = await connected();
    session.keepSound(true);
    await vi.waitFor(() => expect(active(first, 's')).toEqual([false]));
    expect(active(first, 'c')).toEqual([false, false, false]);
    session.rebuild();
    await offer(1);
    last().become('connected');
    expect(active(last(), 'c')).toEqual([false, false, false]);
    expect(active(last(), 'm')).toEqual([undefined]);
    expect(tunes()).toEqual([
      { ...nothing, connection_id: 'c1', sound_only: true },
      { ...nothing, connection_id: 'c2', sound_only: true },
    ]);
    session.keepSound(false);
    await vi.waitFor(() => expect(active(last(), 'c')).toEqual([true, true, true]));
    expect(tunes().at(-1)).toEqual({ ...nothing, connection_id: 'c2', sound_only: false });
  });

  test('what the line carries up and how high the tiles are is told of the connection in use', async () => {
    await connected();
    session.tellUplink(412_345.6);
    expect(session.tellHeights([{ slot: 'v0', height: 720 }])).toBe(true);
    expect(tunes()).toEqual([
      { ...nothing, connection_id: 'c1', uplink_bitrate: 412_346 },
      { ...nothing, connection_id: 'c1', heights: [{ slot: 'v0', height: 720 }] },
    ]);
  });

  test('an examination is sharp before it is smooth, sound goes before both', async () => {
    const peer = await connected();
    expect(peer.by('s').parameters).toMatchObject({
      degradationPreference: 'maintain-resolution',
      encodings: [{ active: true, maxFramerate: 10, maxBitrate: 2_000_000 }],
    });
    expect(peer.by('c').parameters).toMatchObject({ degradationPreference: 'maintain-framerate' });
  });

  test('a microphone on the chest is sent whole from then on, and as a voice again afterwards; the server is told nothing', async () => {
    const opus = (parameters: string): string => `v=0\r\nm=audio\r\na=mid:m\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 ${parameters}\r\n`;
    const voice = opus('minptime=10;usedtx=1;stereo=0');
    session.want('live');
    await session.onOffer({ type: 'media_offer', connection_id: id(), epoch: 1, sdp: voice, ice_servers: [] });
    last().become('connected');
    const peer = last();
    const before = sent.length;

    await session.replaceTrack('microphone', { ...track('chest', 'audio'), contentHint: 'music' });
    await vi.waitFor(() => expect(peer.by('m').parameters.encodings[0]?.maxBitrate).toBe(64_000));
    expect(peer.offer).toBe(opus('minptime=10;usedtx=0;stereo=1'));

    await session.replaceTrack('microphone', { ...track('mic', 'audio'), contentHint: 'speech' });
    await vi.waitFor(() => expect(peer.by('m').parameters.encodings[0]?.maxBitrate).toBe(32_000));
    expect(peer.offer).toBe(voice);
    expect(peer.localDescription).toEqual({ sdp: `answer to ${voice}` });
    expect(sent.length).toBe(before);
    expect(made.length).toBe(1);
  });
});
