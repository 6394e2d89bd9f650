// As much of the server as a node sees: registration, and a channel whose messages the test reads and writes.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

export class FakeServer {
  calls = [];
  bodies = [];
  heard = [];
  channel = null;
  #waiting = [];
  expected = [];
  draining = false;
  drop = [];

  async start() {
    this.http = createServer((request, response) => {
      this.calls.push(`${request.method} ${request.url}`);
      let body = '';
      request.on('data', text => body += text).on('end', () => this.bodies.push(body && JSON.parse(body)));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ draining: this.draining, ...answerTo(request.url) }));
    });
    this.sockets = new WebSocketServer({ server: this.http });
    this.sockets.on('connection', (socket, request) => {
      this.calls.push(`WebSocket ${request.url} ${request.headers.authorization}`);
      this.channel = socket;
      socket.on('message', data => this.#hear(JSON.parse(data)));
    });
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    this.url = `http://127.0.0.1:${this.http.address().port}`;
    return this;
  }

  say(message) {
    this.channel.send(JSON.stringify(message));
  }

  /** The first message that fits and that no other call has been given. */
  next(fits) {
    const at = this.heard.findIndex(fits);
    if (at >= 0)
      return Promise.resolve(this.heard.splice(at, 1)[0]);
    return new Promise(resolve => this.#waiting.push({ fits, resolve }));
  }

  stop() {
    this.channel?.terminate();
    this.sockets.close();
    this.http.closeAllConnections();
    this.http.close();
  }

  #hear(message) {
    if (message.type === 'heartbeat')
      this.say({ type: 'result', id: message.id, status: 200, body: { lease_seconds: 1, drop: this.drop, expected: this.expected } });
    const at = this.#waiting.findIndex(({ fits }) => fits(message));
    if (at >= 0)
      this.#waiting.splice(at, 1)[0].resolve(message);
    else
      this.heard.push(message);
  }
}

function answerTo(url) {
  if (url === '/signaling/config')
    return { iceServers: [] };
  return url.endsWith('/broadcast') ? { broadcast_id: 'b1', webrtc_url: 'http://s/broadcasts/b1', spectator_token: 't' } : { lease_seconds: 1 };
}

export const relayed = type => message => message.type === undefined && message.message.type === type;
export const ofType = type => message => message.type === type;
