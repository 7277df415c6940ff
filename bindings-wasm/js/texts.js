// Long texts to and from the module: written and read in its memory, not letter by letter.

import { kept, room } from "../pkg/authcore.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// Room for a token. What a longer text takes is not kept.
const USUAL = 24_576;

let memory;
let Buffer;
let input = new Uint8Array(0);
let output = input;

/** Gives the module's memory, and Buffer where the runtime has it: it reads quicker. */
export function attach(ofModule, found) {
  memory = ofModule;
  Buffer = found;
}

/** Writes a text; its length in bytes. */
export function write(text) {
  // A character of UTF-16 has at most three bytes of UTF-8.
  const most = text.length * 3;
  // Growing the memory leaves the old views empty.
  if (input.buffer !== memory.buffer || most > input.length || input.length > USUAL) {
    const length = Math.max(most, USUAL);
    const start = room(length) >>> 0;
    input = new Uint8Array(memory.buffer, start, length);
  }
  return encoder.encodeInto(text, input).written;
}

/** Reads the text of so many bytes that the module keeps. */
export function read(length) {
  const start = kept() >>> 0;
  if (output.buffer !== memory.buffer) {
    output = Buffer ? Buffer.from(memory.buffer) : new Uint8Array(memory.buffer);
  }
  return Buffer
    ? output.utf8Slice(start, start + length)
    : decoder.decode(output.subarray(start, start + length));
}
