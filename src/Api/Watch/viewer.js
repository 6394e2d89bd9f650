// Watches one broadcast by WHEP (draft-ietf-wish-whep), without a library: an offer out, an answer in, and the video comes from the
// streaming node. It is also the example for whoever writes a viewer.

const GATHER_MS = 2_000;
const PATIENCE_MS = 10_000;
// A connection often comes back by itself from this.
const DISCONNECTED_MS = 5_000;

/** What the server refuses. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code;
  }
}

export class Viewer {
  #server;
  #broadcast;
  #token;
  #peer = null;
  #resource = null;
  #lost;

  /** @param server Where the server is, with a slash at the end. */
  constructor(server, broadcastId, token) {
    this.#server = server;
    this.#broadcast = new URL(`broadcasts/${encodeURIComponent(broadcastId)}/`, server);
    this.#token = token;
    /** Ends when a connection that was there has broken. */
    this.lost = new Promise(resolve => this.#lost = resolve);
  }

  /** `{state, viewers, expires_at, hls_url?}`. */
  async status() {
    const response = await this.#fetch('GET', 'status');
    return response.json();
  }

  /** @returns {MediaStream} once media can flow. One viewer watches once. */
  async watch() {
    const { iceServers } = await (await fetch(new URL('config', this.#server))).json();
    const peer = this.#peer = new RTCPeerConnection({ iceServers });
    peer.addTransceiver('video', { direction: 'recvonly' });
    const stream = new Promise(resolve => peer.ontrack = ({ streams, track }) => resolve(streams[0] ?? new MediaStream([track])));
    await peer.setLocalDescription();
    await gathered(peer);
    const response = await this.#fetch('POST', 'whep', peer.localDescription.sdp);
    // Whoever has this address may end this viewer, and needs no token for it.
    this.#resource = new URL(`whep/${response.headers.get('location').split('/').at(-1)}`, this.#broadcast);
    await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    await this.#connected(peer);
    return stream;
  }

  /** Tells the server, also while the page is being closed, so that nobody is counted who is gone. */
  leave() {
    this.#peer?.close();
    if (this.#resource)
      fetch(this.#resource, { method: 'DELETE', keepalive: true }).catch(() => {});
    this.#resource = null;
  }

  async #connected(peer) {
    let limit;
    await new Promise((resolve, reject) => {
      limit = setTimeout(() => reject(new Error('No media came.')), PATIENCE_MS);
      let fading;
      peer.onconnectionstatechange = () => {
        clearTimeout(fading);
        switch (peer.connectionState) {
          case 'connected':
            return resolve();
          case 'disconnected':
            fading = setTimeout(() => this.#lost(), DISCONNECTED_MS);
            return;
          case 'failed':
            reject(new Error('No way for the media was found.'));
            this.#lost();
        }
      };
    }).finally(() => clearTimeout(limit));
  }

  async #fetch(method, path, sdp) {
    const response = await fetch(new URL(path, this.#broadcast), {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(sdp && { 'content-type': 'application/sdp' }) },
      body: sdp,
    });
    if (!response.ok)
      throw new Refused(response.status, await response.json().catch(() => ({})));
    return response;
  }
}

/** All candidates go with the offer; what has not come by then would come too late. */
const gathered = peer => new Promise(resolve => {
  const look = () => peer.iceGatheringState === 'complete' && resolve();
  peer.onicegatheringstatechange = look;
  setTimeout(resolve, GATHER_MS);
  look();
});
