import '../styles/booking.css';
import { keepTyped } from './booking/kept';
import { showOffline } from './booking/offline';
import { showNewPerson } from './booking/person';

/* The patients' site works without any of this; the script only keeps what was typed, and what was booked for when the line is gone. */
keepTyped(document, window.localStorage);
showNewPerson(document);
showOffline(document, navigator.onLine);

const worker = document.body.dataset['worker'];
if (worker && 'serviceWorker' in navigator) {
  void navigator.serviceWorker.register(worker, { scope: '/booking/' });
  for (const form of document.querySelectorAll<HTMLFormElement>('form[action$="/sign-out/"]')) {
    form.addEventListener('submit', () => navigator.serviceWorker.controller?.postMessage('forget'));
  }
}
