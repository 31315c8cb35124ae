import { expect, test } from 'vitest';

import { figuresText, fill } from './boot';
import { echoCounters, echoFigures } from './echo';

const rows = (received: number, lost: number, sent: number, lostUp: number): Record<string, unknown>[] => [
  { id: 'T', type: 'transport', selectedCandidatePairId: 'P1' },
  { id: 'P0', type: 'candidate-pair', state: 'succeeded', nominated: true, currentRoundTripTime: 9 },
  { id: 'P1', type: 'candidate-pair', state: 'succeeded', nominated: true, currentRoundTripTime: 0.04 },
  { type: 'inbound-rtp', kind: 'audio', packetsReceived: received, packetsLost: lost, jitter: 0.006 },
  { type: 'inbound-rtp', kind: 'audio', packetsReceived: 0, packetsLost: 0, jitter: 0 },
  { type: 'inbound-rtp', kind: 'video', packetsReceived: 999, packetsLost: 99 },
  { type: 'outbound-rtp', kind: 'audio', packetsSent: sent },
  { type: 'remote-inbound-rtp', kind: 'audio', packetsLost: lostUp },
];

test('an echo loses in each direction what it loses between two looks', () => {
  const figures = echoFigures(echoCounters(rows(50, 1, 50, 0)), echoCounters(rows(320, 31, 350, 30)));
  expect(figures).toEqual({ lossUp: 0.1, lossDown: 0.1, jitterMs: 6, rttMs: 40 });
});

test('without a report of the relay the way up is not known', () => {
  const silent = rows(50, 0, 50, 0).filter((row) => row['type'] !== 'remote-inbound-rtp');
  expect(echoFigures(echoCounters(silent), echoCounters(silent))).toEqual({
    lossUp: null,
    lossDown: null,
    jitterMs: 6,
    rttMs: 40,
  });
});

test('figures are written in the order and the language of the page', () => {
  const figures = [
    { name: 'path', text: '{}', divide: 1, decimals: 0 },
    { name: 'up_kbps', text: 'lên {} Mbit/s', divide: 1000, decimals: 2 },
    { name: 'loss_up', text: 'mất {} %', divide: 0.01, decimals: 1 },
  ];
  const told = { loss_up: 0.013, up_kbps: 412, path: 'host udp' };
  expect(figuresText({ figures, language: 'vi' }, told)).toBe('host udp · lên 0,41 Mbit/s · mất 1,3 %');
  expect(figuresText({ figures, language: 'en' }, { up_kbps: 1234567 })).toBe('lên 1234.57 Mbit/s');
  expect(fill('Lần {n} trong {all}: {what}', { n: 3, all: 12 })).toBe('Lần 3 trong 12: {what}');
});
