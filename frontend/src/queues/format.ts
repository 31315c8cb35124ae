/** Times and codes as people read them. */

export function clockText(at: Date | string, language: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'vi-VN', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'Asia/Ho_Chi_Minh', // the house's clock, whatever this machine believes
  }).format(typeof at === 'string' ? new Date(at) : at);
}
