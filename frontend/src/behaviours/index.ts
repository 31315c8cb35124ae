import { startAutosave } from './autosave';
import { startHtmx } from './htmx';
import { startInbox } from './inbox';
import { startNow } from './now';
import { startPush } from './push';
import { startRepeatRows } from './repeat-rows';
import { startShell } from './shell';
import { startTime } from './time';
import { startUndo } from './undo';
import { startUploads } from './upload';

/** Everything a server-rendered page does beyond HTML. Called once, at the end of parsing (module scripts are deferred). */
export function startPage(): void {
  startHtmx();
  startShell();
  startRepeatRows();
  startNow();
  startAutosave();
  startUndo();
  startUploads();
  startTime();
  startInbox();
  startPush();
}
