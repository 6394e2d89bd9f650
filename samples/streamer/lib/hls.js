// HLS, for players that know no WebRTC, where ffmpeg is on this machine. A session is encoded only while somebody asks for it,
// whatever their number, and comes some six seconds late.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FRAMES_PER_SECOND } from './camera.js';

const SEGMENT_SECONDS = 1;
const SEGMENTS = 6;
/** Nobody has asked for so long: nobody watches. */
const IDLE_MS = 20_000;
const START_MS = 10_000;
const LOOK_MS = 100;
const PLAYLIST = 'index.m3u8';
const TYPES = { m3u8: 'application/vnd.apple.mpegurl', ts: 'video/mp2t' };

/** One HTTP server for all sessions of the node. */
export class HlsServer {
  #ffmpeg;
  #address;
  #streams = new Map();

  /**
   * @param settings.ffmpeg The program's name or path.
   * @param settings.port 0: any.
   * @param settings.url What viewers' browsers reach it by; without it, it listens to this machine only.
   * @returns {Promise<HlsServer | null>} null: there is no ffmpeg that can do it.
   */
  static async start({ ffmpeg, port, url }) {
    if (!await canEncode(ffmpeg))
      return null;
    const server = new HlsServer();
    server.#ffmpeg = ffmpeg;
    const http = createServer((request, response) => server.#answer(request, response));
    await new Promise((resolve, reject) => http.once('error', reject).listen(port, url ? undefined : '127.0.0.1', resolve));
    process.on('exit', () => server.#streams.forEach(stream => stream.stop()));
    server.#address = url || `http://127.0.0.1:${http.address().port}`;
    return server;
  }

  /** Where a camera's picture can be had from now on: an address that nobody guesses, since a player sends no token with it. */
  open(camera) {
    const key = randomBytes(16).toString('hex');
    const stream = new HlsStream(this.#ffmpeg, camera);
    this.#streams.set(key, stream);
    return {
      url: `${this.#address}/hls/${key}/${PLAYLIST}`,
      close: () => {
        this.#streams.delete(key);
        stream.stop();
      },
    };
  }

  async #answer({ method, url }, response) {
    // The page that plays it is another server's.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cache-control', 'no-cache');
    const [, key, name, type] = /^\/hls\/([0-9a-f]{32})\/((?:index|\d+)\.(m3u8|ts))$/.exec(new URL(url, 'http://hls').pathname) ?? [];
    const stream = this.#streams.get(key);
    if (!stream || method !== 'GET')
      return response.writeHead(404).end();
    try {
      const file = await stream.find(name);
      response.setHeader('content-type', TYPES[type]);
      // Read whole before it is sent: ffmpeg writes a new one meanwhile.
      if (name === PLAYLIST)
        return response.end(await readFile(file));
      createReadStream(file).on('error', () => response.destroy()).pipe(response);
    } catch {
      response.writeHead(404).end();
    }
  }
}

/** One camera's picture as segments in a folder, while somebody asks for them. */
class HlsStream {
  #ffmpeg;
  #camera;
  #folder = null;
  #encoder = null;
  #size = '';
  #idle;

  constructor(ffmpeg, camera) {
    this.#ffmpeg = ffmpeg;
    this.#camera = camera;
  }

  /** @returns {Promise<string>} A file's path. The playlist is there as soon as its first segment is. */
  async find(name) {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), IDLE_MS);
    if (!this.#folder) {
      this.#folder = mkdtempSync(join(tmpdir(), 'hls-'));
      this.#camera.watch(this);
    }
    const file = join(this.#folder, name);
    for (const end = Date.now() + START_MS; name === PLAYLIST && Date.now() < end; await new Promise(resolve => setTimeout(resolve, LOOK_MS)))
      if (await readFile(file).catch(() => null))
        break;
    return file;
  }

  /** A frame of the camera. One that the encoder has no time for is left out: waiting frames would fill the memory. */
  take({ width, height, data }) {
    const size = `${width}x${height}`;
    if (size !== this.#size)
      this.#encode(this.#size = size);
    if (this.#encoder?.stdin.writable && !this.#encoder.stdin.writableNeedDrain)
      this.#encoder.stdin.write(Buffer.from(data.buffer));
  }

  stop() {
    clearTimeout(this.#idle);
    this.#camera.unwatch(this);
    this.#encoder?.kill('SIGKILL');
    if (this.#folder)
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
    this.#folder = this.#encoder = null;
    this.#size = '';
  }

  /** One encoder for one size; the next goes on with the same playlist. */
  #encode(size) {
    const folder = this.#folder;
    this.#encoder?.kill('SIGKILL');
    const encoder = this.#encoder = spawn(this.#ffmpeg, [
      '-loglevel', 'error', '-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', size, '-framerate', `${FRAMES_PER_SECOND}`,
      '-use_wallclock_as_timestamps', '1', '-i', 'pipe:0', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1',
      '-profile:v', 'baseline', '-force_key_frames', `expr:gte(t,n_forced*${SEGMENT_SECONDS})`, '-fps_mode', 'vfr', '-f', 'hls',
      '-hls_time', `${SEGMENT_SECONDS}`, '-hls_list_size', `${SEGMENTS}`, '-hls_start_number_source', 'epoch', '-hls_flags',
      'delete_segments+temp_file+append_list+independent_segments', '-hls_segment_filename', join(folder, '%d.ts'), join(folder, PLAYLIST),
    ], { stdio: ['pipe', 'ignore', 'inherit'] });
    encoder.on('error', error => console.warn(`HLS: ${error.message}`));
    encoder.stdin.on('error', () => {});
  }
}

/** Whether ffmpeg is there, and can encode what every browser plays. */
function canEncode(ffmpeg) {
  return new Promise(resolve => {
    const asked = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', '-encoders'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    asked.stdout.on('data', text => said += text);
    asked.on('error', () => resolve(false)).on('close', () => resolve(/\slibx264\s/.test(said)));
  });
}
