import type { Texts } from './vi';

export const en: Texts = {
  locale: 'en-GB',
  close: 'Close',
  undo: 'Undo',
  undone: 'Undone',
  undoFailed: 'Could not undo. Please reload the page to see how things stand.',
  requestFailed: 'Could not fetch the latest: the network is unsteady. What you see was right when it was last loaded.',
  autosave: {
    idle: 'Saves as you type',
    dirty: 'Not saved yet…',
    saving: 'Saving…',
    saved: (time) => `Saved ${time}`,
    offline: 'No network: kept on this device',
    signedOut: 'You are signed out: kept on this device. Please sign in again.',
    refused: (why) => `Not saved: ${why}`,
    refusedUnknown: 'a field is not valid',
    notYet: 'Not done: some text is not saved yet. When it says “Saved”, please try again.',
    restored: 'What you were writing on this device is back.',
    conflict: 'This was just changed elsewhere. Both versions are kept: please choose one.',
    conflictState: 'Two versions: please choose',
    mine: 'What is written here',
    theirs: 'What was saved elsewhere',
    keepMine: 'Keep mine',
    takeTheirs: 'Take the other',
    empty: '(empty)',
  },
  leaving: {
    title: (n: number) => (n === 1 ? '1 draft has not reached the server' : `${n} drafts have not reached the server`),
    text: 'If you sign out now, they are deleted from this computer for good. Wait for the network and try again; stay to see what they are.',
    stay: 'Stay',
    wait: 'Send again, then sign out',
    remove: 'Sign out and delete',
    waiting: (n: number) =>
      `${n === 1 ? '1 draft waits' : `${n} drafts wait`} on this computer to be sent. They go by themselves when their author signs in.`,
  },
  ring: {
    on: 'The bell is on',
    off: 'Turn on the bell for new cases',
    accept: 'View case',
  },
  rows: {
    added: (n) => `Item ${n} added`,
    removed: (n) => `Item ${n} removed`,
    moved: (n) => `Now item ${n}`,
  },
  time: {
    now: 'just now',
    ago: (m) => `${m} min ago`,
    in: (m) => `${m} min left`,
    late: (m) => `${m} min late`,
  },
};
