import '../styles/app.css';
import { startPage } from './behaviours';

startPage();
