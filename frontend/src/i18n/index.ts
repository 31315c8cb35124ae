import { en } from './en';
import { vi, type Texts } from './vi';

/** The page's texts: English when the page says so, else Vietnamese. A key missing in `en.ts` fails `tsc`. */
export const t: Texts = typeof document !== 'undefined' && document.documentElement.lang.startsWith('en') ? en : vi;
export type { Texts };
