// One peer connection that carries a camera's track: the client that drives a session, or somebody who watches it.
import wrtc from '@roamhq/wrtc';

// An ICE server that does not answer must not keep a viewer waiting.
const GATHER_MS = 2_000;

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

  /** Takes a viewer's offer. The answer has all our candidates in it: there is no way to send them later. */
  async accept(sdp) {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    await new Promise(resolve => {
      const look = () => this.#connection.iceGatheringState === 'complete' && resolve();
      this.#connection.onicegatheringstatechange = look;
      setTimeout(resolve, GATHER_MS);
      look();
    });
    return this.#connection.localDescription.sdp;
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
