/**
 * From a call to what is heard. Pure.
 *
 * A pack is a folder of short sound files and a `pack.json` (see `static/voice/README.md`). A clip that a pack has not is left
 * out; a pack of another language brings the same names.
 */

import type { Call } from '../state';

export interface Pack {
  readonly language: string;
  /** How this language says a number: digit by digit, or as Vietnamese does. */
  readonly numbers: 'digits' | 'vi';
  /** What is said, in order: names of clips, and `@code`, `@room` for the parts that change. */
  readonly call: readonly string[];
  /** Name of a clip → file in the folder. */
  readonly clips: Readonly<Record<string, string>>;
}

const DIGITS = ['không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín'] as const;
const LETTERS: Readonly<Record<string, string>> = {
  A: 'A', B: 'bê', C: 'xê', D: 'đê', E: 'e', G: 'gờ', H: 'hát', K: 'ca', L: 'lờ', M: 'mờ', N: 'nờ', P: 'pê', Q: 'quy', R: 'rờ',
  S: 'sờ', T: 'tê', U: 'u', V: 'vê', X: 'ích', Y: 'y dài',
}; // prettier-ignore

/** A number below 100 as Vietnamese says it: 15 is "mười lăm", 21 "hai mươi mốt", 24 "hai mươi tư". */
export function numberClips(number: number, numbers: Pack['numbers']): string[] {
  const digits = [...String(number)].map((digit) => `digit-${digit}`);
  if (numbers === 'digits' || number < 10 || number > 99) return digits;
  const [tens, ones] = [Math.floor(number / 10), number % 10];
  const head = tens === 1 ? ['ten'] : [`digit-${tens}`, 'tens'];
  if (ones === 0) return head;
  if (ones === 5) return [...head, 'five-after-ten'];
  if (ones === 1 && tens > 1) return [...head, 'one-after-ten'];
  if (ones === 4 && tens > 1) return [...head, 'four-after-ten'];
  return [...head, `digit-${ones}`];
}

const WORDS: Readonly<Record<string, string>> = {
  ten: 'mười',
  tens: 'mươi',
  'five-after-ten': 'lăm',
  'one-after-ten': 'mốt',
  'four-after-ten': 'tư',
};

/** "A012" → letter, then each digit by itself: "không một hai" is heard better than "mười hai". */
export function codeClips(code: string): string[] {
  return [...code].map((c) => (/\d/.test(c) ? `digit-${c}` : `letter-${c.toLowerCase()}`));
}

function roomClips(call: Call, numbers: Pack['numbers']): string[] {
  if (call.roomNumber === null) return ['see-board'];
  return [call.kind === 'counter' ? 'to-counter' : 'to-room', ...numberClips(call.roomNumber, numbers)];
}

/** The files to play for a call, in order. */
export function clipsOf(call: Call, pack: Pack): string[] {
  const names = pack.call.flatMap((part) => {
    if (part === '@code') return codeClips(call.code);
    return part === '@room' ? roomClips(call, pack.numbers) : [part];
  });
  return names.flatMap((name) => pack.clips[name] ?? []);
}

const word = (clip: string): string => WORDS[clip] ?? DIGITS[Number(clip.replace('digit-', ''))] ?? '';

/** The sentence for the browser's own voice: "Mời số A, không một hai, vào phòng khám số ba." */
export function sentenceOf(call: Call): string {
  const letters = [...call.code].filter((c) => !/\d/.test(c)).map((c) => LETTERS[c] ?? c);
  const digits = [...call.code].filter((c) => /\d/.test(c)).map((c) => DIGITS[Number(c)]);
  const number = call.roomNumber;
  // The door's own words, with the number spoken: voices read "số 3" well, but "04" not.
  const door = call.room.charAt(0).toLowerCase() + call.room.slice(1);
  const spoken = number === null ? '' : numberClips(number, 'vi').map(word).join(' ');
  const room = number !== null && door.includes(String(number)) ? door.replace(String(number), spoken) : door;
  return `Mời số ${letters.join(' ')}, ${digits.join(' ')}, vào ${room}.`;
}
