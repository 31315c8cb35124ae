import { expect, test } from 'vitest';

import { bytesOf, labelOf } from './push';

test('base64url becomes bytes', () => {
  expect([...bytesOf('-_8A')]).toEqual([251, 255, 0]);
  expect(bytesOf('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4')).toHaveLength(65);
});

test('a machine is called by browser and system, without versions', () => {
  const chrome = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36';
  expect(labelOf(chrome)).toBe('Chrome · Android');
  expect(labelOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0')).toBe('Firefox · Windows');
  expect(labelOf('Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0')).toBe('Edge · Windows');
  expect(labelOf('curl/8')).toBe('');
});
