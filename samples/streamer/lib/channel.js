// The node's WebSocket to the server. It opens itself again whenever it breaks, for sessions outlive it: their media does not
// pass through here.
import { EventEmitter } from 'node:events';
import WebSocket from 'ws';

// The one large message is an uploaded image on its way to the node.
const MAX_MESSAGE_BYTES = 40 * 1024 * 1024;
// The server pings after 10 s without a word. This long a silence means that nobody is there, whatever TCP says.
const SILENCE_MS = 25_000;
const HANDSHAKE_MS = 10_000;
const RETRY_MS = { first: 500, longest: 10_000 };
const SERVER_STOPS = 1012;
/** Replaced by a newer channel of the same node; the node was deleted. Coming back would be wrong. */
const FINAL = new Map([[4000, 'another process has taken over this node'], [4004, 'the node was deleted']]);

/** Emits `message` with each message, and `end` with the reason when it must not come back. */
export class Channel extends EventEmitter {
  #server;
  #socket = null;
  #failures = 0;
  #beat;
  #report;

  /** @param report Gives what a heartbeat says of the node. */
  constructor(server, report) {
    super();
    this.#server = server;
    this.#report = report;
  }

  /** Registers the node and opens the channel, for as long as the process lives. */
  async open() {
    let lease;
    try {
      lease = await this.#server.register();
    } catch (error) {
      console.warn(`Not registered: ${error.message}`);
      return this.#again();
    }
    const socket = new WebSocket(this.#server.channelAddress, {
      headers: this.#server.authorization, maxPayload: MAX_MESSAGE_BYTES, handshakeTimeout: HANDSHAKE_MS,
    });
    let watch;
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => socket.terminate(), SILENCE_MS);
    };
    socket.on('ping', heard);
    socket.on('message', data => {
      heard();
      const message = JSON.parse(data);
      this.emit('message', message);
    });
    socket.on('open', () => {
      heard();
      console.log('Channel open.');
      this.#socket = socket;
      this.#failures = 0;
      this.beat();
      this.#beat = setInterval(() => this.beat(), lease.lease_seconds * 1_000 / 3);
    });
    // An error is always followed by a close.
    socket.on('error', error => console.warn(`Channel: ${error.message}`));
    socket.on('close', (code, reason) => {
      clearTimeout(watch);
      clearInterval(this.#beat);
      this.#socket = null;
      console.log(`Channel closed (${code}${reason.length ? ` ${reason}` : ''}).`);
      if (FINAL.has(code))
        this.emit('end', FINAL.get(code));
      else
        this.#again(code === SERVER_STOPS ? 0 : undefined);
    });
  }

  /** Only a heartbeat renews the node's lease. It names what is streamed here, and the answer says what should be. */
  beat() {
    this.send({ type: 'heartbeat', id: 'heartbeat', ...this.#report() });
  }

  /** What is sent while the channel is broken is lost: the two sides compare notes when it is back. */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify(message));
  }

  #again(delay = Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** this.#failures)) {
    this.#failures++;
    // Not all nodes at the same moment.
    setTimeout(() => this.open(), delay * (0.5 + Math.random() / 2));
  }
}
