// Turns a scene into a video track. One camera a session, however many watch: each peer connection that carries the track
// encodes it for itself.
import { createCanvas } from '@napi-rs/canvas';
import wrtc from '@roamhq/wrtc';

const { RTCVideoSource, rgbaToI420 } = wrtc.nonstandard;

// A viewer that joins late needs ten frames a second or more to see its first one soon.
export const FRAMES_PER_SECOND = 15;
const LONG = 640;
const SHORT = 360;

export class Camera {
  #scene;
  #isWatched;
  #source = new RTCVideoSource();
  #canvas = createCanvas(LONG, SHORT);
  #timer;
  #others = new Set();

  /** @param isWatched Whether there is anybody to draw for. */
  constructor(scene, isWatched) {
    this.#scene = scene;
    this.#isWatched = isWatched;
    this.track = this.#source.createTrack();
    // Clients take the picture from a stream: a track outside of one would never reach them.
    this.stream = new wrtc.MediaStream();
    this.stream.addTrack(this.track);
    // It never pauses while somebody watches, even where nothing changes.
    this.#timer = setInterval(() => this.#shoot(), 1_000 / FRAMES_PER_SECOND);
  }

  turn(portrait) {
    [this.#canvas.width, this.#canvas.height] = portrait ? [SHORT, LONG] : [LONG, SHORT];
  }

  /** @param other Gets each frame as well, `{width, height, data}` in I420, by its `take`. */
  watch(other) {
    this.#others.add(other);
  }

  unwatch(other) {
    this.#others.delete(other);
  }

  stop() {
    clearInterval(this.#timer);
    this.track.stop();
  }

  #shoot() {
    if (!this.#isWatched() && !this.#others.size)
      return;
    const { width, height } = this.#canvas;
    this.#scene.draw(this.#canvas.getContext('2d'), width, height, Date.now());
    const rgba = { width, height, data: this.#canvas.data() };
    const i420 = { width, height, data: new Uint8ClampedArray(width * height * 1.5) };
    rgbaToI420(rgba, i420);
    this.#source.onFrame(i420);
    for (const other of this.#others)
      other.take(i420);
  }
}
