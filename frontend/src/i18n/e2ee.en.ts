import type { E2eeTexts } from './e2ee.vi';

export const e2eeEn: E2eeTexts = {
  lock: 'Encrypted end to end',
  lockShort: 'Encrypted',
  openCode: 'Encrypted end to end: show the safety code',
  check: {
    on: 'This room is encrypted end to end: the server cannot see, hear or record picture and sound. In the room, press the lock to read each other the safety code.',
    barredTitle: 'This browser cannot encrypt end to end',
    barred:
      'This room is encrypted end to end, so this computer has no picture and sound. Please use a recent Chrome, Edge, Firefox or Safari. Or enter to write, and ask a doctor to end this call and open the room again without end-to-end encryption.',
    enterWriting: 'Enter to write',
  },
  code: {
    title: 'Safety code of the call',
    about:
      'Picture and sound can be opened only on the computers of the people in the room. The server passes them on but cannot see, hear or record them.',
    read: 'Read these six groups of digits to each other. The same on every computer: nobody stands between you. Different: say nothing private any more and end the call.',
    none: 'The code appears once the key of somebody else in the room has come.',
    changes: 'The code changes when somebody comes, leaves or reloads the page; then read it again.',
    missing: (names: string) => `The key of ${names} has not come, so they cannot be heard and seen yet.`,
    clear: 'Messages, files and the case are not covered by this encryption: the server keeps them as usual.',
  },
  notice: {
    unreadable: 'Picture and sound of the others cannot be decrypted. Asking for the keys again; messages still work.',
    barred: 'This computer can only write: its browser cannot encrypt end to end.',
  },
};
