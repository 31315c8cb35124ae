import { queuesEn } from './queues.en';
import { queuesVi, type QueueTexts } from './queues.vi';

export const q: QueueTexts = typeof document !== 'undefined' && document.documentElement.lang.startsWith('en') ? queuesEn : queuesVi;
