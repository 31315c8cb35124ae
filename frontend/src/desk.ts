import '../styles/app.css';
import { startPage } from './behaviours';
import { startDesk } from './desk/desk';
import { startScanner } from './scan';

startPage();
startScanner();
startDesk();
