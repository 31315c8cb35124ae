import '../styles/app.css';
import { startPage } from './behaviours';
import { readBoot } from './line-check/boot';
import { UnattendedPage } from './line-check/unattended';
import { LineCheckPage } from './line-check/view';

startPage();
const check = document.getElementById('line-check');
const unattended = document.getElementById('line-unattended');
if (check) new LineCheckPage(readBoot(), check);
if (unattended) new UnattendedPage(readBoot(), unattended).run();
