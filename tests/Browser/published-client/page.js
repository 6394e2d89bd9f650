// What a web app does with the published client; the tests call what is on window.
import { Odyssey, credentialsFromDict } from './odyssey.js';

const video = document.querySelector('video');
const client = window.client = new Odyssey();
const events = window.events = [];
let broadcastReady;
const note = name => (...values) => events.push([name, ...values.map(value => value?.message ?? value)].join(' '));

window.connect = async credentials => {
  const { onConnected, ...rest } = Object.fromEntries(
    ['onConnected', 'onDisconnected', 'onStreamStarted', 'onStreamEnded', 'onInteractAcknowledged', 'onStreamError'].map(name => [name, note(name)]));
  video.srcObject = await client.connectWithCredentials(credentialsFromDict(credentials), {
    ...rest,
    onConnected: () => events.push('onConnected'),
    onBroadcastReady: broadcast => broadcastReady(broadcast),
    onError: error => events.push(`onError ${error.message}`),
    onStatusChange: status => events.push(`onStatusChange ${status}`),
  });
  // There may be a picture a moment before the client counts as connected, and until then it starts nothing.
  while (client.currentStatus === 'connecting')
    await new Promise(done => requestAnimationFrame(done));
};

/** What never comes must fail, or its test would wait for ever. What was heard until then may say why. */
const within60Seconds = (what, come) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`No ${what} within 60 s. Heard: ${events.join(', ')}`)), 60_000);
  come(resolve, reject);
});

const nextFrame = video => within60Seconds('picture', done => video.requestVideoFrameCallback(done));

/** Starts a stream that others may watch; what they need for it. */
window.share = prompt => within60Seconds('broadcast', (resolve, reject) => {
  broadcastReady = resolve;
  client.startStream({ prompt, portrait: false, broadcast: true }).catch(reject);
});

window.watch = async ({ webrtcUrl, spectatorToken }) => {
  window.watching = await Odyssey.connectToStream(webrtcUrl, spectatorToken);
  watching.onDisconnect(() => events.push('watch over'));
  video.srcObject = watching.stream;
};

/** So many viewers on one page, each with a picture. */
window.watchMany = (count, { webrtcUrl, spectatorToken }) => Promise.all(Array.from({ length: count }, async () => {
  const watching = await Odyssey.connectToStream(webrtcUrl, spectatorToken);
  watching.onDisconnect(() => events.push('watch over'));
  const video = document.createElement('video');
  Object.assign(video, { autoplay: true, muted: true, srcObject: watching.stream });
  document.body.append(video);
  await nextFrame(video);
}));

/** Waits for so many decoded frames that all differ from one another. */
window.frames = async count => {
  const context = new OffscreenCanvas(64, 64).getContext('2d', { willReadFrequently: true });
  const seen = new Set();
  while (seen.size < count) {
    await nextFrame(video);
    context.drawImage(video, 0, 0, 64, 64);
    seen.add(context.getImageData(0, 0, 64, 64).data.join());
  }
  return { decoded: video.getVideoPlaybackQuality().totalVideoFrames, width: video.videoWidth, height: video.videoHeight };
};

/** The colour in the middle of the picture, as three numbers. */
window.colour = () => {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context.drawImage(video, video.videoWidth * 0.45, video.videoHeight * 0.25, 10, 10, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
};

window.image = async (width, height, colour) => {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas.convertToBlob({ type: 'image/png' });
};
window.ready = true;
