// The node: which sessions it has, and what the server says of them.
import { Channel } from './channel.js';
import { Session } from './session.js';

export class Node {
  #server;
  #maxViewers;
  #hls;
  #sessions = new Map();
  #channel;
  /** How many sessions the server counts here, those included that have not connected yet. */
  #expected = 0;

  /**
   * @param maxViewers How many may watch one session's broadcast.
   * @param hls Serves broadcasts as HLS too; null: nobody does.
   */
  constructor(server, maxViewers, hls) {
    this.#server = server;
    this.#hls = hls;
    this.#maxViewers = maxViewers;
    this.#channel = new Channel(server, () => this.#report());
    this.#channel.on('message', message => this.#hear(message));
  }

  /** @param ended Called with the reason when the server wants this node no more. */
  start(ended) {
    this.#channel.once('end', ended);
    return this.#channel.open();
  }

  /**
   * Takes no new sessions, waits for those it has, at most so long, and leaves: its registration goes, so that nobody is sent to it
   * meanwhile, and comes back with the next start. One that an administrator has drained stays registered, and so drained.
   */
  async leave(seconds) {
    const wasDraining = await this.#server.isDraining();
    await this.#server.drain();
    const end = Date.now() + seconds * 1_000;
    // What it said before the drain may be out of date.
    this.#expected = Infinity;
    this.#channel.beat();
    do
      await new Promise(resolve => setTimeout(resolve, 500));
    while (this.#expected > 0 && Date.now() < end);
    for (const [id, session] of this.#sessions)
      if (session.connectionId)
        this.#disconnected(id, session.connectionId);
    if (!wasDraining)
      await this.#server.leave();
  }

  #hear(message) {
    const { type, session_id: id } = message;
    switch (type) {
      case undefined:
        return this.#sessions.get(id)?.receive(message.message);
      case 'client_connected':
        return this.#connected(message);
      case 'client_disconnected':
        return this.#sessions.get(id)?.disconnect(message.connection_id);
      case 'drop':
        return this.#drop(id, message.reason);
      case 'viewer_offer':
        return this.#sessions.get(id)?.viewers.offer(message)
          ?? this.#channel.send({ type: 'viewer_refused', viewer_id: message.viewer_id, reason: 'not_found' });
      case 'viewer_trickle':
        return this.#watchedBy(message.viewer_id)?.viewers.trickle(message.viewer_id, message.sdp_fragment);
      case 'viewer_delete':
        return this.#watchedBy(message.viewer_id)?.viewers.delete(message.viewer_id);
      case 'broadcast_ended':
        return this.#sessions.get(id)?.endBroadcast();
      case 'result':
        return this.#result(message);
    }
  }

  #connected({ session_id: id, connection_id: connectionId, offered = false }) {
    const session = this.#sessions.get(id) ?? this.#make(id);
    const isKnown = session.connectionId === connectionId;
    // Told again after the channel was broken: it goes on as it is, unless the offer was lost on the way.
    if (isKnown && (offered || session.isAnswered))
      return;
    // Its media died with an earlier process of this node, and it takes no second offer: it has to connect anew.
    if (!isKnown && offered)
      return this.#disconnected(id, connectionId);
    console.log(`Session ${id}: a client has connected.`);
    session.connect(connectionId).catch(error => {
      console.error(`Session ${id}: no offer: ${error.stack}`);
      this.#disconnected(id, connectionId);
    });
  }

  /** What a heartbeat says: every session, and who watches the broadcasts. */
  #report() {
    const broadcasts = [...this.#sessions.values()].map(session => session.viewers).filter(viewers => viewers.broadcastId);
    return {
      sessions: [...this.#sessions.keys()],
      ...(broadcasts.length && { viewers: Object.fromEntries(broadcasts.map(viewers => [viewers.broadcastId, viewers.ids])) }),
    };
  }

  #watchedBy(viewerId) {
    return [...this.#sessions.values()].find(session => session.viewers.has(viewerId));
  }

  #make(id) {
    const session = new Session(id, this.#maxViewers, this.#hls, {
      // With the connection's id, so that what comes late reaches no later connection.
      send: (connectionId, message) => this.#channel.send({ session_id: id, connection_id: connectionId, message }),
      tell: message => this.#channel.send(message),
      iceServers: () => this.#server.iceServers(),
      broadcast: hlsUrl => this.#server.broadcast(id, hlsUrl),
      connected: connectionId => this.#channel.send({ type: 'connected', session_id: id, connection_id: connectionId }),
      lost: connectionId => this.#disconnected(id, connectionId),
    });
    this.#sessions.set(id, session);
    return session;
  }

  #disconnected(id, connectionId) {
    this.#channel.send({ type: 'disconnected', session_id: id, connection_id: connectionId, reason: 'lost' });
  }

  #drop(id, reason) {
    const session = this.#sessions.get(id);
    if (!session)
      return;
    console.log(`Session ${id} is over (${reason}).`);
    this.#sessions.delete(id);
    session.end(reason);
  }

  #result({ id, status, body }) {
    if (status !== 200)
      return console.warn(`The server refused ${id}: ${status} ${body?.detail ?? body?.code ?? ''}`);
    if (id !== 'heartbeat')
      return;
    this.#expected = body.expected.length;
    for (const session of body.drop)
      this.#drop(session, 'unknown to the server');
  }
}
