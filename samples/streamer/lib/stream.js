// What the node answers to what a client says on its data channel. It draws nothing and sends nothing by itself: it is
// given a scene to change and a function that sends, so it can be tried without a connection.
import { randomUUID } from 'node:crypto';
import { readImage } from './image.js';

// A message over 256 KB to a client vanishes without a word, and nobody reads a longer prompt in a picture.
const MAX_PROMPT = 4_000;

export class Stream {
  #scene;
  #hooks;
  #current = null;

  /**
   * @param hooks.turn Called with true for portrait, before the first frame of a stream.
   * @param hooks.broadcast Called where a client asks for a broadcast; gives what the server answered.
   * @param hooks.now Milliseconds since 1970.
   */
  constructor(scene, hooks) {
    this.#scene = scene;
    this.#hooks = hooks;
  }

  get isRunning() {
    return this.#current !== null;
  }

  /**
   * @param message From the data channel or, where it is too large for one, from the signaling socket.
   * @param send Sends to the client that said it.
   * @param client Who said it: a client that comes back may start over what it had started before.
   */
  async handle(message, send, client) {
    switch (message?.type) {
      case 'interactive_stream_start':
        return this.#start(message, send, client);
      case 'update':
        return this.#update(message, send);
      case 'interactive_stream_end':
        // Always answered, running or not: the clients know no error for it and would wait for ever.
        this.end();
        return send({ type: 'stream_ended' });
    }
  }

  end() {
    this.#current = null;
    this.#scene.end();
  }

  async #start(message, send, client) {
    // A client that starts twice waits for both; without an answer the first would hang.
    if (this.#current?.client === client)
      return refuse(send, 'already_started', 'A stream is running. End it before you start another one.');
    const stream = this.#current = { id: randomUUID(), client };
    const prompt = promptOf(message);
    let image = null;
    if (message.input_image_base64) {
      try {
        image = await readImage(String(message.input_image_base64));
      } catch (error) {
        if (this.#current === stream)
          this.#current = null;
        return refuse(send, 'invalid_image', error.message);
      }
      if (this.#current !== stream)
        return refuse(send, 'ended', 'The stream was ended before it had started.');
    }
    this.#hooks.turn(message.portrait !== false);
    this.#scene.begin({ prompt, streamId: stream.id, image }, this.#hooks.now());
    send({ type: 'stream_started', stream_id: stream.id, applied_prompt: prompt });
    if (message.broadcast === true)
      await this.#broadcast(send);
  }

  #update(message, send) {
    if (!this.isRunning)
      return refuse(send, 'not_started', 'No stream is running. Start one first.');
    const prompt = promptOf(message);
    this.#scene.change(prompt, this.#hooks.now());
    send({ type: 'update_acknowledged', prompt });
  }

  async #broadcast(send) {
    try {
      const { webrtc_url, broadcast_url = null, spectator_token } = await this.#hooks.broadcast();
      send({ type: 'broadcast_ready', webrtc_url, broadcast_url, spectator_token });
    } catch (error) {
      refuse(send, 'broadcast_error', `The broadcast could not be started: ${error.message}`);
    }
  }
}

function refuse(send, reason, message) {
  send({ type: 'interactive_stream_error', reason, message });
}

function promptOf(message) {
  return typeof message.prompt === 'string' ? message.prompt.slice(0, MAX_PROMPT) : '';
}
