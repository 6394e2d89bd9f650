// A streaming node, from its environment to its end. README.md explains what it says and when.
import { HlsServer } from './lib/hls.js';
import { Node } from './lib/node.js';
import { Server } from './lib/server.js';
import { readSettings } from './lib/settings.js';

// Always this way out: a process that ends by itself after it had a video source crashes in the native library.
const exit = code => process.exit(code);

let settings;
try {
  settings = readSettings(process.env);
} catch (error) {
  console.error(error.message);
  exit(2);
}
const hls = await HlsServer.start(settings.hls).catch(error => {
  console.warn(`No HLS: ${error.message}`);
  return null;
});
const node = new Node(new Server(settings), settings.maxViewers, hls);

let isLeaving = false;
async function leave() {
  if (isLeaving)
    exit(1);
  isLeaving = true;
  console.log(`No new sessions. Leaving when the last one has ended, in ${settings.drainSeconds} s at the latest; once more to leave now.`);
  try {
    await node.leave(settings.drainSeconds);
    exit(0);
  } catch (error) {
    console.error(`Not drained: ${error.message}`);
    exit(1);
  }
}
process.on('SIGTERM', leave);
process.on('SIGINT', leave);

// Started by a program that holds the other end of stdin: when it ends, however it ends, so does this.
if (process.env.EXIT_WITH_STDIN)
  process.stdin.on('end', () => exit(0)).on('error', () => exit(0)).resume();

console.log(`Node ${settings.nodeId} at ${settings.url}`);
node.start(reason => {
  console.error(`The end: ${reason}.`);
  // 2 says, as above: starting it again changes nothing.
  exit(isLeaving ? 0 : 2);
});
