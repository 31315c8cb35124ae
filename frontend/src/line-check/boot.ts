import type { Figures } from './outcome';

/** What the server puts into `<script type="application/json" id="line-check-boot">`. Its words are the report's words. */
export interface Boot {
  readonly socket_url: string;
  readonly setup_url: string;
  readonly down_url: string;
  readonly up_url: string;
  readonly save_url: string;
  readonly csrf_token: string;
  readonly language: string;
  /** In the order they are written; `{}` stands for the number. */
  readonly figures: readonly { name: string; text: string; divide: number; decimals: number }[];
  /** By `kind.cause`. */
  readonly what_to_do: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<'good' | 'weak' | 'bad' | 'none', string>>;
  readonly words: Readonly<Record<string, string>>;
}

/** What a station's page is given; what it may do, it has by its token. */
export interface StationBoot extends Pick<Boot, 'down_url' | 'up_url' | 'language' | 'figures' | 'words'> {
  readonly pulse_url: string;
  readonly sample_url: string;
}

export function readBoot<B = Boot>(): B {
  const script = document.getElementById('line-check-boot');
  if (!script?.textContent) throw new Error('line-check-boot is missing');
  return JSON.parse(script.textContent) as B;
}

export function figuresText(boot: Pick<Boot, 'figures' | 'language'>, figures: Figures): string {
  const write = (value: number, decimals: number): string =>
    new Intl.NumberFormat(boot.language, { maximumFractionDigits: decimals, useGrouping: false }).format(value);
  return boot.figures
    .filter(({ name }) => figures[name] !== undefined)
    .map(({ name, text, divide, decimals }) => {
      const value = figures[name] ?? '';
      return text.replace('{}', typeof value === 'string' ? value : write(value / divide, decimals));
    })
    .join(' · ');
}

/** A text with its placeholders filled in: `fill("Lúc {time}", { time: "14:03" })`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
