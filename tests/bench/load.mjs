// Sends requests over eight connections that stay open; says what they cost the server's process.

import { readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";

export const CONNECTIONS = 8;
// A round of a variant takes so much CPU time at least.
const LEAST_NS = 250e6;

/** The CPU time of all threads of a process, in nanoseconds. */
export function cpu(process) {
  const threads = readdirSync(`/proc/${process}/task`);
  const spent = (thread) => readFileSync(`/proc/${process}/task/${thread}/schedstat`, "utf8");
  return threads.reduce((sum, thread) => sum + Number(spent(thread).split(" ")[0]), 0);
}

/** One request to its end, on a connection of its own or an agent's; a refusal is an error. */
export function send(url, asked = {}, agent = false) {
  const { method = "GET", path = "/", headers = {}, body } = asked;
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, url), { method, headers, agent }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const { statusCode } = answer;
        if (statusCode < 300) resolve(text);
        else reject(new Error(`${method} ${path} answers ${statusCode}: ${text}`));
      });
    });
    outgoing.on("error", (error) => {
      // The server ended the connection between two requests, as it may (RFC 9112 §9.3.1).
      if (outgoing.reusedSocket && error.code === "ECONNRESET") resolve(send(url, asked, agent));
      else reject(error);
    });
    outgoing.end(body);
  });
}

/**
 * Sends so many requests to a variant: `{url, process, ask, took}`, where `ask` makes the request of a
 * connection and `took`, if it is there, reads its answer. The CPU time of one, in nanoseconds.
 */
export async function load({ url, process, ask, took }, times) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let left = times;
  const connection = async (number) => {
    while (left-- > 0) {
      const text = await send(url, ask(number), agent);
      took?.(number, text);
    }
  };
  const before = cpu(process);
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => connection(number)));
  const spent = cpu(process) - before;
  agent.destroy();
  return spent / times;
}

/** The CPU time of one request of each variant, in turn, by variant and round: nanoseconds. */
export async function inTurn(variants, rounds) {
  const least = rounds > 1 ? LEAST_NS : 1e6;
  const times = {};
  for (const [name, variant] of Object.entries(variants)) {
    // Warms up: a hash takes a thousand times as long as the other tasks.
    let [count, spent] = [CONNECTIONS, await load(variant, CONNECTIONS)];
    while (rounds > 1 && spent < 5e6 && count < 1024) {
      count *= 4;
      spent = await load(variant, count);
    }
    times[name] = Math.max(CONNECTIONS, Math.ceil(least / spent));
  }
  const names = Object.keys(variants);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const begin = round % names.length;
    for (const name of [...names.slice(begin), ...names.slice(0, begin)]) {
      taken[name].push(await load(variants[name], times[name]));
    }
  }
  return taken;
}
