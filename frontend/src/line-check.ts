import '../styles/app.css';
import { startPage } from './behaviours';
import { readBoot, type StationBoot } from './line-check/boot';
import { StationLine, takeToken } from './line-check/station';
import { UnattendedPage } from './line-check/unattended';
import { LineCheckPage } from './line-check/view';

startPage();
const check = document.getElementById('line-check');
const unattended = document.getElementById('line-unattended');
if (check) new LineCheckPage(readBoot(), check);
if (unattended) {
  const boot = readBoot<StationBoot>();
  new UnattendedPage(boot, new StationLine(boot.pulse_url, takeToken()), unattended).run();
}
