// The page: plays the broadcast that its address names, and says in words why it does not. What is said to the server is in viewer.js.
import { Refused, Viewer } from './viewer.js';

const at = id => document.getElementById(id);
const video = at('video');
const SERVER = new URL('../', location.href.split('#')[0]);
const LOOK_MS = 3_000;
const RETRY_MS = 3_000;
const FIRST_FRAME_MS = 10_000;
const HLS = 'application/vnd.apple.mpegurl';

const id = decodeURIComponent(location.pathname.split('/').at(-1));
const token = location.hash.slice(1);

// What ends the page's tries for good.
const ENDS = {
  none: ['Nothing to watch', 'This address is cut short: what stands behind its # is missing. Copy the whole link.', 'No link'],
  unknown: ['Nothing to watch', 'There is no such broadcast. Was the link copied whole?', 'Not found'],
  invalid: ['This link opens nothing', 'It is not whole, or belongs to another broadcast. Ask for it again.', 'Not valid'],
  expired: ['This link has expired', 'The broadcast may go on. Ask whoever shared it for a new link.', 'Expired'],
  ended: ['The broadcast has ended', 'Thank you for watching.', 'Ended'],
};
// What may pass by itself; meanwhile it is tried again.
const WAITS = {
  viewer_limit: ['All places are taken', 'As many watch as can. You come in when somebody leaves.'],
  streamer_not_attached: ['The streamer is away', 'It may be restarting. The picture comes by itself when it is back.'],
  streamer_timeout: ['The streamer does not answer', 'It is tried again.'],
  offline: ['The server does not answer', 'It is tried again.'],
  media: ['The picture does not come through', 'The streamer cannot be reached from this network, or was stopped. It is tried again.'],
};

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
let viewer = null;
let hlsUrl = null;
let isOver = false;
let wasGood = false;

function show(state, word, title, why = '') {
  at('state').dataset.state = at('stage').dataset.state = state;
  at('state').textContent = word;
  at('title').textContent = title;
  at('why').textContent = why;
  at('full').hidden = state !== 'live' || !document.fullscreenEnabled;
}

function end(reason) {
  isOver = true;
  viewer?.leave();
  video.srcObject = null;
  video.removeAttribute('src');
  at('stage').dataset.shape = 'landscape';
  if (document.fullscreenElement)
    document.exitFullscreen();
  const [title, why, word] = ENDS[reason];
  show(reason === 'ended' ? 'idle' : 'lost', word, title, why);
}

const wait = reason => show('waiting', 'Waiting', ...WAITS[reason] ?? WAITS.media);

/** What a refusal means for good; null: it may pass. */
function endOf(error) {
  switch (error instanceof Refused && error.status) {
    case 401: return wasGood || isExpired() ? 'expired' : 'invalid';
    case 404: return 'unknown';
    case 410: return 'ended';
    default: return null;
  }
}

/** The token says so itself. Whether it ever was a good one only the server knows. */
function isExpired() {
  try {
    const claims = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
    return claims.broadcast_id === id && claims.exp * 1_000 <= Date.now() + LOOK_MS;
  } catch {
    return false;
  }
}

async function look() {
  const status = await new Viewer(SERVER, id, token).status();
  wasGood = true;
  hlsUrl = status.hls_url ?? null;
  at('viewers').textContent = status.viewers;
  at('until').textContent = new Date(status.expires_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function endIfOver(error) {
  const reason = endOf(error);
  if (reason && !isOver)
    end(reason);
}

/** Whether it has ended, and who watches, for as long as the page is open. */
async function keepLooking() {
  while (!isOver) {
    await pause(LOOK_MS);
    await look().catch(endIfOver);
  }
}

async function playWebRtc() {
  const mine = viewer = new Viewer(SERVER, id, token);
  try {
    video.srcObject = await mine.watch();
    await firstFrame();
    shows('WebRTC');
    await mine.lost;
  } finally {
    mine.leave();
  }
}

/** Where the browser plays HLS by itself. It comes some seconds later, and does without WebRTC. */
async function playHls() {
  video.srcObject = null;
  video.src = hlsUrl;
  try {
    const broken = new Promise((_, reject) => video.onerror = () => reject(new Error('HLS has ended.')));
    await Promise.race([firstFrame(), broken]);
    shows('HLS');
    await broken;
  } finally {
    video.onerror = null;
    video.removeAttribute('src');
    video.load();
  }
}

const firstFrame = () => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error('No picture came.')), FIRST_FRAME_MS);
  if (video.requestVideoFrameCallback)
    video.requestVideoFrameCallback(resolve);
  else
    video.addEventListener('playing', resolve, { once: true });
  video.play().catch(() => {});
});

function shows(way) {
  if (isOver)
    return;
  at('way').textContent = way;
  show('live', 'Live', '');
  // It counts this page now.
  look().catch(() => {});
}

async function play() {
  while (!isOver) {
    const reason = await playWebRtc().then(() => 'media', error =>
      error instanceof Refused ? error.code : error instanceof TypeError ? 'offline' : 'media');
    if (isOver)
      return;
    wait(reason);
    // It may be over, which the status tells with its reason.
    await look().catch(endIfOver);
    if (!isOver && hlsUrl && reason !== 'offline' && video.canPlayType(HLS))
      await playHls().catch(() => isOver || wait(reason));
    await pause(RETRY_MS);
  }
}

async function begin() {
  if (!token)
    return end('none');
  await look().catch(endIfOver);
  play();
  keepLooking();
}

at('full').addEventListener('click', () => at('stage').requestFullscreen());
// Another link to this page is another broadcast or another token; and a page that is shown again after it was left has lost its place.
addEventListener('hashchange', () => location.reload());
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
addEventListener('pagehide', () => viewer?.leave());
video.addEventListener('resize', () => {
  at('size').textContent = video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : '–';
  at('stage').dataset.shape = video.videoHeight > video.videoWidth ? 'portrait' : 'landscape';
});
begin();
