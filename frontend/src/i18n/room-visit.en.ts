import type { guestVi, staffVi } from './room-visit.vi';

type Words<T> = { readonly [K in keyof T]: T[K] extends string ? string : Words<T[K]> };

const both = {
  title: 'Remote visit',
  lead: { live: 'In the visit' },
  board: { spoke: 'Patient', hub: 'Doctor' },
  say: { live: 'The visit begins' },
};

export const staffEn: Words<typeof staffVi> = {
  ...both,
  board: {
    ...both.board,
    waitSpoke: 'The patient is not in the waiting room yet',
    waitSpokeText: 'When the patient comes, their name appears here for you to admit.',
    waitHub: 'The doctor is not in the room yet',
    waitHubText: 'When the doctor comes in, this screen turns into the call by itself.',
  },
  drawer: { label: 'Visit and chat', case: 'Visit' },
  controls: { case: 'Visit' },
  panel: { loading: 'Loading the visit…', failed: 'The visit could not be loaded' },
  chat: { emptyText: 'What is written and sent here is read by the patient at once, and kept with the visit.' },
  leave: {
    endText: 'All is said. The summary can still be written and signed afterwards.',
    interruptText: 'The line or the situation does not allow to go on. Call again from the list of visits.',
  },
  ended: {
    finishedText: 'Write a summary for the patient and sign it: they read it by the link they have.',
    interruptedText: 'The visit is still open. You can call again, or write the summary.',
    abandonedText: 'The visit is still open. You can call again from the list of visits.',
    cancelledText: 'The appointment was cancelled.',
    toCase: 'Open the visit',
    toCaseAnswer: 'Write and sign the summary',
    worklist: 'To the list of consultations',
    notAllowedText: 'Please open it again from the list of visits.',
  },
};

export const guestEn: Words<typeof guestVi> = {
  ...both,
  board: {
    ...both.board,
    waitHub: 'The doctor is not in the room yet',
    waitHubText: 'When the doctor lets you in, this screen turns into the call by itself. Please keep it open.',
    waitAdmitText: 'The doctor will let you in. Please keep this screen open.',
    enteringText: 'A few seconds, please.',
    nobody: 'Not in the room yet',
  },
  check: { about: 'Only you see and hear this. You can come in without a camera.' },
  drawer: { label: 'Chat' },
  chat: { emptyText: 'Write to the doctor, or send a picture of a prescription or a test result.', write: 'Write to the doctor' },
  ended: {
    finished: 'The visit is over',
    finishedText: 'The doctor will write a summary. You read it on the appointment page, by this same link.',
    interrupted: 'The call broke off',
    interruptedText: 'The doctor will call again or write to you. Please open the appointment page again.',
    abandoned: 'The call was closed because nobody was left in it',
    abandonedText: 'You can come back to the waiting room from the appointment page.',
    cancelled: 'The visit was cancelled',
    cancelledText: 'Please call the facility if you did not know.',
    leftText: 'The doctor may still be waiting. You can come back in.',
    removed: 'You are no longer in the room',
    removedText: 'This link was revoked, or the doctor asked you to leave. If that is a mistake, please call the facility.',
    signedOut: 'Your telephone number has to be confirmed again',
    signedOutText: 'Please open the appointment page and type the code sent to your telephone.',
    signIn: 'Confirm again',
    notAllowed: 'This link can no longer be used',
    notAllowedText: 'Please open the newest message, or call the facility.',
    toCase: 'To the appointment page',
  },
  notice: { mediaRefused: 'Picture and sound could not be connected. You can still write to the doctor; reload the page to try again.' },
};
