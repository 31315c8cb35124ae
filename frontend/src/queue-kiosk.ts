import '../styles/queue-kiosk.css';
import { Kiosk } from './queues/kiosk';

const place = document.getElementById('kiosk');
if (place) new Kiosk(place);
