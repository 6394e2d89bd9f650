// The picture of one stream: a lake between mountains whose colours come from the prompt, and over it what the stream is.
// A real node puts its model here. All this file knows is how to draw one moment onto a canvas.

const FADE_MS = 1_200;
const FONT = 'system-ui, "DejaVu Sans", "Segoe UI", Helvetica, Arial, sans-serif';
const MONO = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';

/** A hue for a prompt, from blue over violet to orange (skies are not green): the same words always look the same. */
export function hueOf(prompt) {
  let hash = 2166136261;
  for (const character of prompt.trim().toLowerCase())
    hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  return (240 + hash % 150) % 360;
}

/** From one hue to another the short way round, `part` of the way (0 to 1). */
export function fade(from, to, part) {
  const turn = ((to - from + 540) % 360) - 180;
  return (from + turn * Math.min(1, Math.max(0, part)) + 360) % 360;
}

/** Words into lines no wider than `width`, at most `most` of them; the last one ends in an ellipsis where more would follow. */
export function wrap(text, width, most, measure) {
  const lines = [''];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.length - 1;
    const longer = lines[last] ? `${lines[last]} ${word}` : word;
    if (measure(longer) <= width)
      lines[last] = longer;
    else if (lines.length < most && lines[last])
      lines.push(word);
    else {
      lines[last] = longer;
      while (lines[last] && measure(`${lines[last]}…`) > width)
        lines[last] = lines[last].slice(0, -1).trimEnd();
      lines[last] += '…';
      break;
    }
  }
  return lines;
}

export class Scene {
  #prompt = '';
  #streamId = '';
  #image = null;
  #hue = { from: 205, to: 205, since: 0 };

  /** A stream begins: from now on the picture is this prompt's. */
  begin({ prompt, streamId, image = null }, now) {
    this.#streamId = streamId;
    this.#image = image;
    this.change(prompt, now);
  }

  change(prompt, now) {
    this.#prompt = prompt;
    this.#hue = { from: this.#hueAt(now), to: hueOf(prompt), since: now };
  }

  /** No stream: the picture goes on, as viewers that join need frames to begin with, and says so. */
  end() {
    this.#prompt = this.#streamId = '';
    this.#image = null;
  }

  /** @param now Milliseconds since 1970: the clock on the picture, and what moves it. */
  draw(context, width, height, now) {
    const hue = this.#hueAt(now);
    const seconds = now / 1_000;
    if (this.#image)
      drawImage(context, width, height, this.#image, seconds);
    else
      drawLake(context, width, height, hue, seconds, this.#streamId ? 1 : 0.35);
    this.#drawWords(context, width, height, now);
  }

  #hueAt(now) {
    return fade(this.#hue.from, this.#hue.to, (now - this.#hue.since) / FADE_MS);
  }

  #drawWords(context, width, height, now) {
    const edge = 22;
    const shade = context.createLinearGradient(0, height - 150, 0, height);
    shade.addColorStop(0, 'rgb(0 0 0 / 0)');
    shade.addColorStop(1, 'rgb(0 0 0 / 0.62)');
    context.fillStyle = shade;
    context.fillRect(0, height - 150, width, 150);

    context.textBaseline = 'alphabetic';
    context.fillStyle = 'rgb(255 255 255 / 0.96)';
    context.font = `600 22px ${FONT}`;
    const title = this.#streamId ? this.#prompt || 'No prompt' : 'Connected. Start a stream to see it here.';
    const lines = wrap(title, width - 2 * edge, 3, text => context.measureText(text).width);
    const bottom = height - edge - 20;
    lines.forEach((line, index) => context.fillText(line, edge, bottom - (lines.length - 1 - index) * 28));

    context.fillStyle = 'rgb(255 255 255 / 0.78)';
    context.font = `13px ${MONO}`;
    context.fillText(this.#streamId || 'no stream', edge, height - edge + 2);
    const clock = new Date(now).toISOString().slice(11, 21) + ' UTC';
    context.fillText(clock, width - edge - context.measureText(clock).width, edge + 12);
  }
}

function drawLake(context, width, height, hue, seconds, life) {
  const shore = height * 0.68;
  const colour = (turn, saturation, lightness, alpha = 1) =>
    `hsl(${(hue + turn + 360) % 360} ${saturation * life}% ${lightness}% / ${alpha})`;

  const sky = context.createLinearGradient(0, 0, 0, shore);
  sky.addColorStop(0, colour(0, 55, 22));
  sky.addColorStop(0.65, colour(-30, 60, 48));
  sky.addColorStop(1, colour(-55, 85, 72));
  context.fillStyle = sky;
  context.fillRect(0, 0, width, shore);

  const sun = { x: width * (0.5 + 0.28 * Math.sin(seconds / 9)), y: shore * (0.62 + 0.1 * Math.cos(seconds / 7)), r: height * 0.34 };
  const glow = context.createRadialGradient(sun.x, sun.y, 0, sun.x, sun.y, sun.r);
  glow.addColorStop(0, colour(-60, 100, 96));
  glow.addColorStop(0.2, colour(-60, 100, 88, 0.95));
  glow.addColorStop(0.24, colour(-60, 100, 80, 0.35));
  glow.addColorStop(1, colour(-60, 100, 75, 0));
  context.fillStyle = glow;
  context.fillRect(sun.x - sun.r, sun.y - sun.r, 2 * sun.r, 2 * sun.r);

  const water = context.createLinearGradient(0, shore, 0, height);
  water.addColorStop(0, colour(-50, 60, 58));
  water.addColorStop(1, colour(5, 60, 16));
  context.fillStyle = water;
  context.fillRect(0, shore, width, height - shore);

  for (const [layer, lightness] of [36, 26, 16].entries()) {
    const drift = seconds * (8 + 12 * layer);
    const top = shore - height * (0.2 - 0.05 * layer);
    context.fillStyle = colour(8 * layer, 42, lightness);
    context.beginPath();
    context.moveTo(0, shore);
    for (let x = 0; x <= width + 12; x += 12) {
      const far = (x + drift) / (130 - 25 * layer);
      context.lineTo(x, Math.min(shore, top - height * 0.07 * (Math.sin(far) + 0.5 * Math.sin(far * 2.3 + layer) + 0.25 * Math.sin(far * 5.1))));
    }
    context.lineTo(width, shore);
    context.fill();
  }

  // The sun's path on the water.
  context.fillStyle = colour(-60, 100, 86, 0.5);
  for (let line = 0; line < 14; line++) {
    const depth = (line + 0.5) / 14;
    const length = width * (0.05 + 0.16 * depth) * (0.65 + 0.35 * Math.sin(seconds * 2.2 + line * 1.7));
    const sway = 14 * depth * Math.sin(seconds * 1.3 + line);
    context.fillRect(sun.x - length / 2 + sway, shore + 4 + (height - shore) * depth * 0.9, length, 1 + 2 * depth);
  }
}

/** The uploaded image fills the picture and is slowly walked through. */
function drawImage(context, width, height, image, seconds) {
  const scale = Math.max(width / image.width, height / image.height) * (1.1 + 0.08 * Math.sin(seconds / 3));
  const [w, h] = [image.width * scale, image.height * scale];
  const [x, y] = [0.5 + 0.5 * Math.sin(seconds / 5), 0.5 + 0.5 * Math.cos(seconds / 6)];
  context.drawImage(image, (width - w) * x, (height - h) * y, w, h);
}
