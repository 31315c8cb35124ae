import type { PushTexts } from './push.vi';

export const pushEn: PushTexts = {
  on: 'This machine takes push notifications.',
  off: 'This machine takes no push notifications yet.',
  denied: 'The browser blocks notifications of this site. Allow them in the site settings (the icon beside the address), then reload.',
  unsupported: 'This browser has no push notifications. Notifications still appear in the platform.',
  failed: 'Not turned on: the browser does not reach its push service. Notifications still appear in the platform; try again later.',
};
