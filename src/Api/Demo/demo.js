// The page: what is shown when. All that is said to the server is in stream-client.js.
import { StreamClient, call } from './stream-client.js';

const at = id => document.getElementById(id);
const forms = ['enter', 'create', 'steer', 'again'];
const STATES = {
  idle: 'Not connected', waiting: 'Connecting', ready: 'Connected', live: 'Streaming', lost: 'Disconnected',
};
// What ended a connection, and whether the same credentials may be tried again.
const LOSSES = {
  refused: ['The server refused the connection', 'The credentials have expired, or the session is over or open on another page.', true],
  timeout: ['No answer', 'The server answered, but no streamer did. It may be starting: try again in a moment.', true],
  closed: ['Connection lost', 'The server is gone. While the credentials live, the session waits for this page to come back.', true],
  media: ['Connection lost', 'Video can no longer reach this page. The session waits for it to come back.', true],
  streamer_disconnected: ['The streamer is gone', 'It was stopped or restarted, or somebody ended the session.', true],
  streamer_not_available: ['No streamer answers', 'The session has a place, but its streamer made no offer. Is it running?', true],
  duration_limit_reached: ['Time is up', 'The session has reached the longest duration that the account allows.', false],
};

let client = null;
let credentials = null;
let bearer = null;
let broadcastId = null;

function show(form, state) {
  for (const id of forms)
    at(id).hidden = id !== form;
  at('state').dataset.state = at('stage').dataset.state = state;
  at('state').textContent = STATES[state];
  at('problem').hidden = true;
}

function complain(error) {
  at('problem').textContent = wordsFor(error);
  at('problem').hidden = false;
}

function wordsFor(error) {
  if (error instanceof TypeError)
    return 'The server does not answer.';
  return error.action ? `${error.message} ${error.action}` : error.message;
}

/** One thing at a time: the form's buttons rest while it is done, and what goes wrong is said below. */
async function busy(form, task) {
  const buttons = [...form.querySelectorAll('button:not(.leave)')];
  buttons.forEach(button => button.disabled = true);
  at('problem').hidden = true;
  try {
    await task();
  } catch (error) {
    if (error.message !== 'disconnected')
      complain(error);
  } finally {
    buttons.forEach(button => button.disabled = false);
  }
}

async function signIn() {
  if (document.querySelector('[name=who]:checked').value === 'key')
    return at('key').value.trim();
  const login = await call('POST', '/api/auth/login', { body: { username: at('username').value, password: at('password').value } });
  at('password').value = '';
  return login.access_token;
}

async function mint() {
  credentials = await call('POST', '/credentials', { bearer, body: {} });
  at('session').textContent = credentials.session_id;
  at('session').disabled = false;
  at('with-image').hidden = !credentials.capabilities?.image_to_video;
}

async function connect(from) {
  const clicked = performance.now();
  show(from, 'waiting');
  at('veil').textContent = 'Connecting…';
  const mine = client = new StreamClient();
  mine.addEventListener('wire', ({ detail }) => note(detail));
  mine.addEventListener('lost', ({ detail }) => client === mine && lose(detail));
  mine.addEventListener('ended', () => client === mine && show('create', 'ready'));
  mine.addEventListener('broadcast', ({ detail }) => client === mine && offerShare(detail.webrtc_url.split('/').at(-1)));
  mine.addEventListener('streamerror', ({ detail }) => client === mine && complain(detail));
  try {
    at('video').srcObject = await mine.connect(credentials);
  } catch (error) {
    if (error.reason)
      return lose(error.reason);
    show(from, from === 'again' ? 'lost' : 'idle');
    at('veil').textContent = 'No connection.';
    throw error;
  }
  show('create', 'ready');
  at('prompt').focus();
  at('video').requestVideoFrameCallback(() => at('first').textContent = `${Math.round(performance.now() - clicked)} ms`);
}

function lose(reason) {
  const [title, why, mayReturn] = LOSSES[reason] ?? ['Connection lost', `The server said: ${reason}.`, true];
  client = null;
  show('again', 'lost');
  at('again-title').textContent = at('veil').textContent = title;
  at('again-why').textContent = why;
  at('reconnect').hidden = !mayReturn;
}

/** @param id The broadcast's; null: there is none. */
function offerShare(id) {
  broadcastId = id;
  at('share').hidden = id === null;
  at('shared').hidden = true;
}

/** A link with a token of its own, which only ever watches. */
async function share() {
  const { watch_url: link } = await call('POST', `/api/broadcasts/${broadcastId}/tokens`, { bearer, body: { ttl_seconds: 3_600 } });
  at('watch-link').href = link;
  try {
    await navigator.clipboard.writeText(link);
    at('shared-how').textContent = 'Link copied. Whoever has it can watch for an hour.';
  } catch {
    at('shared-how').textContent = 'The browser does not let this page copy the link, which works for an hour.';
  }
  at('shared').hidden = false;
}

function leave() {
  client?.disconnect();
  client = credentials = null;
  at('video').srcObject = null;
  at('session').textContent = 'none';
  at('session').disabled = true;
  at('veil').textContent = 'A stream appears here.';
  show('enter', 'idle');
}

const readImage = file => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => reject(new Error('The image could not be read.'));
  reader.readAsDataURL(file);
});

function note({ way, message }) {
  const { type, ...rest } = message;
  const line = document.createElement('li');
  line.dataset.way = way;
  const time = document.createElement('time');
  time.textContent = new Date().toISOString().slice(11, 23);
  const arrow = document.createElement('b');
  arrow.textContent = way === 'in' ? '←' : '→';
  arrow.title = way === 'in' ? 'to this page' : 'from this page';
  const text = document.createElement('span');
  text.textContent = Object.keys(rest).length ? `${type} ${JSON.stringify(rest).slice(0, 200)}` : type;
  line.append(time, arrow, text);
  at('messages').append(line);
  if (at('messages').childElementCount > 300)
    at('messages').firstElementChild.remove();
  at('count').textContent = `${at('messages').childElementCount} messages`;
  at('messages').scrollTop = at('messages').scrollHeight;
}

at('enter').addEventListener('change', () => {
  const byKey = document.querySelector('[name=who]:checked').value === 'key';
  at('by-key').hidden = !byKey;
  at('by-login').hidden = byKey;
});

at('enter').addEventListener('submit', event => {
  event.preventDefault();
  busy(at('enter'), async () => {
    bearer = null;
    bearer = await signIn();
    await mint();
    await connect('enter');
  });
});

at('create').addEventListener('submit', event => {
  event.preventDefault();
  busy(at('create'), async () => {
    const portrait = document.querySelector('[name=shape]:checked').value === 'portrait';
    const file = at('image').files[0];
    const image = file && await readImage(file);
    offerShare(null);
    await client.start({ prompt: at('prompt').value.trim(), portrait, broadcast: true, image });
    at('stage').dataset.shape = portrait ? 'portrait' : 'landscape';
    show('steer', 'live');
    at('change').focus();
  });
});

at('steer').addEventListener('submit', event => {
  event.preventDefault();
  busy(at('steer'), async () => {
    const prompt = at('change').value.trim();
    if (!prompt)
      return at('change').focus();
    await client.interact(prompt);
    at('change').value = '';
    at('change').focus();
  });
});

at('share').addEventListener('click', () => busy(at('steer'), share));
at('end').addEventListener('click', () => busy(at('steer'), () => client.end()));
at('reconnect').addEventListener('click', () => busy(at('again'), () => connect('again')));
at('anew').addEventListener('click', () => busy(at('again'), async () => {
  await mint().catch(error => {
    // A login that has ended: sign in again.
    if (error.status === 401)
      show('enter', 'idle');
    throw error;
  });
  await connect('again');
}));
document.querySelectorAll('.leave').forEach(button => button.addEventListener('click', leave));
// A tab that is closed says so, and its session is over at once.
addEventListener('pagehide', () => client?.disconnect());

at('session').addEventListener('click', async () => {
  const id = credentials.session_id;
  try {
    await navigator.clipboard.writeText(id);
    at('session').textContent = 'Copied';
  } catch {
    at('session').textContent = 'Not copied: the browser does not allow it here';
  }
  setTimeout(() => at('session').textContent = credentials?.session_id ?? 'none', 1_500);
});

let frames = 0;
const count = () => {
  frames++;
  at('video').requestVideoFrameCallback(count);
};
at('video').requestVideoFrameCallback?.(count);
setInterval(() => {
  const isPlaying = client !== null && at('video').videoWidth > 0;
  at('rate').textContent = isPlaying ? frames : '–';
  at('size').textContent = isPlaying ? `${at('video').videoWidth} × ${at('video').videoHeight}` : '–';
  frames = 0;
}, 1_000);
