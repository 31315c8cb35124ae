import { expect, test } from 'vitest';

import {
  browserName,
  gradeBrowser,
  gradeEcho,
  gradeFrames,
  gradeLevel,
  gradePulse,
  gradeRates,
  gradeReturn,
  median,
} from './grade';

const parts = { WebRTC: true, Worker: true };

test('a browser lacks what it lacks, and says so by name', () => {
  expect(gradeBrowser('Chrome 126', { secure: true, parts })).toEqual({ step: 'good', cause: '', figures: { browser: 'Chrome 126' } });
  expect(gradeBrowser('Chrome 50', { secure: true, parts: { ...parts, Worker: false } })).toEqual({
    step: 'bad',
    cause: 'old',
    figures: { browser: 'Chrome 50', missing: 'Worker' },
  });
  expect(gradeBrowser('Chrome 126', { secure: false, parts }).cause).toBe('insecure');
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36', 'Chrome 126'],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0', 'Edge 126'],
  ['Mozilla/5.0 (Windows NT 6.1) Gecko/20100101 Firefox/115.0', 'Firefox 115'],
  ['Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1', 'Safari 17'],
  ['something else', 'Browser'],
])('%s is called %s', (agent, name) => {
  expect(browserName(agent)).toBe(name);
});

test('figures are graded in three steps with their cause', () => {
  const graded = [
    gradeLevel(0.4),
    gradeLevel(0.02),
    gradeFrames(60, 2.5, 1280, 720),
    gradeFrames(10, 2.5, 640, 480),
    gradeFrames(1, 2.5, 640, 480),
    gradePulse([20, 30, 1900]),
    gradePulse([900, 800, 1000]),
    gradeRates(4000, 9000),
    gradeRates(900, 9000),
    gradeRates(400, 9000),
    gradeRates(null, 9000),
    gradeReturn(300, 700),
    gradeReturn(300, 12_000),
  ];
  expect(graded.map(({ step, cause }) => `${step} ${cause}`.trim())).toEqual([
    'good',
    'weak silent',
    'good',
    'weak slow',
    'bad frozen',
    'good',
    'weak slow',
    'good',
    'weak thin',
    'bad very_thin',
    'bad failed',
    'good',
    'weak slow',
  ]);
  expect(gradeFrames(60, 2.5, 1280, 720).figures).toEqual({ size: '1280×720', fps: 24 });
  expect(gradePulse([20, 30, 1900]).figures).toEqual({ rtt_ms: 30, rtt_most_ms: 1900 });
});

test('an echo is graded by its worse direction', () => {
  const fine = { lossUp: 0.001, lossDown: 0, jitterMs: 4.4, rttMs: 38.2 };
  expect(gradeEcho(fine)).toEqual({
    step: 'good',
    cause: '',
    figures: { loss_up: 0.001, loss_down: 0, jitter_ms: 4, rtt_ms: 38 },
  });
  expect(gradeEcho({ ...fine, lossDown: 0.05 }).cause).toBe('lossy');
  expect(gradeEcho({ ...fine, lossUp: 0.2 })).toMatchObject({ step: 'bad', cause: 'very_lossy' });
  expect(gradeEcho({ ...fine, rttMs: 900 })).toMatchObject({ step: 'weak', cause: 'slow' });
  expect(gradeEcho({ ...fine, jitterMs: 90 }).cause).toBe('uneven');
  expect(gradeEcho({ lossUp: null, lossDown: 0, jitterMs: null, rttMs: null }).figures).toEqual({ loss_down: 0 });
});

test('the median is the middle, or between the two', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, 0]);
});
