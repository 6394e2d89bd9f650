import assert from 'node:assert/strict';
import test from 'node:test';
import { createCanvas } from '@napi-rs/canvas';
import { Scene, fade, hueOf, wrap } from '../lib/scene.js';

const measure = text => text.length;

function pixels(scene, now) {
  const canvas = createCanvas(64, 36);
  scene.draw(canvas.getContext('2d'), 64, 36, now);
  return canvas.data();
}

test('the same prompt has the same colour, in any case, and another prompt another', () => {
  assert.equal(hueOf('A lake'), hueOf(' a LAKE '));
  assert.notEqual(hueOf('A lake'), hueOf('A storm'));
});

test('colours fade the short way round the circle', () => {
  assert.equal(fade(350, 10, 0.5), 0);
  assert.equal(fade(10, 350, 0.5), 0);
  assert.equal(fade(40, 80, 2), 80);
});

test('a prompt is broken between words, and what does not fit ends in an ellipsis', () => {
  assert.deepEqual(wrap('one two three', 8, 3, measure), ['one two', 'three']);
  assert.deepEqual(wrap('one two three four five', 8, 2, measure), ['one two', 'three f…']);
  assert.deepEqual(wrap('incomprehensibilities', 8, 2, measure), ['incompr…']);
  assert.deepEqual(wrap('', 8, 2, measure), ['']);
});

test('the picture moves, whether a stream runs or not', () => {
  const scene = new Scene();
  assert.notDeepEqual(pixels(scene, 1_000), pixels(scene, 1_100));
  scene.begin({ prompt: 'A lake', streamId: 'id' }, 2_000);
  assert.notDeepEqual(pixels(scene, 5_000), pixels(scene, 5_100));
});

test('a new prompt changes the picture of the same moment', () => {
  const scene = new Scene();
  scene.begin({ prompt: 'A lake', streamId: 'id' }, 0);
  const before = pixels(scene, 60_000);
  scene.change('A storm', 0);
  assert.notDeepEqual(pixels(scene, 60_000), before);
});
