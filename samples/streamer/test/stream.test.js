import assert from 'node:assert/strict';
import test from 'node:test';
import { createCanvas } from '@napi-rs/canvas';
import { Scene } from '../lib/scene.js';
import { Stream } from '../lib/stream.js';

const client = { name: 'a client' };
const png = createCanvas(8, 8).toBuffer('image/png').toString('base64');

function begin(hooks = {}) {
  const sent = [];
  const turned = [];
  const stream = new Stream(new Scene(), { turn: portrait => turned.push(portrait), now: () => 0, ...hooks });
  const say = (message, from = client) => stream.handle(message, answer => sent.push(answer), from);
  return { stream, sent, turned, say };
}

test('a start is answered with the stream and its prompt, and turns the picture', async () => {
  const { sent, turned, say, stream } = begin();
  await say({ type: 'interactive_stream_start', prompt: 'A lake', portrait: false });
  assert.equal(sent[0].type, 'stream_started');
  assert.equal(sent[0].applied_prompt, 'A lake');
  assert.ok(sent[0].stream_id);
  assert.deepEqual(turned, [false]);
  assert.ok(stream.isRunning);
});

test('a second start is answered with an error, and the first goes on', async () => {
  const { sent, say, stream } = begin();
  await say({ type: 'interactive_stream_start', prompt: 'one' });
  await say({ type: 'interactive_stream_start', prompt: 'two' });
  assert.equal(sent[1].type, 'interactive_stream_error');
  assert.equal(sent[1].reason, 'already_started');
  assert.ok(stream.isRunning);
});

test('a client that comes back may start over', async () => {
  const { sent, say } = begin();
  await say({ type: 'interactive_stream_start', prompt: 'one' });
  await say({ type: 'interactive_stream_start', prompt: 'two' }, { name: 'the same, on a new connection' });
  assert.equal(sent[1].type, 'stream_started');
});

test('an update is acknowledged with its prompt, and refused where nothing runs', async () => {
  const { sent, say } = begin();
  await say({ type: 'update', prompt: 'early' });
  assert.equal(sent[0].reason, 'not_started');
  await say({ type: 'interactive_stream_start', prompt: 'one' });
  await say({ type: 'update', prompt: 'two' });
  assert.deepEqual(sent[2], { type: 'update_acknowledged', prompt: 'two' });
});

test('an end is always answered, running or not', async () => {
  const { sent, say } = begin();
  await say({ type: 'interactive_stream_end' });
  await say({ type: 'interactive_stream_end' });
  assert.deepEqual(sent, [{ type: 'stream_ended' }, { type: 'stream_ended' }]);
});

test('a prompt too long for a data channel is cut', async () => {
  const { sent, say } = begin();
  await say({ type: 'interactive_stream_start', prompt: 'x'.repeat(300_000) });
  assert.equal(sent[0].applied_prompt.length, 4_000);
});

test('an image is taken as a data URL and as plain base64', async () => {
  for (const image of [png, `data:image/png;base64,${png}`]) {
    const { sent, say } = begin();
    await say({ type: 'interactive_stream_start', prompt: '', input_image_base64: image });
    assert.equal(sent[0].type, 'stream_started');
  }
});

test('what is no image, or too large a one, is an error, and a start may follow', async () => {
  const { sent, say } = begin();
  const huge = Buffer.from(png, 'base64');
  huge.writeUInt32BE(60_000, 16);
  huge.writeUInt32BE(60_000, 20);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
  for (const image of ['!!!', Buffer.from('hello').toString('base64'), huge.toString('base64'), svg.toString('base64')])
    await say({ type: 'interactive_stream_start', prompt: '', input_image_base64: image });
  assert.deepEqual(sent.map(answer => answer.reason), Array(4).fill('invalid_image'));
  await say({ type: 'interactive_stream_start', prompt: '' });
  assert.equal(sent[4].type, 'stream_started');
});

test('an end while the image is read leaves nothing running', async () => {
  const { sent, say, stream } = begin();
  const start = say({ type: 'interactive_stream_start', prompt: '', input_image_base64: png });
  await say({ type: 'interactive_stream_end' });
  await start;
  assert.deepEqual(sent.map(answer => answer.reason ?? answer.type), ['stream_ended', 'ended']);
  assert.equal(stream.isRunning, false);
});

test('a broadcast is announced after the start, and its failure is told', async () => {
  const ready = { webrtc_url: 'http://a/b', broadcast_url: null, spectator_token: 't' };
  const { sent, say } = begin({ broadcast: async () => ({ broadcast_id: 'b1', webrtc_url: 'http://a/b', spectator_token: 't' }) });
  await say({ type: 'interactive_stream_start', prompt: '', broadcast: true });
  assert.deepEqual(sent[1], { type: 'broadcast_ready', ...ready });

  const failing = begin({ broadcast: async () => { throw new Error('no'); } });
  await failing.say({ type: 'interactive_stream_start', prompt: '', broadcast: true });
  assert.equal(failing.sent[1].reason, 'broadcast_error');
});

test('what is not understood is not answered', async () => {
  const { sent, say } = begin();
  for (const message of [null, 7, 'update', {}, { type: 'dance' }])
    await say(message);
  assert.deepEqual(sent, []);
});
