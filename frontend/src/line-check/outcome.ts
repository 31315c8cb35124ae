/** The twelve checks and how they can turn out; the same names as `telehealth/lines/enums.py`, whose order this is. */

export const KINDS = [
  'browser',
  'microphone',
  'camera',
  'websocket',
  'udp',
  'turn_udp',
  'turn_tcp',
  'turn_tls',
  'route',
  'rates',
  'loss',
  'reconnect',
] as const;

export type Kind = (typeof KINDS)[number];
/** Three honest steps, and `none` for what could not be looked at. */
export type Step = 'good' | 'weak' | 'bad' | 'none';

/** By name, in the units of the names (`_ms`, `_kbps`); shares 0–1. */
export type Figures = Readonly<Record<string, number | string>>;

export interface Outcome {
  readonly step: Step;
  readonly cause: string;
  readonly figures: Figures;
}

export const outcome = (step: Step, cause = '', figures: Figures = {}): Outcome => ({ step, cause, figures });
