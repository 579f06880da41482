/** The hours in which mails may leave, `08:00-20:00`; `22:00-06:00` spans midnight. By which clock says whoever uses it. */
export type SendWindow = string & { readonly __brand: 'SendWindow' };

const HOURS = /^([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** Undefined for what is none, and for a window without an end to it. */
export function parseSendWindow(text: string): SendWindow | undefined {
  const [, fromHour = '', fromMinute = '', untilHour = '', untilMinute = ''] = HOURS.exec(text.trim()) ?? [];
  const opens = `${fromHour.padStart(2, '0')}:${fromMinute}`;
  const closes = `${untilHour.padStart(2, '0')}:${untilMinute}`;
  return fromMinute === '' || opens === closes ? undefined : (`${opens}-${closes}` as SendWindow);
}
