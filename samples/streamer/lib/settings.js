// What the environment says. Everything else is fixed, as this is an example.

export function readSettings(environment) {
  const text = (name, otherwise) => {
    const value = environment[name] || otherwise;
    if (value === undefined)
      throw new Error(`${name} is missing. README.md says what it is.`);
    return value;
  };
  const count = (name, otherwise) => {
    const value = Number(text(name, otherwise));
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`${name} must be a whole number.`);
    return value;
  };
  return {
    url: text('SERVER_URL', 'http://127.0.0.1:5080').replace(/\/+$/, ''),
    key: text('NODE_KEY'),
    nodeId: text('NODE_ID', 'sample-streamer'),
    drainSeconds: count('DRAIN_SECONDS', 600),
    maxViewers: count('MAX_VIEWERS', 10),
    hls: { ffmpeg: text('FFMPEG', 'ffmpeg'), port: count('HLS_PORT', 0), url: text('HLS_URL', '').replace(/\/+$/, '') },
    /** What the server hears of this node when it registers. */
    registration: {
      region: text('REGION', 'local'),
      model: text('MODEL', 'lake'),
      capacity: count('CAPACITY', 4),
      capabilities: { image_to_video: true },
    },
  };
}
