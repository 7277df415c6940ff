// Opens /docs in Chromium, signs in by its form and tries GET /v1/me, as a person does.
//
// Standard input: {"chromium": its path, "origin": of the page, "address": where that is served,
// "username", "password"} as JSON; standard output: what was to be seen.

import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const given = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({
  executablePath: given.chromium,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    // The page has the origin of the settings, wherever this host listens.
    `--host-resolver-rules=MAP ${new URL(given.origin).host} ${given.address}`,
  ],
});

const page = await browser.newPage();
// A policy that is violated is an error of the console, too.
const complaints = [];
page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
page.on("pageerror", (error) => complaints.push(`error: ${error}`));
const origins = new Set();
page.on("request", (request) => origins.add(new URL(request.url()).origin));
await page.goto(`${given.origin}/docs`);

const operations = page.locator("details");
await operations.first().waitFor();
const listed = await operations.evaluateAll((elements) =>
  elements.map((element) =>
    ["b", "code"].map((name) => element.querySelector(`summary ${name}`).textContent).join(" "),
  ),
);

async function send() {
  const shown = operations.filter({ has: page.locator("summary", { hasText: "GET/v1/me " }) });
  if ((await shown.getAttribute("open")) === null) await shown.locator("summary").click();
  const answered = page.waitForResponse(`${given.origin}/v1/me`);
  await shown.getByRole("button", { name: "Send" }).click();
  await (await answered).finished();
  const status = await shown.locator("p").textContent();
  return { status, body: await shown.locator("pre").textContent() };
}

const asStranger = await send();
await page.getByLabel("name", { exact: true }).fill(given.username);
await page.getByLabel("password", { exact: true }).fill(given.password);
const signedIn = page.waitForResponse(`${given.origin}/v1/login`);
await page.getByRole("button", { name: "Authorize" }).click();
const login = (await signedIn).request();
await page.locator("output", { hasText: "signed in" }).waitFor();

console.log(
  JSON.stringify({
    complaints,
    origins: [...origins],
    operations: listed,
    asStranger,
    form: { type: await login.headerValue("content-type"), sent: login.postData() },
    signedIn: await send(),
  }),
);
await browser.close();
