// One session: its picture, and everybody who sees it. It outlives its client's connections, as a client that was cut off
// comes back to the same picture with the same credentials.
import { Camera } from './camera.js';
import { Peer } from './peer.js';
import { Scene } from './scene.js';
import { Stream } from './stream.js';
import { Viewers } from './viewers.js';

// A last word on the data channel needs a moment to leave before the connection is closed.
const GOODBYE_MS = 250;

export class Session {
  #id;
  #hooks;
  #scene = new Scene();
  #camera = new Camera(this.#scene, () => this.#client !== null || this.viewers.count > 0);
  #stream;
  #hls = null;
  #client = null;

  /**
   * @param hooks.send Called with a connection's id and a message for that client's signaling socket.
   * @param hooks.iceServers Called for each connection: TURN credentials are short-lived.
   * @param hooks.connected Called with the connection's id when media flows.
   * @param hooks.lost Called with it when media has failed for good.
   * @param hooks.broadcast Starts a broadcast of this session; called with where it is as HLS, if it is.
   * @param hooks.tell Sends a message on the node's channel.
   */
  constructor(id, maxViewers, hls, hooks) {
    this.#id = id;
    this.#hooks = hooks;
    this.viewers = new Viewers(this.#camera, maxViewers, { iceServers: hooks.iceServers, send: hooks.tell });
    this.#stream = new Stream(this.#scene, {
      turn: portrait => this.#camera.turn(portrait),
      broadcast: async () => {
        this.#hls ??= hls?.open(this.#camera) ?? null;
        const started = await hooks.broadcast(this.#hls?.url);
        this.viewers.broadcastId = started.broadcast_id;
        return started;
      },
      now: Date.now,
    });
  }

  get connectionId() {
    return this.#client?.connectionId ?? null;
  }

  /** Whether the client has taken its offer; it takes one and no other. */
  get isAnswered() {
    return this.#client?.isAnswered ?? false;
  }

  /** A client is at the door: it is made an offer. One at a time; a new one takes the place of one that is gone. */
  async connect(connectionId) {
    this.#hangUp();
    const client = this.#client = { connectionId, isAnswered: false };
    const iceServers = await this.#hooks.iceServers();
    if (this.#client !== client)
      return;
    const peer = client.peer = new Peer(iceServers, this.#camera, {
      candidate: candidate => this.#hooks.send(connectionId, { type: 'ice_candidate', ...candidate }),
      state: state => {
        if (state === 'connected')
          this.#hooks.connected(connectionId);
        else if (state === 'failed') {
          this.disconnect(connectionId);
          this.#hooks.lost(connectionId);
        }
      },
    });
    const orders = peer.channel('clientToStreamer');
    client.answers = peer.channel('streamerToClient');
    orders.onmessage = ({ data }) => this.#order(client, data);
    await peer.offer(sdp => this.#hooks.send(connectionId, { type: 'offer', sdp }));
  }

  /** What the client says on its signaling socket. */
  receive(message) {
    const client = this.#client;
    switch (message?.type) {
      case 'answer':
        if (!client?.peer || client.isAnswered)
          return;
        client.isAnswered = true;
        return client.peer.answer(message.sdp);
      case 'ice_candidate':
        return client?.peer?.candidate(message);
      case 'interactive_stream_start':
        // Comes this way when it carries an image or is long. It is answered on the data channel like any other.
        return client && this.#handle(client, message);
    }
  }

  /** The client has left; an older connection's end, told late, changes nothing. */
  disconnect(connectionId) {
    if (this.#client?.connectionId === connectionId)
      this.#hangUp();
  }

  /** Nobody watches any more; the session goes on. */
  endBroadcast() {
    this.viewers.end();
    this.#hls?.close();
    this.#hls = null;
  }

  /** The session is over. */
  end(reason) {
    const client = this.#client;
    this.#client = null;
    if (client && reason === 'duration_limit')
      this.#answer(client, { type: 'interactive_stream_error', reason: 'session_timeout', message: 'The session has reached its longest duration.' });
    if (client)
      this.#answer(client, { type: 'stream_ended' });
    this.endBroadcast();
    setTimeout(() => {
      client?.peer?.close();
      this.#camera.stop();
    }, client?.peer ? GOODBYE_MS : 0);
  }

  #order(client, text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return console.warn(`Session ${this.#id}: the client sent what is not JSON.`);
    }
    return this.#handle(client, message);
  }

  /** What goes wrong with one message of one client must not end the process, and all other sessions with it. */
  #handle(client, message) {
    return this.#stream.handle(message, answer => this.#answer(client, answer), client)
      .catch(error => console.error(`Session ${this.#id}: ${error.stack}`));
  }

  #answer(client, message) {
    if (client.answers?.readyState === 'open')
      client.answers.send(JSON.stringify(message));
  }

  #hangUp() {
    this.#client?.peer?.close();
    this.#client = null;
  }
}
