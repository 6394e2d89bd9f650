// The node as it is run, a process of its own, against a server that the test plays, with real WebRTC between them.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import test, { afterEach, beforeEach } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { FakeServer, ofType, relayed } from './fake-server.js';

const program = new URL('../streamer.js', import.meta.url).pathname;
let server;
let streamer;
let client;

beforeEach(async () => {
  server = await new FakeServer().start();
  streamer = start();
  await server.next(ofType('heartbeat'));
});

afterEach(() => {
  client?.close();
  streamer.kill('SIGKILL');
  server.stop();
});

function start(settings = {}) {
  return spawn(process.execPath, [program], {
    env: { ...process.env, SERVER_URL: server.url, NODE_KEY: 'a-key', NODE_ID: 'n1', EXIT_WITH_STDIN: '1', MAX_VIEWERS: '1', ...settings },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

/** Plays a client of session s1: takes the offer, answers it, and gives its data channels and frames. */
async function connect(connectionId = 'c1') {
  server.say({ type: 'client_connected', session_id: 's1', connection_id: connectionId, offered: false });
  const { message: offer } = await server.next(relayed('offer'));
  const peer = client = new wrtc.RTCPeerConnection();
  const channels = new Promise(resolve => {
    const open = {};
    peer.ondatachannel = ({ channel }) => {
      open[channel.label] = channel;
      if (open.clientToStreamer && open.streamerToClient)
        resolve(open);
    };
  });
  const track = new Promise(resolve => peer.ontrack = event => resolve(event));
  peer.onicecandidate = ({ candidate }) => candidate && server.say({
    session_id: 's1', message: { type: 'ice_candidate', candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex },
  });
  await peer.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
  const answer = await peer.createAnswer();
  await peer.setLocalDescription(answer);
  server.say({ session_id: 's1', message: { type: 'answer', sdp: answer.sdp } });
  (async () => {
    for (;;)
      await peer.addIceCandidate((await server.next(relayed('ice_candidate'))).message).catch(() => {});
  })();
  const { clientToStreamer, streamerToClient } = await channels;
  const answers = [];
  const waiting = [];
  streamerToClient.onmessage = ({ data }) => (waiting.shift() ?? (message => answers.push(message)))(JSON.parse(data));
  if (clientToStreamer.readyState !== 'open')
    await new Promise(resolve => clientToStreamer.onopen = resolve);
  return {
    offer: offer.sdp,
    track: await track,
    say: message => clientToStreamer.send(JSON.stringify(message)),
    heard: () => answers.length ? Promise.resolve(answers.shift()) : new Promise(resolve => waiting.push(resolve)),
  };
}

async function frames(track, count) {
  const sink = new wrtc.nonstandard.RTCVideoSink(track);
  const seen = new Set();
  await new Promise(resolve => sink.onframe = ({ frame }) => {
    seen.add(Buffer.from(frame.data).toString('base64'));
    if (seen.size === count)
      resolve();
  });
  sink.stop();
}

test('it registers, opens its channel with its key, and goes on to renew its lease there', async () => {
  assert.equal(server.calls[0], 'PUT /api/nodes/n1');
  assert.equal(server.calls[1], 'WebSocket /api/nodes/n1/channel Bearer a-key');
  assert.deepEqual((await server.next(ofType('heartbeat'))).sessions, []);
});

test('a client gets a moving picture in a stream, and its orders are answered', async () => {
  const { offer, track, say, heard } = await connect();
  assert.match(offer, /a=msid:\S+ \S+/);
  assert.equal(track.streams.length, 1);
  await frames(track.track, 5);
  say({ type: 'interactive_stream_start', prompt: 'A lake', portrait: false });
  assert.equal((await heard()).type, 'stream_started');
  say({ type: 'update', prompt: 'A storm' });
  assert.deepEqual(await heard(), { type: 'update_acknowledged', prompt: 'A storm' });
  say({ type: 'interactive_stream_end' });
  assert.deepEqual(await heard(), { type: 'stream_ended' });
});

test('a connected session is named in heartbeats until it is dropped', async () => {
  await connect();
  const named = message => message.type === 'heartbeat' && message.sessions.includes('s1');
  await server.next(named);
  server.say({ type: 'client_disconnected', session_id: 's1', connection_id: 'c1', clean: false });
  server.heard.length = 0;
  await server.next(named);
  server.drop = ['s1'];
  await server.next(message => message.type === 'heartbeat' && !message.sessions.length);
});

test('a broken channel is opened again; the picture goes on, and no second offer is made', async () => {
  const { track, say, heard } = await connect();
  server.channel.terminate();
  await frames(track.track, 5);
  const beat = await server.next(message => message.type === 'heartbeat' && message.sessions[0] === 's1');
  assert.ok(beat);
  server.say({ type: 'client_connected', session_id: 's1', connection_id: 'c1', offered: true });
  say({ type: 'interactive_stream_end' });
  assert.deepEqual(await heard(), { type: 'stream_ended' });
  assert.equal(server.heard.filter(relayed('offer')).length, 0);
});

test('a client that comes back gets a new offer and may start over', async () => {
  const first = await connect('c1');
  first.say({ type: 'interactive_stream_start', prompt: 'A lake' });
  await first.heard();
  server.say({ type: 'client_disconnected', session_id: 's1', connection_id: 'c1', clean: false });
  const second = await connect('c2');
  second.say({ type: 'interactive_stream_start', prompt: 'A storm' });
  assert.equal((await second.heard()).type, 'stream_started');
});

test('a client whose media died with an earlier process is sent away to connect anew', async () => {
  server.say({ type: 'client_connected', session_id: 's9', connection_id: 'c9', offered: true });
  assert.deepEqual(await server.next(ofType('disconnected')), { type: 'disconnected', session_id: 's9', connection_id: 'c9', reason: 'lost' });
});

async function watch(viewerId, { sessionId = 's1', expiresAt } = {}) {
  const peer = new wrtc.RTCPeerConnection();
  peer.addTransceiver('video', { direction: 'recvonly' });
  peer.addTransceiver('audio', { direction: 'recvonly' });
  await peer.setLocalDescription(await peer.createOffer());
  while (peer.iceGatheringState !== 'complete')
    await new Promise(resolve => peer.onicegatheringstatechange = resolve);
  server.say({ type: 'viewer_offer', viewer_id: viewerId, broadcast_id: 'b1', session_id: sessionId, expires_at: expiresAt, sdp: peer.localDescription.sdp });
  const reply = await server.next(message => message.viewer_id === viewerId);
  return { peer, reply };
}

test('who watches gets the same moving picture, no sound, and an answer that is complete', async () => {
  await connect();
  const { peer, reply } = await watch('v1');
  assert.equal(reply.type, 'viewer_answer');
  assert.match(reply.sdp, /a=candidate:/);
  assert.match(reply.sdp, /m=audio[^]*a=inactive/);
  await peer.setRemoteDescription({ type: 'answer', sdp: reply.sdp });
  await frames(peer.getReceivers()[0].track, 3);

  server.say({ type: 'drop', session_id: 's1', reason: 'terminated' });
  assert.deepEqual(await server.next(ofType('viewer_gone')), { type: 'viewer_gone', viewer_id: 'v1', broadcast_id: 'b1' });
  peer.close();
});

test('nobody watches a session that is not here, or too many one that is', async () => {
  assert.deepEqual((await watch('v0', { sessionId: 's0' })).reply, { type: 'viewer_refused', viewer_id: 'v0', reason: 'not_found' });
  await connect();
  assert.equal((await watch('v1')).reply.type, 'viewer_answer');
  assert.deepEqual((await watch('v2')).reply, { type: 'viewer_refused', viewer_id: 'v2', reason: 'busy' });
  server.say({ type: 'viewer_delete', viewer_id: 'v1', reason: 'deleted' });
  assert.equal((await watch('v3')).reply.type, 'viewer_answer');
});

test('a heartbeat names who watches, until the broadcast is over', async () => {
  await connect();
  await watch('v1');
  const beat = await server.next(message => message.type === 'heartbeat' && message.viewers?.b1.length === 1);
  assert.deepEqual(beat.viewers, { b1: ['v1'] });
  server.say({ type: 'broadcast_ended', broadcast_id: 'b1', session_id: 's1' });
  await server.next(ofType('viewer_gone'));
  server.heard.length = 0;
  assert.equal((await server.next(ofType('heartbeat'))).viewers, undefined);
});

test('who watches is cut off when the token ends', async () => {
  await connect();
  const { reply } = await watch('v1', { expiresAt: new Date(Date.now() + 300).toISOString() });
  assert.equal(reply.type, 'viewer_answer');
  assert.equal((await server.next(ofType('viewer_gone'))).viewer_id, 'v1');
});

test('an offer that is none is refused, and its place is free again', async () => {
  await connect();
  server.say({ type: 'viewer_offer', viewer_id: 'v1', broadcast_id: 'b1', session_id: 's1', sdp: 'nonsense' });
  assert.deepEqual(await server.next(ofType('viewer_refused')), { type: 'viewer_refused', viewer_id: 'v1', reason: 'unacceptable' });
  assert.equal((await watch('v2')).reply.type, 'viewer_answer');
});

/** Each peer connection of the process has some of these. */
const sockets = () => readdirSync(`/proc/${streamer.pid}/fd`).filter(fd => {
  try {
    return readlinkSync(`/proc/${streamer.pid}/fd/${fd}`).startsWith('socket:');
  } catch {
    return false;
  }
}).length;

test('many who come and go leave nothing behind', { skip: process.platform !== 'linux' && 'reads /proc' }, async () => {
  await connect();
  let before;
  for (let viewer = 0; viewer < 20; viewer++) {
    const { peer, reply } = await watch(`v${viewer}`);
    assert.equal(reply.type, 'viewer_answer');
    if (viewer % 2)
      await peer.setRemoteDescription({ type: 'answer', sdp: reply.sdp });
    server.say({ type: 'viewer_delete', viewer_id: `v${viewer}`, reason: 'deleted' });
    peer.close();
    before ??= sockets();
  }
  while (sockets() > before)
    await new Promise(resolve => setTimeout(resolve, 50));
});

async function share() {
  const { say, heard } = await connect();
  say({ type: 'interactive_stream_start', prompt: 'A lake', portrait: false, broadcast: true });
  assert.equal((await heard()).type, 'stream_started');
  assert.equal((await heard()).type, 'broadcast_ready');
  // Not the registration's.
  return server.bodies.findLast(body => body && !('region' in body));
}

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

test('where ffmpeg is, a broadcast can be had as HLS until it ends', { skip: !hasFfmpeg && 'needs ffmpeg' }, async () => {
  const { hls_url: address } = await share();
  const playlist = await fetch(address);
  assert.equal(playlist.headers.get('content-type'), 'application/vnd.apple.mpegurl');
  const segment = /^\d+\.ts$/m.exec(await playlist.text())[0];
  const bytes = Buffer.from(await (await fetch(new URL(segment, address))).arrayBuffer());
  // The synchronisation byte of each packet of an MPEG transport stream.
  assert.deepEqual([bytes[0], bytes[188]], [0x47, 0x47]);
  assert.equal((await fetch(new URL('../../streamer.js', address))).status, 404);
  assert.equal((await fetch(new URL('..%2f..%2fx.ts', address))).status, 404);
  server.say({ type: 'broadcast_ended', broadcast_id: 'b1', session_id: 's1' });
  while ((await fetch(address)).status !== 404);
});

test('without ffmpeg no HLS is announced', async () => {
  streamer.kill('SIGKILL');
  server.heard.length = 0;
  streamer = start({ FFMPEG: 'no-such-program' });
  await server.next(ofType('heartbeat'));
  assert.deepEqual(await share(), {});
});

test('a session at its longest duration is told so on the data channel', async () => {
  const { heard } = await connect();
  server.say({ type: 'drop', session_id: 's1', reason: 'duration_limit' });
  assert.equal((await heard()).reason, 'session_timeout');
  assert.equal((await heard()).type, 'stream_ended');
});

test('told to end, it drains, waits for its last session, leaves, and ends cleanly', async () => {
  server.expected = ['s1'];
  await connect();
  streamer.kill('SIGTERM');
  const left = once(streamer, 'exit');
  while (!server.calls.includes('POST /api/nodes/n1/drain'))
    await server.next(ofType('heartbeat'));
  assert.ok(!server.calls.includes('DELETE /api/nodes/n1'));
  server.expected = [];
  assert.deepEqual(await left, [0, null]);
  assert.ok(server.calls.includes('DELETE /api/nodes/n1'));
});

test('drained by an administrator, it stays so after it has ended', async () => {
  server.draining = true;
  streamer.kill('SIGTERM');
  assert.deepEqual(await once(streamer, 'exit'), [0, null]);
  assert.ok(server.calls.includes('POST /api/nodes/n1/drain'));
  assert.ok(!server.calls.includes('DELETE /api/nodes/n1'));
});

test('replaced by another process of the same node, it ends', async () => {
  server.channel.close(4000);
  assert.deepEqual(await once(streamer, 'exit'), [2, null]);
});

test('it ends with the program that started it', async () => {
  streamer.stdin.end();
  assert.deepEqual(await once(streamer, 'exit'), [0, null]);
});
