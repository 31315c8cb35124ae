import '../styles/queue-place.css';
import { PlacePage } from './queues/place';

const place = document.getElementById('place');
if (place) new PlacePage(place);
