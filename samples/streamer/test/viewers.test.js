import assert from 'node:assert/strict';
import test from 'node:test';
import { candidatesOf } from '../lib/viewers.js';

test('candidates are found in a fragment of SDP, each with its medium', () => {
  const fragment = 'a=ice-ufrag:x\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=mid:1\r\na=candidate:2 1 udp 1 192.0.2.2 9 typ host\r\na=end-of-candidates\r\n';
  assert.deepEqual(candidatesOf(fragment), [
    { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: null },
    { candidate: 'candidate:2 1 udp 1 192.0.2.2 9 typ host', sdpMid: '1', sdpMLineIndex: null },
  ]);
  assert.deepEqual(candidatesOf(''), []);
});
