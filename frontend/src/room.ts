import '../styles/app.css';
import '../styles/room.css';
import { startPage } from './behaviours';

startPage();
