import '../styles/app.css';
import { startPage } from './behaviours';
import { Desk } from './queues/desk';

startPage();
const place = document.getElementById('queue-desk');
if (place) new Desk(place);
