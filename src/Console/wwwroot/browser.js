// What the console asks of the browser and C# has no words for.
const read = store => { try { return store(); } catch { return null; } };

export const remembered = name => read(() => localStorage.getItem(name));
export const remember = (name, value) => read(() => localStorage.setItem(name, value));
export const kept = name => read(() => sessionStorage.getItem(name));
export const keep = (name, value) => read(() => value === null ? sessionStorage.removeItem(name) : sessionStorage.setItem(name, value));
export const displayChanged = () => dispatchEvent(new Event('display-changed'));
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';

const styles = {
  full: { dateStyle: 'medium', timeStyle: 'long' },
  moment: { dateStyle: 'medium', timeStyle: 'medium' },
  day: { day: 'numeric', month: 'short' },
  date: { dateStyle: 'medium' },
  clock: { hour: '2-digit', minute: '2-digit' },
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
};
const formats = new Map();

/** A time as this browser's region writes it. */
export function format(milliseconds, style, timeZone) {
  const key = style + timeZone;
  let format = formats.get(key);
  if (!format) formats.set(key, format = new Intl.DateTimeFormat(undefined, { ...styles[style], timeZone: timeZone || undefined }));
  return format.format(milliseconds);
}

/** Minutes from a wall-clock time of this zone to UTC, daylight saving counted. */
export const offset = (...wall) => new Date(...wall).getTimezoneOffset();

export const offsetAt = milliseconds => new Date(milliseconds).getTimezoneOffset();

/** Also where the page came over plain HTTP, which has no clipboard of its own. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.readOnly = true;
    area.className = 'off-screen';
    const before = document.activeElement;
    // Inside an open dialog, or its focus trap would take the selection away.
    (before?.closest('dialog') ?? document.body).append(area);
    area.select();
    let copied = false;
    try { copied = document.execCommand('copy'); } catch { /* told by the answer */ }
    area.remove();
    before?.focus?.();
    return copied;
  }
}

export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export const focus = selector => { document.querySelector(selector)?.focus(); };

const before = new Map();

export function openDialog(id, escaped) {
  const dialog = document.getElementById(id);
  if (!dialog) return;
  before.set(id, document.activeElement);
  // Browsers close a dialog at a second Esc whatever its page says; the key never reaches them.
  dialog.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    escaped();
  });
  dialog.addEventListener('cancel', event => event.preventDefault());
  dialog.showModal();
  (dialog.querySelector('[data-first]') ?? dialog.querySelector('[autofocus]'))?.focus();
}

export function closeDialog(id) {
  const came = before.get(id);
  before.delete(id);
  document.getElementById(id)?.close();
  setTimeout(() => (came?.isConnected ? came : document.querySelector('dialog[open] .modal-content, h1'))?.focus());
}

/** Keys do nothing where somebody writes, and none with a modifier is ours. */
export function onKey(pressed) {
  addEventListener('keydown', event => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (target.closest?.('input, textarea, select, [contenteditable], dialog')) return;
    pressed(event.key);
  });
}

export const onShown = changed => document.addEventListener('visibilitychange', () => changed(document.visibilityState === 'visible'));

export function onConnection(changed) {
  addEventListener('online', () => changed(true));
  addEventListener('offline', () => changed(false));
}
