/** Every icon the platform shows, by its Lucide name. The sprite is made of these and no others. */
export const ICONS = [
  'activity', 'archive', 'arrow-down', 'arrow-left', 'arrow-right', 'arrow-up', 'bell', 'bell-off', 'bell-ring', 'building-2',
  'calendar', 'camera', 'chart-column', 'check', 'check-check', 'chevron-down', 'chevron-left', 'chevron-right', 'chevron-up',
  'circle', 'circle-alert', 'circle-check', 'circle-help', 'circle-pause', 'circle-x', 'clipboard-list', 'clock', 'cloud-off',
  'diamond', 'door-open', 'download', 'ear', 'eye', 'eye-off', 'file-text', 'file-pen-line', 'flask-conical', 'globe', 'hand',
  'headphones', 'heart-pulse', 'history', 'hospital', 'hourglass', 'image', 'inbox', 'info', 'key-round', 'keyboard',
  'layout-list', 'link', 'list', 'list-checks', 'loader-circle', 'lock', 'log-in', 'log-out', 'mail', 'maximize-2', 'menu',
  'message-square', 'mic', 'mic-off', 'minimize-2', 'monitor-up', 'monitor-x', 'panel-left', 'panel-right', 'paperclip',
  'pencil', 'phone', 'phone-off', 'pill', 'pin', 'plus', 'printer', 'refresh-cw', 'rotate-ccw', 'save', 'scan-line', 'search',
  'send', 'settings', 'shield-check', 'signal', 'signal-low', 'signal-medium', 'signal-zero', 'signature', 'siren',
  'sliders-horizontal', 'smartphone', 'sparkles', 'stethoscope', 'ticket', 'trash-2', 'triangle-alert', 'undo-2', 'upload',
  'user', 'user-check', 'user-plus', 'user-x', 'users', 'video', 'video-off', 'volume-2', 'volume-x', 'wifi-off', 'x',
] as const;

export type IconName = (typeof ICONS)[number];
