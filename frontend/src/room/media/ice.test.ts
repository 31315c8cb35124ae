import { expect, test } from 'vitest';

import { CONNECT_PATIENCE_MS, IceLadder, NEXT_WAY_MS, waysOf } from './ice';

const [UDP, TCP, TLS] = [
  'turn:turn.example.org:3478?transport=udp',
  'turn:turn.example.org:3478?transport=tcp',
  'turns:turn.example.org:443?transport=tcp',
] as const;
const server = (...urls: string[]) => ({ urls, username: '1795500600:c0ffee', credential: 'secret' });

test('all ways at once first, then only through TURN over TCP, then over TLS', () => {
  expect(waysOf([server(UDP, TCP, TLS)])).toEqual([
    { iceServers: [server(UDP, TCP, TLS)], iceTransportPolicy: 'all' },
    { iceServers: [server(TCP, TLS)], iceTransportPolicy: 'relay' },
    { iceServers: [server(TLS)], iceTransportPolicy: 'relay' },
  ]);
});

test('what is not set up is not tried, and nothing is tried twice', () => {
  const policies = (...urls: string[]) => waysOf([server(...urls)]).map((way) => way.iceTransportPolicy);
  expect(waysOf([])).toEqual([{ iceServers: [], iceTransportPolicy: 'all' }]);
  expect(policies(UDP)).toEqual(['all']);
  expect(policies(UDP, TCP)).toEqual(['all', 'relay']);
  expect(policies(TLS)).toEqual(['all', 'relay']);
});

test('each failure leads to the next way and round again; success begins with all', () => {
  const ladder = new IceLadder();
  const tries = (): string => JSON.stringify(ladder.next([server(UDP, TCP, TLS)]).iceServers?.[0]?.urls);
  const seen = [0, 1, 2, 3].map(() => {
    const tried = tries();
    ladder.failed();
    return tried;
  });
  expect(seen).toEqual([[UDP, TCP, TLS], [TCP, TLS], [TLS], [UDP, TCP, TLS]].map((urls) => JSON.stringify(urls)));
  ladder.worked();
  expect(tries()).toBe(JSON.stringify([UDP, TCP, TLS]));
});

test('patience is short only while another way is left', () => {
  const ladder = new IceLadder();
  ladder.next([]);
  expect(ladder.patienceMs).toBe(CONNECT_PATIENCE_MS);
  ladder.next([server(UDP, TCP)]);
  expect(ladder.patienceMs).toBe(NEXT_WAY_MS);
});
