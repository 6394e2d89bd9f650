// The calls a node makes over HTTP. What is pushed goes over the channel instead.

const PATIENCE_MS = 10_000;

export class Server {
  #settings;
  #node;

  constructor(settings) {
    this.#settings = settings;
    this.#node = `/api/nodes/${encodeURIComponent(settings.nodeId)}`;
  }

  get channelAddress() {
    return `${this.#settings.url.replace(/^http/, 'ws')}${this.#node}/channel`;
  }

  get authorization() {
    return { authorization: `Bearer ${this.#settings.key}` };
  }

  /** Registers the node, or says that it is back. */
  register() {
    return this.#call('PUT', this.#node, this.#settings.registration);
  }

  /** Whether an administrator has drained it. Only a key with `nodes:read` as well may ask. */
  async isDraining() {
    try {
      return (await this.#call('GET', this.#node)).draining;
    } catch (error) {
      if (error instanceof Refused && error.status === 403)
        return false;
      throw error;
    }
  }

  /** No new sessions from now on. */
  drain() {
    return this.#call('POST', `${this.#node}/drain`);
  }

  /** The node is gone for good, and with it the drain; the next start registers it anew. */
  leave() {
    return this.#call('DELETE', this.#node);
  }

  /**
   * Starts a broadcast of a session: `{broadcast_id, webrtc_url, broadcast_url, spectator_token}`.
   * @param hlsUrl Where it can be had as HLS; undefined: nowhere.
   */
  broadcast(sessionId, hlsUrl) {
    return this.#call('POST', `${this.#node}/sessions/${encodeURIComponent(sessionId)}/broadcast`, { hls_url: hlsUrl });
  }

  /** The same ICE servers that clients are given. Without any, addresses of this machine's own must do. */
  async iceServers() {
    try {
      return (await this.#call('GET', '/signaling/config')).iceServers ?? [];
    } catch (error) {
      console.warn(`No ICE servers: ${error.message}`);
      return [];
    }
  }

  async #call(method, path, body) {
    const response = await fetch(this.#settings.url + path, {
      method,
      headers: { ...this.authorization, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok)
      return answer;
    throw new Refused(response.status, answer.code, answer.detail ?? answer.title ?? response.statusText);
  }
}

/** The server's no. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(`${status} ${message}`);
    this.status = status;
    this.code = code;
  }
}
