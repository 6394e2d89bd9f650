// One peer connection that carries a camera's track: the client that drives a session, or somebody who watches it.
import wrtc from '@roamhq/wrtc';

export class Peer {
  #connection;
  #tail = Promise.resolve();

  /**
   * @param hooks.candidate Called with each ICE candidate of ours, `{candidate, sdpMid, sdpMLineIndex}`.
   * @param hooks.state Called with `connected`, `disconnected`, `failed`.
   */
  constructor(iceServers, camera, hooks) {
    this.#connection = new wrtc.RTCPeerConnection({ iceServers });
    this.#connection.addTrack(camera.track, camera.stream);
    this.#connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate)
        hooks.candidate?.({ candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex });
    };
    this.#connection.onconnectionstatechange = () => hooks.state?.(this.#connection.connectionState);
  }

  /** Before the offer: what is added later would need a second one, and clients take one only. */
  channel(label) {
    return this.#connection.createDataChannel(label);
  }

  /** @param send Sends the offer. It is gone before the first candidate is: a client drops candidates before an offer. */
  async offer(send) {
    const offer = await this.#connection.createOffer();
    send(offer.sdp);
    // Gathering candidates begins here.
    await this.#connection.setLocalDescription(offer);
  }

  /** In the order they come, though each of them takes its time. What is wrong with one of them harms that one only. */
  answer(sdp) {
    return this.#inTurn(() => this.#connection.setRemoteDescription({ type: 'answer', sdp }));
  }

  candidate({ candidate, sdpMid, sdpMLineIndex }) {
    return this.#inTurn(() => candidate && this.#connection.addIceCandidate({ candidate, sdpMid, sdpMLineIndex }));
  }

  close() {
    this.#connection.onicecandidate = this.#connection.onconnectionstatechange = null;
    this.#connection.close();
  }

  #inTurn(step) {
    return this.#tail = this.#tail.then(step).catch(error => console.warn(`A client's ${error.message}`));
  }
}
