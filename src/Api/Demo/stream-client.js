// A client for one streaming session, without a library: minting, signaling and the two data channels. It is also the example
// for whoever writes a client. WebRTC does the media; everything here is JSON.

const PATIENCE_MS = 20_000;
const KEEPALIVE_MS = 10_000;

/** What the server refuses, in its own words. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.message ?? problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.error ?? problem.code;
    this.action = problem.action;
  }
}

export async function call(method, path, { bearer, body } = {}) {
  const response = await fetch(path, {
    method,
    headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Refused(response.status, answer);
  return answer;
}

/**
 * Events: `lost` when the connection has ended without being asked to (detail: the reason), `ended` when the stream has,
 * `broadcast` when others can watch it (detail: `{webrtc_url, broadcast_url, spectator_token}`), `streamerror` (detail:
 * `{reason, message}`), `wire` for every message there is (detail: `{way, message}`).
 */
export class StreamClient extends EventTarget {
  #socket;
  #peer;
  #orders;
  #keepalive;
  #connecting;
  #waiting = {};

  /** @param credentials What `POST /credentials` answered. They can be used again while the session lives. */
  async connect({ signaling_url, session_id, session_token }) {
    const config = await call('GET', `${signaling_url.replace(/^ws/, 'http')}/config`, { bearer: session_token });
    this.#socket = new WebSocket(`${signaling_url}/client/${session_id}?token=${encodeURIComponent(session_token)}`);
    this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(data), config.iceServers);
    this.#socket.onclose = () => this.#lose(this.#keepalive ? 'closed' : 'refused');
    this.#socket.onopen = () => this.#keepalive = setInterval(() => this.#say({ type: 'keepalive' }), KEEPALIVE_MS);
    const patience = setTimeout(() => this.#lose('timeout'), PATIENCE_MS);
    try {
      return await new Promise((resolve, reject) => this.#connecting = { resolve, reject });
    } finally {
      clearTimeout(patience);
      this.#connecting = null;
    }
  }

  /**
   * @param broadcast Whether others may watch; how is told by the event `broadcast`.
   * @param image A data URL. A message with one is too large for the data channel and goes over the socket.
   */
  start({ prompt, portrait, broadcast, image }) {
    const message = { type: 'interactive_stream_start', prompt, portrait, broadcast, ...(image && { input_image_base64: image }) };
    return this.#ask('stream_started', message, image ? m => this.#say(m) : undefined);
  }

  interact(prompt) {
    return this.#ask('update_acknowledged', { type: 'update', prompt });
  }

  end() {
    return this.#ask('stream_ended', { type: 'interactive_stream_end' });
  }

  /** For good: the session is dropped and its place is free at once. */
  disconnect() {
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#say({ type: 'client_disconnecting' });
    this.#close(new Error('disconnected'));
  }

  #hear(message, iceServers) {
    this.#show('in', message);
    switch (message.type) {
      case 'offer':
        return this.#answer(message.sdp, iceServers);
      case 'ice_candidate':
        return this.#peer?.addIceCandidate(message);
      case 'error':
        return this.#lose(message.reason);
    }
  }

  async #answer(sdp, iceServers) {
    const peer = this.#peer = new RTCPeerConnection({ iceServers });
    const stream = new Promise(resolve => peer.ontrack = ({ streams }) => resolve(streams[0]));
    const orders = new Promise(resolve => peer.ondatachannel = ({ channel }) => {
      if (channel.label === 'streamerToClient')
        channel.onmessage = ({ data }) => this.#settle(JSON.parse(data));
      else if (channel.label === 'clientToStreamer') {
        this.#orders = channel;
        channel.onopen = () => resolve();
      }
    });
    peer.onicecandidate = ({ candidate }) => candidate
      && this.#say({ type: 'ice_candidate', candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex });
    peer.onconnectionstatechange = () => peer.connectionState === 'failed' && this.#lose('media');
    await peer.setRemoteDescription({ type: 'offer', sdp });
    await peer.setLocalDescription();
    this.#say({ type: 'answer', sdp: peer.localDescription.sdp });
    await orders;
    this.#connecting?.resolve(await stream);
  }

  /** An answer of the streamer settles what waits for it; an error settles everything but the end, which is always answered. */
  #settle(message) {
    this.#show('in', message);
    const failure = message.type === 'interactive_stream_error' && new Error(message.message);
    for (const type of failure ? ['stream_started', 'update_acknowledged'] : [message.type]) {
      const waiting = this.#waiting[type];
      delete this.#waiting[type];
      failure ? waiting?.reject(failure) : waiting?.resolve(message);
    }
    if (failure)
      this.dispatchEvent(new CustomEvent('streamerror', { detail: message }));
    if (message.type === 'broadcast_ready')
      this.dispatchEvent(new CustomEvent('broadcast', { detail: message }));
    if (message.type === 'stream_ended')
      this.dispatchEvent(new Event('ended'));
  }

  #ask(answer, message, send = m => this.#order(m)) {
    return new Promise((resolve, reject) => {
      this.#waiting[answer] = { resolve, reject };
      send(message);
    });
  }

  #order(message) {
    this.#orders.send(JSON.stringify(message));
    this.#show('out', message);
  }

  #say(message) {
    this.#socket.send(JSON.stringify(message));
    this.#show('out', message);
  }

  #show(way, message) {
    this.dispatchEvent(new CustomEvent('wire', { detail: { way, message } }));
  }

  #lose(reason) {
    const wasConnecting = this.#connecting;
    this.#close(Object.assign(new Error(reason), { reason }));
    if (!wasConnecting)
      this.dispatchEvent(new CustomEvent('lost', { detail: reason }));
  }

  #close(error) {
    clearInterval(this.#keepalive);
    if (this.#socket)
      this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket?.close(1000);
    this.#peer?.close();
    this.#connecting?.reject(error);
    for (const waiting of Object.values(this.#waiting))
      waiting.reject(error);
    this.#waiting = {};
  }
}
