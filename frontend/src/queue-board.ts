import '../styles/queue-board.css';
import { Board } from './queues/board';

const place = document.getElementById('board');
if (place) new Board(place);
