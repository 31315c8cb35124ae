import { scanEn } from './scan.en';
import { scanVi, type ScanTexts } from './scan.vi';

export const s: ScanTexts = typeof document !== 'undefined' && document.documentElement.lang.startsWith('en') ? scanEn : scanVi;
