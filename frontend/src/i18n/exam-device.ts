import { deviceEn } from './exam-device.en';
import { deviceVi, type DeviceTexts } from './exam-device.vi';

export const d: DeviceTexts =
  typeof document !== 'undefined' && document.documentElement.lang.startsWith('en') ? deviceEn : deviceVi;
