/** The room by keyboard alone: one letter each, as the sheet of keys (`?`) says. */

import { isTyping, openDialog } from '../behaviours/shell';
import { viewOf, type Drawer, type RoomState } from './state';

export interface KeyActions {
  microphone(): void;
  camera(): void;
  share(): void;
  sound(): void;
  drawer(which: Drawer): void;
  /** Out of the text that is being typed; what is typed is kept. */
  leaveText(): void;
  unpin(): void;
}

export function onKey(event: KeyboardEvent, state: RoomState, actions: KeyActions): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector('dialog[open]')) return;
  if (isTyping(event.target)) {
    // Out of the text first (it is kept), a second Esc closes the drawer.
    if (event.key === 'Escape' && !event.isComposing) actions.leaveText();
    return;
  }
  const view = viewOf(state);
  if (view === 'ended') return;
  const inFrame = view !== 'check';
  switch (event.key.toLowerCase()) {
    case 'm':
      return actions.microphone();
    case 'v':
      return actions.camera();
    case 's':
      if (inFrame) event.preventDefault(); // the key must not go on into the dialog
      return void (inFrame && actions.share());
    case 'a':
      return void (inFrame && actions.sound());
    case 'c':
      event.preventDefault();
      return void (inFrame && actions.drawer('chat'));
    case 'b':
      return void (inFrame && actions.drawer('case'));
    case 'escape':
      if (inFrame && state.drawer) actions.drawer(state.drawer);
      else if (state.pinned) actions.unpin();
      return;
    case '?':
      return openDialog('keyboard-sheet');
  }
}
