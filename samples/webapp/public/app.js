// The untrusted half: it never sees the API key. It asks this app's server for credentials and streams with them.
import { Odyssey, credentialsFromDict } from './odyssey/index.js';

const at = id => document.getElementById(id);
const IDEAS = ['A mountain lake at sunrise', 'A harbour at night, lanterns on the water', 'Snow falling on a quiet village'];
const STATES = { idle: '', working: 'On the way', ready: 'Connected', live: 'Live' };

// The client's messages, in words for whoever watches; `again` says what the button beside them offers.
const TROUBLES = [
  [/maximum allowed duration/, 'Time is up.', 'This scene has run as long as one may.', 'Start over'],
  [/Streamer has disconnected/, 'The scene was cut off.', 'Its streamer went away.', 'Go back'],
  [/Streamer not available/, 'Nobody answered.', 'A streamer was reserved for you but did not answer.', 'Try again'],
  [/WebSocket connection failed/, 'The way back is closed.', 'The scene has ended, or it is open in another tab.', 'Start over'],
  [/Disconnected from signaling|Signaling disconnected/, 'The connection was lost.', 'The scene waits for you for a while.', 'Go back'],
];

let client = null;
let credentials = null;
let expires = 0;
let last = null;

function show(state) {
  document.querySelector('main').dataset.state = state;
  at('state').textContent = STATES[state];
  at('state').toggleAttribute('data-live', state === 'live');
  at('leave').hidden = state === 'idle';
  at('ideas').hidden = state !== 'idle';
  at('story').hidden = state !== 'live';
  at('go').textContent = state === 'live' ? 'Make it so' : 'Go there';
  at('go').disabled = state === 'working';
  at('prompt').placeholder = state === 'live' ? 'What happens next?' : IDEAS[1];
  document.querySelector('.attach').hidden = state === 'live' || (credentials && !credentials.capabilities?.image_to_video);
}

function trouble(error) {
  const [, title, words, again] = TROUBLES.find(([pattern]) => pattern.test(error.message))
    ?? [null, 'That did not work.', error.message.replace(/^Stream error: \S+ - /, ''), 'Try again'];
  at('notice-title').textContent = title;
  at('notice-words').textContent = words;
  at('retry').textContent = again;
  at('notice').hidden = false;
  // Credentials that were refused, or whose time is up, are good for nothing any more.
  if (again === 'Start over')
    credentials = null;
}

async function mint() {
  // The same credentials lead back to the same session, until they expire.
  if (credentials && Date.now() < expires)
    return;
  const response = await fetch('/api/credentials', { method: 'POST' }).catch(() => null);
  if (!response)
    throw new Error('This app\'s server does not answer.');
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Error(answer.error ?? 'The stream could not be prepared.');
  credentials = credentialsFromDict(answer);
  expires = Date.now() + credentials.expiresIn * 1_000 - 5_000;
}

async function connect() {
  await mint();
  const mine = client = new Odyssey();
  let isConnected;
  const connected = new Promise(resolve => { isConnected = resolve; });
  at('video').srcObject = await mine.connectWithCredentials(credentials, {
    onStreamEnded: () => mine === client && show('ready'),
    onStatusChange: (status, message) => {
      if (status === 'connected')
        isConnected();
      // However a connection ends without being asked to, this is how the client says so.
      else if (mine === client && status === 'failed')
        lose(new Error(message ?? 'Disconnected from signaling'));
    },
  });
  // There may be a picture a moment before the client counts as connected, and until then it starts nothing.
  if (!mine.isConnected)
    await connected;
}

function lose(error) {
  client = null;
  at('video').srcObject = null;
  show('idle');
  trouble(error);
}

/** Connects where that is needed, then begins the scene, or goes on with the one there is. */
async function go(prompt, image) {
  at('notice').hidden = true;
  last = prompt;
  const isNew = document.querySelector('main').dataset.state !== 'live';
  try {
    if (!client) {
      show('working');
      at('steps').replaceChildren();
      await connect();
    }
    if (isNew)
      await client.startStream({ prompt, portrait: innerHeight > innerWidth, image });
    else
      await client.interact({ prompt });
    note(prompt);
    at('prompt').value = at('image').value = '';
    at('image-name').textContent = 'Image';
    show('live');
  } catch (error) {
    if (client?.isConnected) {
      show(isNew ? 'ready' : 'live');
      trouble(error);
    } else if (at('notice').hidden)
      lose(error);
  }
}

function note(prompt) {
  const step = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const words = document.createElement('span');
  words.textContent = prompt;
  step.append(time, words);
  at('steps').prepend(step);
}

function leave() {
  const leaving = client;
  client = credentials = null;
  leaving?.disconnect();
  at('video').srcObject = null;
  show('idle');
}

at('composer').addEventListener('submit', event => {
  event.preventDefault();
  go(at('prompt').value.trim() || at('prompt').placeholder, at('image').files[0]);
});
at('image').addEventListener('change', () => at('image-name').textContent = at('image').files[0]?.name ?? 'Image');
at('retry').addEventListener('click', () => go(last ?? IDEAS[0]));
at('end').addEventListener('click', () => client.endStream().catch(trouble));
at('leave').addEventListener('click', leave);
// A tab that is closed says so: its session ends at once and costs nothing more.
addEventListener('pagehide', () => client?.disconnect());

for (const idea of IDEAS) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = idea;
  button.addEventListener('click', () => go(idea, at('image').files[0]));
  const item = document.createElement('li');
  item.append(button);
  at('ideas').append(item);
}
show('idle');
