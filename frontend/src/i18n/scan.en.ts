import type { ScanTexts } from './scan.vi';

export const scanEn: ScanTexts = {
  camera: {
    asking: 'The browser asks whether the camera may be used. Please press Allow.',
    starting: 'Opening the camera…',
    looking: 'Hold the code on the card in the middle of the frame, about a hand’s breadth away.',
    found: 'The code was read.',
    denied:
      'The browser does not allow the camera. Press the lock beside the address of the page to allow it, or type the number on the card.',
    none: 'This computer has no camera. Use a reader, or type the number on the card.',
    busy: 'Another program uses the camera. Close that program and press Try again.',
    insecure: 'This page was not opened by https, so the camera cannot be used. Use a reader, or type the number on the card.',
    broken: 'What reads the codes could not be loaded. Press Try again, or type the number on the card.',
  },
  desk: {
    reading: 'Looking…',
    found: 'The result is there.',
  },
};
