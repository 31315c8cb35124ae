/** How the line is, in words for everybody, and its numbers for technicians behind a disclosure. */

import { r } from '../../i18n/room';
import { setText } from '../../ui/dom';
import { fullName } from '../format';
import { seenOf, stepOf, worse } from '../lines';
import type { RoomState } from '../state';
import { ask, dialog } from './dialogs';
import { bars, h, Rendered } from './dom';
import { sentenceOf } from './line-words';

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- stats dictionaries are open by nature */
type Row = Record<string, any>;

const EVERY_MS = 2_000;

export const kbps = (bitrate: number): string => `${Math.round(bitrate / 1000)} kbit/s`;
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

/** What this machine sends and by which way, from a statistics report. Pure. */
export function sendingOf(report: readonly Row[]): { layers: string[]; codecs: string[]; path: string } {
  const by = (type: string): Row[] => report.filter((row) => row['type'] === type);
  const named = new Map(report.map((row) => [row['id'] as string, row]));
  const layers = by('outbound-rtp')
    .filter((row) => row['kind'] === 'video' && row['active'] !== false && row['frameHeight'])
    .map((row) => `${row['rid'] ? `${row['rid']} ` : ''}${row['frameWidth']}×${row['frameHeight']} ${Math.round(row['framesPerSecond'] ?? 0)}/s`);
  const codecs = [...by('outbound-rtp'), ...by('inbound-rtp')]
    .map((row) => String(named.get(row['codecId'])?.['mimeType'] ?? '').replace(/^(audio|video)\//, ''))
    .filter((name, i, all) => name !== '' && all.indexOf(name) === i);
  const pair = by('candidate-pair').find((row) => row['nominated'] && row['state'] === 'succeeded');
  const local = pair && named.get(pair['localCandidateId']);
  const path = local ? [local['candidateType'], local['relayProtocol'] ?? local['protocol']].filter(Boolean).join(' ') : '';
  return { layers, codecs, path };
}

/** Show the panel; it follows the call until it is closed. */
export function openLine(state: () => RoomState, stats: () => Promise<Row[]>): void {
  const step = h('p', { class: 'line-panel__step' });
  const words = h('span');
  const meaning = h('p', { class: 'soft' });
  const shape = h('span');
  const shapeShown = new Rendered(shape);
  step.append(shape, words);
  const people = h('ul', { class: 'line-panel__people' });
  const peopleShown = new Rendered(people);
  const table = h('tbody');
  const tableShown = new Rendered(table);
  const own = h('dl', { class: 'line-panel__own' });
  const ownShown = new Rendered(own);
  const { person, direction, rung, rate, loss, roundTrip } = r.line.figures;
  const head = (text: string): HTMLElement => h('th', { scope: 'col' }, text);
  const element = dialog(
    r.line.title,
    step,
    meaning,
    people,
    h(
      'details',
      { class: 'line-panel__details' },
      h('summary', {}, r.line.technical),
      h(
        'div',
        { class: 'line-panel__scroll', tabindex: '0', role: 'region', 'aria-label': r.line.technical },
        h('table', { class: 'table' }, h('thead', {}, h('tr', {}, ...[person, direction, rung, rate, loss, roundTrip].map(head))), table),
      ),
      own,
    ),
  );

  const update = async (): Promise<void> => {
    const now = state();
    const mine = now.me ? seenOf(now, now.me) : null;
    const down = now.me ? now.lines[now.me] : undefined;
    let grade = (now.me ? now.quality[now.me] : undefined) ?? 'good';
    if (mine) grade = worse(grade, stepOf(mine));
    if (down) grade = worse(grade, stepOf({ rung: down.down, reason: down.down_reason, whose: 'mine' }));
    setText(words, r.quality[grade]);
    setText(meaning, r.line.meaning[grade]);
    shapeShown.show(grade, () => [bars(grade)]);
    const here = now.room.participants.filter((one) => one.state === 'in_room');
    const sentences = here.flatMap((one) => sentenceOf(now, one)?.text ?? []);
    peopleShown.show(JSON.stringify(sentences), () => sentences.map((said) => h('li', {}, said)));
    const rows = here.flatMap(({ info }) => {
      const line = now.lines[info.participant_id];
      if (!line) return [];
      const who = info.participant_id === now.me ? r.me : fullName(info);
      const because = (name: string, reason: string | null): string => (reason ? `${name} (${reason})` : name);
      const { figures } = line;
      return [
        [who, r.line.down, because(line.down, line.down_reason), kbps(figures.down_bitrate), percent(figures.down_loss), `${figures.rtt_ms} ms`],
        [who, r.line.up, because(line.up, line.up_reason), kbps(figures.up_bitrate), percent(figures.up_loss), ''],
      ];
    });
    tableShown.show(JSON.stringify(rows), () => rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, cell)))));
    const sending = sendingOf(await stats());
    ownShown.show(JSON.stringify([sending, rows.length]), () =>
      [
        [r.line.sends, sending.layers.join(' · ')],
        [r.line.codec, sending.codecs.join(' · ')],
        [r.line.path, sending.path],
      ].flatMap(([name, value]) => (name && value ? [h('dt', {}, name), h('dd', {}, value)] : [])),
    );
  };

  const timer = setInterval(() => void update(), EVERY_MS);
  element.addEventListener('close', () => clearInterval(timer));
  void update();
  ask(element);
}
