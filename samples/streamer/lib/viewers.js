// Those who watch a session's broadcast. Each is a peer connection of its own on the same camera: it offers, we answer, in one go
// each way (WHEP); the server carries both.
import { Peer } from './peer.js';

export class Viewers {
  #camera;
  #most;
  #hooks;
  #peers = new Map();

  /**
   * @param most How many may watch: each costs an encoder.
   * @param hooks.iceServers As for the client.
   * @param hooks.send Sends a message on the node's channel.
   */
  constructor(camera, most, hooks) {
    this.#camera = camera;
    this.#most = most;
    this.#hooks = hooks;
  }

  get count() {
    return this.#peers.size;
  }

  has(id) {
    return this.#peers.has(id);
  }

  async offer(id, sdp) {
    if (this.count >= this.#most)
      return this.#hooks.send({ type: 'viewer_refused', viewer_id: id, reason: 'busy' });
    // Its place is taken from here on.
    this.#peers.set(id, null);
    try {
      const iceServers = await this.#hooks.iceServers();
      if (!this.has(id))
        return;
      const peer = new Peer(iceServers, this.#camera, { state: state => state === 'failed' && this.#gone(id) });
      this.#peers.set(id, peer);
      const answer = await peer.accept(sdp);
      // It may have given up, or its session have ended.
      if (this.has(id))
        this.#hooks.send({ type: 'viewer_answer', viewer_id: id, sdp: answer });
    } catch (error) {
      console.warn(`A viewer's offer: ${error.message}`);
      this.delete(id);
      this.#hooks.send({ type: 'viewer_refused', viewer_id: id, reason: 'unacceptable' });
    }
  }

  trickle(id, fragment) {
    for (const candidate of candidatesOf(fragment))
      this.#peers.get(id)?.candidate(candidate);
  }

  delete(id) {
    this.#peers.get(id)?.close();
    this.#peers.delete(id);
  }

  /** The session is over. */
  end() {
    for (const id of [...this.#peers.keys()])
      this.#gone(id);
  }

  #gone(id) {
    this.delete(id);
    this.#hooks.send({ type: 'viewer_gone', viewer_id: id });
  }
}

/** The candidates in a fragment of SDP (RFC 8840, section 9), each with the medium it belongs to. */
export function candidatesOf(fragment) {
  const candidates = [];
  let sdpMid = '0';
  for (const line of fragment.split(/\r?\n/)) {
    if (line.startsWith('a=mid:'))
      sdpMid = line.slice('a=mid:'.length);
    else if (line.startsWith('a=candidate:'))
      candidates.push({ candidate: line.slice('a='.length), sdpMid, sdpMLineIndex: null });
  }
  return candidates;
}
