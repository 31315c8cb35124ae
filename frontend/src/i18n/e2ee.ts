import { e2eeEn } from './e2ee.en';
import { e2eeVi, type E2eeTexts } from './e2ee.vi';

export const e: E2eeTexts = typeof document !== 'undefined' && document.documentElement.lang.startsWith('en') ? e2eeEn : e2eeVi;
