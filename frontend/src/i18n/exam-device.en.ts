import type { DeviceTexts } from './exam-device.vi';

export const deviceEn: DeviceTexts = {
  title: 'Connect an ultrasound machine or encoder',
  about: 'The machine sends its picture by WHIP; everybody in the room sees it as a shared screen. It sees and hears nobody.',
  issue: 'Make a code',
  issuing: 'Making a code…',
  again: 'Make another code',
  url: 'WHIP address',
  token: 'Code (bearer token)',
  urlWithToken: 'For machines with one field for an address',
  copy: 'Copy',
  copied: 'Copied',
  once: (minutes) =>
    `The code is shown this once and works once within ${minutes} minutes. An unused older one no longer works. The machine's sound is not carried into the room.`,
  failed: 'No code could be made. The call is not affected; please try again.',
};
