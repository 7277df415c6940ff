// The page of GET /docs: shows openapi.json and sends requests to the origin it came from.

const api = await (await fetch("openapi.json")).json();
let token = "";

function make(name, content = [], properties = {}) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...[content].flat());
  return element;
}

function resolve(schema) {
  const name = schema.$ref?.split("/").pop();
  return name ? { ...api.components.schemas[name], ...schema, $ref: undefined } : schema;
}

// A value that shows the form of a body: its required members, or one of those that it must have.
function example(given) {
  const schema = resolve(given);
  if (schema.properties) {
    const wanted = [...(schema.required ?? [])];
    wanted.push(...((schema.anyOf ?? schema.oneOf)?.[0].required ?? []));
    return Object.fromEntries(wanted.map((name) => [name, example(schema.properties[name])]));
  }
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return example(either[0]);
  if (schema.enum) return schema.enum[0];
  return { integer: 0, boolean: false, array: [], object: {} }[schema.type] ?? "";
}

// A schema in a line.
function line(given) {
  const schema = resolve(given);
  const either = schema.anyOf ?? schema.oneOf;
  if (schema.properties) {
    const must = schema.required ?? [];
    const members = Object.entries(schema.properties).map(
      ([name, member]) => `${name}${must.includes(name) ? "" : "?"}: ${line(member)}`,
    );
    return `{${members.join(", ")}}`;
  }
  if (either) return either.map(line).join(" | ");
  if (schema.enum) return schema.enum.map((text) => `"${text}"`).join(" | ");
  return schema.type === "array" ? `[${line(schema.items)}]` : (schema.format ?? schema.type);
}

async function send(method, path, body, type, headers = {}) {
  if (token) {
    const { name } = api.components.securitySchemes.bearer;
    headers[name ?? "authorization"] = `Bearer ${token}`;
  }
  if (body) headers["content-type"] = type;
  return fetch(`.${path}`, { method, headers, body: body || undefined, credentials: "omit" });
}

async function text(answer) {
  const raw = await answer.text();
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}

async function picture(answer) {
  return make("img", [], { src: URL.createObjectURL(await answer.blob()) });
}

function label(name, input) {
  return make("label", [`${name} `, input]);
}

function schemas(content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) =>
    make("div", make("code", schema ? `${type} ${line(schema)}` : type)),
  );
}

function body(content) {
  const types = make("select");
  types.append(...Object.keys(content).map((type) => make("option", type)));
  const area = make("textarea", [], { rows: 6 });
  types.onchange = () => {
    const value = example(content[types.value].schema);
    const isForm = types.value.endsWith("urlencoded");
    area.value = isForm ? new URLSearchParams(value) : JSON.stringify(value, null, 2);
  };
  types.onchange();
  return { types, area };
}

function operation(path, method, described) {
  const verb = method.toUpperCase();
  const element = make("details", [
    make("summary", [make("b", verb), make("code", path), ` ${described.summary}`]),
  ]);
  const tried = make("div");
  const inputs = (described.parameters ?? []).map((parameter) => ({
    ...parameter,
    input: make("input", [], { size: 40 }),
  }));
  tried.append(...inputs.map(({ name, input }) => label(name, input)));
  const content = described.requestBody?.content;
  const sent = content && body(content);
  if (sent) {
    tried.append(...schemas(content), label("body", sent.types), sent.area);
  }
  const output = make("div");
  const button = make("button", "Send");
  button.onclick = async () => {
    const headers = {};
    let target = path;
    for (const { name, in: place, input } of inputs) {
      if (place === "path") target = target.replace(`{${name}}`, encodeURIComponent(input.value));
      else if (input.value) headers[name] = input.value;
    }
    const answer = await send(verb, target, sent?.area.value, sent?.types.value, headers);
    const isPicture = answer.headers.get("content-type")?.startsWith("image/");
    const shown = isPicture ? await picture(answer) : make("pre", await text(answer));
    output.replaceChildren(make("p", `${answer.status}`), shown);
  };
  const rows = Object.entries(described.responses).map(([status, answer]) =>
    make("tr", [make("td", status), make("td", [answer.description, ...schemas(answer.content)])]),
  );
  element.append(tried, button, output, make("table", rows));
  return element;
}

// The password flow, and the code of a challenge where it asks for one.
function authorization() {
  const flow = api.components.securitySchemes.password?.flows.password;
  const state = make("output");
  if (!flow) {
    const input = make("input", [], { size: 60 });
    input.oninput = () => {
      token = input.value.trim();
    };
    return label("access token", input);
  }
  const login = new URL(flow.tokenUrl).pathname;
  const name = make("input", [], { autocomplete: "username" });
  const password = make("input", [], { type: "password", autocomplete: "current-password" });
  const otp = make("input", [], { size: 8, autocomplete: "one-time-code" });
  const authorize = async (event) => {
    event.preventDefault();
    token = "";
    const form = { grant_type: "password", username: name.value, password: password.value };
    if (otp.value) form.otp = otp.value;
    const type = "application/x-www-form-urlencoded";
    const answer = await send("POST", login, `${new URLSearchParams(form)}`, type);
    const told = await answer.json();
    token = told.access_token ?? "";
    password.value = token ? "" : password.value;
    const asked = told.challenge ? "a code is needed" : told.detail;
    state.value = token ? ` signed in for ${told.expires_in} s` : ` ${asked}`;
  };
  const inputs = [label("name", name), label("password", password), label("code", otp)];
  // A form, so that a password manager knows what it sees and Enter sends it.
  return make("form", [...inputs, make("button", "Authorize"), state], { onsubmit: authorize });
}

document.body.append(
  make("h1", `${api.info.title} ${api.info.version}`),
  make("p", make("a", "openapi.json", { href: "openapi.json" })),
  authorization(),
  ...Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operation(path, method, described)),
  ),
);
