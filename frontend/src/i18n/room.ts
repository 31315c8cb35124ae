import { roomEn } from './room.en';
import { roomVi, type RoomTexts } from './room.vi';

export const r: RoomTexts = typeof document !== 'undefined' && document.documentElement.lang.startsWith('en') ? roomEn : roomVi;
