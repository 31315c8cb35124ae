import { pushEn } from './push.en';
import { pushVi, type PushTexts } from './push.vi';

export const p: PushTexts =
  typeof document !== 'undefined' && document.documentElement.lang.startsWith('en') ? pushEn : pushVi;
