// Those who watch a session's broadcast. Each is a peer connection of its own on the same camera: it offers, we answer, in one go
// each way (WHEP); the server carries both.
import { Peer } from './peer.js';

// Who does not come through in this time does not come.
const CONNECT_MS = 30_000;

// Who was there and is silent for this long, after the five seconds in which WebRTC notices, is gone. WebRTC itself gives up after half
// a minute, and so long the place would be nobody's.
const AWAY_MS = 10_000;

export class Viewers {
  #camera;
  #most;
  #hooks;
  #viewers = new Map();

  /** The broadcast they watch; null: there is none. */
  broadcastId = null;

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
    return this.#viewers.size;
  }

  /** Who has been answered and is still there. A heartbeat names them, so that the server's count comes right again. */
  get ids() {
    return [...this.#viewers].filter(([, viewer]) => viewer.isAnswered).map(([id]) => id);
  }

  has(id) {
    return this.#viewers.has(id);
  }

  async offer({ viewer_id: id, broadcast_id: broadcastId, expires_at: expiresAt, sdp }) {
    const refuse = reason => this.#hooks.send({ type: 'viewer_refused', viewer_id: id, reason });
    if (this.count >= this.#most)
      return refuse('busy');
    this.broadcastId = broadcastId;
    // Its place is taken from here on.
    const viewer = { peer: null, isAnswered: false, patience: setTimeout(() => this.#gone(id), CONNECT_MS), end: null };
    this.#viewers.set(id, viewer);
    try {
      const iceServers = await this.#hooks.iceServers();
      if (!this.has(id))
        return;
      viewer.peer = new Peer(iceServers, this.#camera, {
        state: state => {
          if (state === 'connected' || state === 'disconnected')
            clearTimeout(viewer.patience);
          if (state === 'disconnected')
            viewer.patience = setTimeout(() => this.#gone(id), AWAY_MS);
          else if (state === 'failed')
            this.#gone(id);
        },
      });
      const answer = await viewer.peer.accept(sdp);
      // It may have given up, or its session have ended.
      if (!this.has(id))
        return;
      viewer.isAnswered = true;
      if (expiresAt)
        viewer.end = setTimeout(() => this.#gone(id), Date.parse(expiresAt) - Date.now());
      this.#hooks.send({ type: 'viewer_answer', viewer_id: id, sdp: answer });
    } catch (error) {
      console.warn(`A viewer's offer: ${error.message}`);
      this.delete(id);
      refuse('unacceptable');
    }
  }

  trickle(id, fragment) {
    for (const candidate of candidatesOf(fragment))
      this.#viewers.get(id)?.peer?.candidate(candidate);
  }

  delete(id) {
    const viewer = this.#viewers.get(id);
    this.#viewers.delete(id);
    clearTimeout(viewer?.patience);
    clearTimeout(viewer?.end);
    viewer?.peer?.close();
  }

  /** The broadcast is over. */
  end() {
    for (const id of [...this.#viewers.keys()])
      this.#gone(id);
    this.broadcastId = null;
  }

  #gone(id) {
    this.delete(id);
    this.#hooks.send({ type: 'viewer_gone', viewer_id: id, broadcast_id: this.broadcastId });
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
